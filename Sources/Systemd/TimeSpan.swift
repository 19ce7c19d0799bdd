/// systemd's time spans (systemd.time(7)): `400ms`, `5s`, `1min 30s`, `2.5h`; a number without a unit is seconds.
package enum TimeSpan {
    /// Units and their length in microseconds, the resolution that systemd has.
    private static let units: [(names: [String], microseconds: Int)] = [
        (["y", "year", "years"], 31_557_600_000_000),
        (["M", "month", "months"], 2_629_800_000_000),
        (["w", "week", "weeks"], 604_800_000_000),
        (["d", "day", "days"], 86_400_000_000),
        (["h", "hr", "hour", "hours"], 3_600_000_000),
        (["min", "m", "minute", "minutes"], 60_000_000),
        (["s", "sec", "second", "seconds"], 1_000_000),
        (["ms", "msec"], 1_000),
        (["us", "usec", "\u{B5}s", "\u{3BC}s"], 1),
    ]

    /// The time span that the text is, or nil; there is no negative one and no infinity.
    ///
    /// Digits behind the point that are finer than a microsecond are cut off, as systemd does.
    package static func parse(_ text: String) -> Duration? {
        var rest = text.utf8[...]
        var total = 0
        var hasParts = false
        while true {
            rest = rest.drop(while: isBlank)
            guard !rest.isEmpty else { break }
            guard let part = part(&rest) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow else { return nil }
            total = sum
            hasParts = true
        }
        return hasParts ? .microseconds(total) : nil
    }

    /// The span as text that ``parse(_:)`` reads again, in the largest units that fit: `1min 30s`.
    ///
    /// Anything finer than a microsecond is cut off; years and months, which are averages, are not used.
    package static func text(of span: Duration) -> String {
        var rest = Int(span.components.seconds) * 1_000_000 + Int(span.components.attoseconds / 1_000_000_000_000)
        guard rest > 0 else { return "0" }
        var parts: [String] = []
        for (names, length) in units.dropFirst(2) where rest >= length {
            parts.append("\(rest / length)\(names[0])")
            rest %= length
        }
        return parts.joined(separator: " ")
    }

    /// Reads one number and its unit, in microseconds.
    private static func part(_ rest: inout Substring.UTF8View) -> Int? {
        let whole = digits(&rest)
        var fraction = rest.prefix(0)
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = digits(&rest)
            guard !fraction.isEmpty else { return nil }
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        rest = rest.drop(while: isBlank)
        let name = rest.prefix { !isBlank($0) && !isDigit($0) && $0 != UInt8(ascii: ".") }
        rest = rest.dropFirst(name.count)
        let unitName = name.isEmpty ? "s" : String(Substring(name))
        guard let unit = units.first(where: { $0.names.contains(unitName) }),
            let count = whole.isEmpty ? 0 : Int(Substring(whole))
        else { return nil }
        let (length, overflow) = count.multipliedReportingOverflow(by: unit.microseconds)
        guard !overflow else { return nil }
        let (sum, sumOverflow) = length.addingReportingOverflow(
            microseconds(ofFraction: fraction, unit: unit.microseconds)
        )
        return sumOverflow ? nil : sum
    }

    private static func microseconds(ofFraction digits: Substring.UTF8View, unit: Int) -> Int {
        var scale = unit
        var sum = 0
        for digit in digits where scale > 0 {
            // Digit by digit, so that no product can overflow; what falls below a microsecond is cut off.
            sum += Int(digit - UInt8(ascii: "0")) * scale / 10
            scale /= 10
        }
        return sum
    }

    private static func digits(_ rest: inout Substring.UTF8View) -> Substring.UTF8View {
        let digits = rest.prefix(while: isDigit)
        rest = rest.dropFirst(digits.count)
        return digits
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }
}
