import Foundation

/// The forms of user identifiers.
enum Identifiers {
    /// A mailbox in the usual form: something, one `@`, a host with a dot or `localhost`-like name; no spaces.
    static func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 254 else { return false }
        return parts.allSatisfy { part in
            !part.isEmpty && part.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0.value >= 0x20 }
        }
    }

    /// An E.164 number: `+`, then 7 to 15 digits that do not start with 0.
    static func isPhoneNumber(_ text: String) -> Bool {
        guard text.first == "+" else { return false }
        let digits = text.utf8.dropFirst()
        return (7...15).contains(digits.count) && digits.allSatisfy { (0x30...0x39).contains($0) }
            && digits.first != 0x30
    }

    /// The form under which an email is looked up: ASCII letters in lower case, everything else as it is.
    static func emailKey(_ email: String) -> String {
        String(decoding: email.utf8.map { (0x41...0x5a).contains($0) ? $0 + 0x20 : $0 }, as: UTF8.self)
    }
}

/// The forms that the contract gives to members that are texts.
enum Formats {
    /// A date-time of RFC 3339, section 5.6: `1990-01-02T03:04:05Z`, with a fraction and an offset where given.
    static func isDateTime(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, isDate(bytes[0..<10]), bytes[10] | 0x20 == UInt8(ascii: "t") else { return false }
        guard bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"), number(bytes[11..<13], in: 0...23),
            number(bytes[14..<16], in: 0...59), number(bytes[17..<19], in: 0...60)
        else { return false }
        var rest = bytes[19...]
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix(while: isDigit)
            guard !digits.isEmpty else { return false }
            rest = rest.dropFirst(digits.count + 1)
        }
        if rest.count == 1 { return rest.first.map { $0 | 0x20 } == UInt8(ascii: "z") }
        guard rest.count == 6, let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else {
            return false
        }
        let offset = Array(rest.dropFirst())
        return offset[2] == UInt8(ascii: ":") && number(offset[0..<2], in: 0...23) && number(offset[3..<5], in: 0...59)
    }

    /// A day of the calendar, `1990-01-02`.
    static func isDate(_ text: String) -> Bool { isDate(Array(text.utf8)[...]) }

    /// An absolute URL of the web.
    static func isWebURL(_ text: String) -> Bool {
        guard let components = URLComponents(string: text), let scheme = components.scheme?.lowercased() else {
            return false
        }
        return ["http", "https"].contains(scheme) && components.host?.isEmpty == false
    }

    /// The value of an `Accept-Language` field (RFC 9110, section 12.5.4): `de`, `de-CH, en;q=0.8`, `*`.
    static func isLanguageList(_ text: String) -> Bool {
        let ranges = text.split(separator: ",", omittingEmptySubsequences: false)
        return !ranges.isEmpty && ranges.allSatisfy { isLanguageRange($0.trimmingCharacters(in: .whitespaces)) }
    }

    private static func isLanguageRange(_ text: String) -> Bool {
        let parts = text.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        if parts.count == 2 {
            guard parts[1].lowercased().hasPrefix("q="), let weight = Double(parts[1].dropFirst(2)), 0...1 ~= weight
            else { return false }
        }
        guard let tag = parts.first, tag != "*" else { return parts.first == "*" }
        let subtags = tag.split(separator: "-", omittingEmptySubsequences: false)
        return subtags.enumerated().allSatisfy { index, subtag in
            (1...8).contains(subtag.utf8.count)
                && subtag.utf8.allSatisfy { isLetter($0) || (index > 0 && isDigit($0)) }
        }
    }

    private static func isDate(_ bytes: ArraySlice<UInt8>) -> Bool {
        let bytes = Array(bytes)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            number(bytes[0..<4], in: 1...9999), number(bytes[5..<7], in: 1...12),
            let year = value(bytes[0..<4]), let month = value(bytes[5..<7])
        else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return number(bytes[8..<10], in: 1...days[month - 1])
    }

    private static func value(_ digits: ArraySlice<UInt8>) -> Int? {
        digits.allSatisfy(isDigit) ? Int(String(decoding: digits, as: UTF8.self)) : nil
    }

    private static func number(_ digits: ArraySlice<UInt8>, in range: ClosedRange<Int>) -> Bool {
        value(digits).map(range.contains) ?? false
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte | 0x20) }
}
