/// Times and amounts as people read them.
enum HumanUnits {
    /// `2 d 3 h`, `1 h 5 min`, `59 min 3 s`, `12 s`.
    static func duration(seconds: Int) -> String {
        let units: [(Int, String)] = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")]
        guard let first = units.firstIndex(where: { seconds >= $0.0 }) else { return "\(seconds) s" }
        let (size, name) = units[first]
        let rest = seconds % size
        guard first + 1 < units.count, rest >= units[first + 1].0 else { return "\(seconds / size) \(name)" }
        return "\(seconds / size) \(name) \(rest / units[first + 1].0) \(units[first + 1].1)"
    }

    /// A time to wait, rounded up to seconds where it has some.
    static func wait(milliseconds: Int) -> String {
        milliseconds < 1000 ? "\(milliseconds) ms" : duration(seconds: (milliseconds + 999) / 1000)
    }

    /// A number of microseconds as milliseconds with two decimals, without the help of a locale.
    static func milliseconds(microseconds: Int) -> String {
        let hundredths = (microseconds + 5) / 10
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) ms"
    }
}
