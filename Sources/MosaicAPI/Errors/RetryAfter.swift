/// Reads `Retry-After` (RFC 9110, section 10.2.3): a number of seconds, or a date in one of the three HTTP forms.
///
/// The standard's seconds are whole; servers also write decimals, such as `12.7`. A date is the server's, so it is
/// compared with the server's clock, which the `Date` field of the same answer tells.
enum RetryAfter {
    /// The longest wait that is honoured; longer ones are cut to it.
    static let cap = Duration.seconds(60)

    /// The time to wait, from zero to the cap, or `nil` when the field cannot be read.
    ///
    /// - Parameters:
    ///   - field: `Retry-After`, as received.
    ///   - date: `Date` of the same answer, as received.
    ///   - wallClock: Seconds since 1970 at which the answer was received, for one without a `Date` that can be read.
    static func duration(_ field: String, date: String? = nil, wallClock: Int64) -> Duration? {
        if let seconds = seconds(field) { return seconds }
        guard let end = HTTPDate.secondsSince1970(field) else { return nil }
        let now = date.flatMap { HTTPDate.secondsSince1970($0) } ?? wallClock
        return min(max(.seconds(end) - .seconds(now), .zero), cap)
    }

    /// Digits, and perhaps a point and further digits, of which milliseconds count, rounded up.
    private static func seconds(_ field: String) -> Duration? {
        var text = field.utf8.drop { $0 == 0x20 || $0 == 0x09 }
        while text.last == 0x20 || text.last == 0x09 { text.removeLast() }
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isASCIIDigit) }) else {
            return nil
        }
        // A number too large for Int64 is certainly over the cap.
        guard let whole = Int64(String(decoding: parts[0], as: UTF8.self)), whole < cap.components.seconds else {
            return cap
        }
        guard parts.count == 2 else { return .seconds(whole) }
        var thousandths: Int64 = 0
        for index in 0..<3 {
            let digit = parts[1].dropFirst(index).first.map { Int64($0 - UInt8(ascii: "0")) } ?? 0
            thousandths = thousandths * 10 + digit
        }
        if parts[1].dropFirst(3).contains(where: { $0 != UInt8(ascii: "0") }) { thousandths += 1 }
        return min(.seconds(whole) + .milliseconds(thousandths), cap)
    }
}

/// Reads dates in the three forms of RFC 9110, section 5.6.7.
enum HTTPDate {
    /// Seconds since 1970, or `nil` when the text is no HTTP date.
    ///
    /// The day of the week is not checked. A two-digit year is in the century that RFC 9110's rule gives around
    /// today: 70 to 99 are 19xx, the others 20xx.
    static func secondsSince1970(_ text: String) -> Int64? {
        guard text.utf8.count <= 64 else { return nil }
        let parts = text.utf8.split {
            $0 == 0x20 || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ":")
        }
        .map { String(decoding: $0, as: UTF8.self) }
        switch parts.count {
        case 8 where parts[7] == "GMT":
            return seconds(day: parts[1], month: parts[2], year: parts[3], clock: parts[4...6])
        case 7:
            return seconds(day: parts[2], month: parts[1], year: parts[6], clock: parts[3...5])
        default:
            return nil
        }
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func seconds(day: String, month: String, year: String, clock: ArraySlice<String>) -> Int64? {
        let clock = clock.compactMap { number($0, in: 0...60) }
        guard clock.count == 3, clock[0] < 24, clock[1] < 60,
            let day = number(day, in: 1...31),
            let month = months.firstIndex(of: month),
            var year = number(year, in: 0...9999)
        else { return nil }
        if year < 100 { year += year < 70 ? 2000 : 1900 }
        return daysSince1970(year: year, month: Int64(month) + 1, day: day) * 86_400
            + clock[0] * 3_600 + clock[1] * 60 + clock[2]
    }

    private static func number(_ text: String, in range: ClosedRange<Int64>) -> Int64? {
        guard text.utf8.allSatisfy(\.isASCIIDigit), let number = Int64(text), range.contains(number) else { return nil }
        return number
    }

    /// Days in the proleptic Gregorian calendar, counted in years that begin on 1 March so that the leap day is last.
    private static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shiftedYear = month > 2 ? year : year - 1
        let shiftedMonth = (month + 9) % 12
        let leapDays = shiftedYear / 4 - shiftedYear / 100 + shiftedYear / 400
        // 153 days in each five months from March on; 719,468 days from 1 March of the year 0 to 1 January 1970.
        return shiftedYear * 365 + leapDays + (153 * shiftedMonth + 2) / 5 + day - 1 - 719_468
    }
}
