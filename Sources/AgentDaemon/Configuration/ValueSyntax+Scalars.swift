import ConfigurationFiles
import Systemd

extension ValueSyntax where Value == Bool {
    /// systemd's booleans.
    static let boolean = ValueSyntax(
        allowed: "yes or no (also true, false, on, off, 1, 0)",
        parser: { text throws(BadValue) in
            switch text.asciiLowercased {
            case "yes", "true", "on", "1", "y", "t": return true
            case "no", "false", "off", "0", "n", "f": return false
            default: throw BadValue(quoting: text, "is not a boolean")
            }
        },
        writer: { $0 ? "yes" : "no" }
    )
}

extension ValueSyntax where Value == Int {
    /// A decimal number in a range.
    static func integer(_ range: ClosedRange<Int>) -> Self {
        ValueSyntax(
            allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            parser: { text throws(BadValue) in
                guard let number = decimal(text) else { throw BadValue(quoting: text, "is not a whole number") }
                guard range.contains(number) else { throw BadValue(quoting: text, "is out of range") }
                return number
            },
            writer: { String($0) }
        )
    }

    /// A number of bytes in a range, with systemd's binary suffixes K and M.
    static func bytes(_ range: ClosedRange<Int>) -> Self {
        ValueSyntax(
            allowed: "a number of bytes from \(range.lowerBound) to \(range.upperBound), also with the suffix K or M",
            parser: { text throws(BadValue) in
                let factor = text.hasSuffix("K") ? 1 << 10 : text.hasSuffix("M") ? 1 << 20 : 1
                guard let number = decimal(factor == 1 ? text : String(text.dropLast()).trimmedBlanks) else {
                    throw BadValue(quoting: text, "is not a number of bytes")
                }
                let (size, overflow) = number.multipliedReportingOverflow(by: factor)
                guard !overflow, range.contains(size) else { throw BadValue(quoting: text, "is out of range") }
                return size
            },
            writer: { String($0) }
        )
    }

    /// ASCII digits only: `Int.init` would take a sign as well.
    private static func decimal(_ text: String) -> Int? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
    }
}

extension ValueSyntax where Value == Duration {
    /// A time span (systemd.time(7)) in a range.
    static func timeSpan(_ range: ClosedRange<Duration>, example: String) -> Self {
        let bounds = "\(TimeSpan.text(of: range.lowerBound)) to \(TimeSpan.text(of: range.upperBound))"
        return ValueSyntax(
            allowed: "a time span from \(bounds), such as \(example)",
            parser: { text throws(BadValue) in
                guard let span = TimeSpan.parse(text) else { throw BadValue(quoting: text, "is not a time span") }
                guard range.contains(span) else { throw BadValue(quoting: text, "is out of range") }
                return span
            },
            writer: { TimeSpan.text(of: $0) }
        )
    }
}

extension ValueSyntax {
    /// One of some words.
    static func choice(
        _ words: [(word: String, value: Value)],
        isSame: @escaping @Sendable (Value, Value) -> Bool
    ) -> Self {
        ValueSyntax(
            allowed: words.map(\.word).joined(separator: ", "),
            parser: { text throws(BadValue) in
                guard let choice = words.first(where: { $0.word == text }) else {
                    throw BadValue(quoting: text, "is not a choice")
                }
                return choice.value
            },
            writer: { value in words.first { isSame($0.value, value) }?.word ?? "" }
        )
    }
}

extension ValueSyntax where Value: CaseIterable & RawRepresentable & Equatable, Value.RawValue == String {
    /// One of the cases of an enumeration, by its raw value.
    static var cases: Self {
        choice(Value.allCases.map { ($0.rawValue, $0) }, isSame: ==)
    }
}

extension StringProtocol {
    /// The text with A–Z in lower case.
    var asciiLowercased: String {
        String(
            decoding: utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 },
            as: UTF8.self
        )
    }
}
