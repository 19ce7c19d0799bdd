import Linux

extension Character {
    /// A space or a tab: what systemd's syntax takes for white space within a line.
    package var isBlank: Bool { self == " " || self == "\t" }
}

extension StringProtocol {
    /// The text without blanks at its ends.
    package var trimmedBlanks: String {
        var rest = self[...]
        while rest.first?.isBlank == true { rest = rest.dropFirst() }
        while rest.last?.isBlank == true { rest = rest.dropLast() }
        return String(rest)
    }

    /// The text as it may stand in a message: at most 60 characters, and none that a terminal would obey or hide.
    package var printable: String {
        var text = ""
        for (index, scalar) in unicodeScalars.enumerated() {
            guard index < 60 else { return text + "…" }
            if let byte = PathText.byte(scalar) {
                text += PathText.hexadecimal(byte)
                continue
            }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
                text += "\\u{" + String(scalar.value, radix: 16) + "}"
            default:
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
