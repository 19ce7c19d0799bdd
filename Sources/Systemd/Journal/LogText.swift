internal import Logging

/// Log messages and their metadata as text that stays on its line, whatever the values are.
enum LogText {
    static let redacted = "<redacted>"

    /// `message key=value key="value with spaces"`.
    static func line(_ message: String, _ metadata: [(key: String, value: String)]) -> String {
        var line = self.escaped(message)
        for (key, value) in metadata {
            line += " \(self.key(key))=\(self.quotedIfNeeded(value))"
        }
        return line
    }

    /// The value, without anything marked sensitive, at any depth.
    static func text(of value: Logger.MetadataValue) -> String {
        if value.attributes[LogSensitivity.self] == .sensitive { return self.redacted }
        switch value {
        case .string(let text):
            return text
        case .stringConvertible(let convertible):
            return convertible.description
        case .array(let values):
            return "[" + values.map(self.text).joined(separator: ", ") + "]"
        case .dictionary(let values):
            let members = values.sorted { $0.key < $1.key }.map { "\($0.key): \(self.text(of: $0.value))" }
            return "{" + members.joined(separator: ", ") + "}"
        }
    }

    /// Line breaks, terminal control and reordering of text made visible: `\n`, `\u{1B}`.
    static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: self.mustEscape) else { return text }
        return self.escape(text.unicodeScalars, where: self.mustEscape)
    }

    private static func quotedIfNeeded(_ value: String) -> String {
        let needsQuotes =
            value.isEmpty
            || value.unicodeScalars.contains { self.mustEscape($0) || #" "=\"#.unicodeScalars.contains($0) }
        guard needsQuotes else { return value }
        return "\"" + self.escape(value.unicodeScalars) { self.mustEscape($0) || $0 == "\"" || $0 == "\\" } + "\""
    }

    private static func key(_ key: String) -> String {
        let scalars = key.unicodeScalars.map { scalar -> Unicode.Scalar in
            let allowed =
                scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789_.-".unicodeScalars.contains(scalar))
            return allowed ? scalar : "_"
        }
        return scalars.isEmpty ? "_" : String(String.UnicodeScalarView(scalars))
    }

    private static func mustEscape(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0: true
        // Line and paragraph separators; marks that change the direction of what follows.
        case 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private static func escape(
        _ scalars: String.UnicodeScalarView,
        where mustEscape: (Unicode.Scalar) -> Bool
    ) -> String {
        var result = ""
        for scalar in scalars {
            switch scalar {
            case _ where !mustEscape(scalar): result.unicodeScalars.append(scalar)
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\"", "\\": result += "\\\(scalar)"
            default: result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            }
        }
        return result
    }
}
