// Both, as either can be the owner of the C types, depending on what the compiler loads first.
internal import CSystemd
internal import Glibc

/// A moment on the wall clock (CLOCK_REALTIME), in microseconds as the journal counts them.
package struct WallTime: Hashable, Comparable, Sendable {
    /// Since 1970-01-01T00:00:00Z.
    package let microseconds: Int64

    /// A moment so many microseconds after 1970-01-01T00:00:00Z.
    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// This moment.
    package static func now() -> WallTime {
        WallTime(microseconds: SystemClock.nanoseconds(CLOCK_REALTIME) / 1000)
    }

    package static func < (one: WallTime, other: WallTime) -> Bool { one.microseconds < other.microseconds }

    /// RFC 3339, in UTC: `2026-11-22T04:20:05.123Z`.
    ///
    /// - Parameter decimals: how many digits of the second's fraction, up to 6; the others are cut off.
    package func utcText(decimals: Int) -> String {
        guard let fields = CalendarFields(seconds: self.seconds, zone: .utc) else { return "@\(self.seconds)" }
        return fields.dateText + "T" + fields.timeText + self.fractionText(decimals) + "Z"
    }

    /// In the machine's time zone: `2026-11-22 05:20:05`, as systemd.time(7) reads it again.
    package var localText: String {
        guard let fields = CalendarFields(seconds: self.seconds, zone: .local) else { return "@\(self.seconds)" }
        return fields.dateText + " " + fields.timeText
    }

    /// Whole seconds, rounded down.
    var seconds: Int {
        let (quotient, remainder) = self.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return Int(remainder < 0 ? quotient - 1 : quotient)
    }

    private func fractionText(_ decimals: Int) -> String {
        guard decimals > 0 else { return "" }
        let fraction = self.microseconds - Int64(self.seconds) * 1_000_000
        return "." + CalendarFields.padded(Int(fraction), 6).prefix(decimals)
    }
}

/// A moment as a calendar and a clock on the wall show it.
struct CalendarFields: Hashable {
    /// The two zones that the C library knows without being told.
    enum Zone: Hashable {
        case utc
        /// The machine's, or that of `$TZ`.
        case local
    }

    var year: Int
    /// 1 to 12.
    var month: Int
    /// 1 to 31.
    var day: Int
    var hour = 0
    var minute = 0
    /// Up to 60, for a leap second.
    var second = 0
    /// 0 for Sunday; not looked at when the moment is computed.
    var weekday = 0

    init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// nil for years beyond 2³¹ alone.
    init?(seconds: Int, zone: Zone) {
        var seconds = seconds
        // Sound: the C library reads the one integer and fills the one structure, of which only integers are used.
        var fields = unsafe tm()
        let isDone =
            switch zone {
            case .utc: unsafe gmtime_r(&seconds, &fields) != nil
            case .local: unsafe localtime_r(&seconds, &fields) != nil
            }
        guard isDone else { return nil }
        self.init(
            year: unsafe Int(fields.tm_year) + 1900,
            month: unsafe Int(fields.tm_mon) + 1,
            day: unsafe Int(fields.tm_mday)
        )
        self.hour = unsafe Int(fields.tm_hour)
        self.minute = unsafe Int(fields.tm_min)
        self.second = unsafe Int(fields.tm_sec)
        self.weekday = unsafe Int(fields.tm_wday)
    }

    /// Seconds since 1970-01-01T00:00:00Z. Days beyond the month's are those of its neighbours; an hour that a change of
    /// the clocks leaves out is the next one.
    func seconds(in zone: Zone) -> Int {
        // Sound: the C library reads and normalises the one structure.
        var fields = unsafe tm()
        unsafe fields.tm_year = CInt(truncatingIfNeeded: self.year - 1900)
        unsafe fields.tm_mon = CInt(truncatingIfNeeded: self.month - 1)
        unsafe fields.tm_mday = CInt(truncatingIfNeeded: self.day)
        unsafe fields.tm_hour = CInt(truncatingIfNeeded: self.hour)
        unsafe fields.tm_min = CInt(truncatingIfNeeded: self.minute)
        unsafe fields.tm_sec = CInt(truncatingIfNeeded: self.second)
        // Whether it is summer is for the C library to find out.
        unsafe fields.tm_isdst = -1
        return switch zone {
        case .utc: unsafe timegm(&fields)
        case .local: unsafe mktime(&fields)
        }
    }

    /// `2026-11-22`
    var dateText: String {
        [self.year, self.month, self.day].map { Self.padded($0, 2) }.joined(separator: "-")
    }

    /// `04:20:05`
    var timeText: String {
        [self.hour, self.minute, self.second].map { Self.padded($0, 2) }.joined(separator: ":")
    }

    static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
