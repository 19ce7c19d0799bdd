import Linux

/// Makes text from outside safe to show: nothing in it can move the cursor, change colours, or reverse what is read.
enum TerminalText {
    /// Shows control characters (C0, DEL, C1), line separators and direction marks as `\u{…}`, and a backslash as two, so
    /// that the two cannot be confused. A byte of a path that is not UTF-8 is shown as `\xNN`.
    static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if let byte = PathText.byte(scalar) {
                result.append(contentsOf: PathText.hexadecimal(byte).unicodeScalars)
            } else if isDangerous(scalar) {
                result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            } else if scalar == "\\" {
                result.append(contentsOf: "\\\\".unicodeScalars)
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }

    /// The same for JSON text: such characters can only stand in strings, where `\uXXXX` means the same.
    static func escaped(json text: String) -> String {
        guard text.unicodeScalars.contains(where: isDangerous) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            // Line breaks between the tokens of indented JSON are wanted; inside strings they cannot occur.
            if scalar == "\n" || !isDangerous(scalar) {
                result.append(scalar)
            } else {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    let zeros = String(repeating: "0", count: 4 - digits.count)
                    result.append(contentsOf: "\\u\(zeros)\(digits)".unicodeScalars)
                }
            }
        }
        return String(result)
    }

    private static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F: true  // C0, DEL, C1
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true  // direction
        case 0x2028, 0x2029: true  // line and paragraph separators
        case 0xE0000...0xE007F: true  // invisible tags
        default: false
        }
    }
}
