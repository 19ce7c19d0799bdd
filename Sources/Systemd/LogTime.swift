internal import Glibc

/// A moment as log lines show it: `2026-11-22T04:20:05.123Z`.
struct LogTime: CustomStringConvertible {
    /// Since 1970-01-01T00:00:00Z.
    let seconds: Int
    let milliseconds: Int

    static func now() -> LogTime {
        var time = timespec()
        // Sound: the kernel fills the one timespec it is given. CLOCK_REALTIME cannot fail.
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return LogTime(seconds: time.tv_sec, milliseconds: time.tv_nsec / 1_000_000)
    }

    var description: String {
        var seconds = self.seconds
        // Sound: the C library reads the one integer and fills the one structure, of which only integers are used. It
        // fails for years beyond 2³¹ alone.
        var fields = unsafe tm()
        guard unsafe gmtime_r(&seconds, &fields) != nil else { return "@\(self.seconds)" }
        let date = unsafe [Int(fields.tm_year) + 1900, Int(fields.tm_mon) + 1, Int(fields.tm_mday)]
        let time = unsafe [Int(fields.tm_hour), Int(fields.tm_min), Int(fields.tm_sec)]
        return date.map { Self.padded($0, 2) }.joined(separator: "-") + "T"
            + time.map { Self.padded($0, 2) }.joined(separator: ":") + "." + Self.padded(self.milliseconds, 3) + "Z"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
