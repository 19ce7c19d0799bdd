import ConfigurationFiles

/// Splits a list value into words the way systemd does: at white space, with quotes around words that contain some.
///
/// A word may be in `"…"` or `'…'`; the closing quote must end the word. A backslash begins an escape in and out of quotes:
/// `\\ \" \' \s \t \xHH`, where `\s` is a space. Anything else after a backslash is an error.
enum WordList {
    static func split(_ text: String) throws(BadValue) -> [String] {
        var words: [String] = []
        var rest = Array(text.utf8)[...]
        while true {
            rest = rest.drop(while: isBlank)
            guard let first = rest.first else { return words }
            let quote = first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") ? first : nil
            if quote != nil { rest = rest.dropFirst() }
            var word: [UInt8] = []
            var isClosed = quote == nil
            while let byte = rest.first {
                if let quote, byte == quote {
                    rest = rest.dropFirst()
                    isClosed = true
                    break
                }
                if quote == nil, isBlank(byte) { break }
                rest = rest.dropFirst()
                word.append(byte == UInt8(ascii: "\\") ? try escape(&rest) : byte)
            }
            guard isClosed else { throw BadValue("has a quotation mark that is not closed") }
            guard rest.first.map(isBlank) ?? true else {
                throw BadValue("has text right behind a closing quotation mark")
            }
            guard let checked = String(validating: word, as: UTF8.self) else {
                throw BadValue("is not valid UTF-8 once its escapes are read")
            }
            words.append(checked)
        }
    }

    /// Writes words so that ``split(_:)`` reads the same.
    static func join(_ words: [String]) -> String {
        words.map { word in
            let plain = !word.isEmpty && !word.utf8.contains { isBlank($0) || $0 == 0x22 || $0 == 0x27 || $0 == 0x5C }
            if plain { return word }
            let escaped = word.utf8.flatMap { $0 == 0x22 || $0 == 0x5C ? [0x5C, $0] : [$0] }
            return "\"" + String(decoding: escaped, as: UTF8.self) + "\""
        }.joined(separator: " ")
    }

    private static func escape(_ rest: inout ArraySlice<UInt8>) throws(BadValue) -> UInt8 {
        guard let kind = rest.popFirst() else { throw BadValue("ends with a backslash") }
        switch kind {
        case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"): return kind
        case UInt8(ascii: "s"): return UInt8(ascii: " ")
        case UInt8(ascii: "t"): return UInt8(ascii: "\t")
        case UInt8(ascii: "x"):
            let digits = rest.prefix(2)
            rest = rest.dropFirst(2)
            guard digits.count == 2, digits.allSatisfy(isHexadecimal),
                let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 16), byte != 0
            else { throw BadValue("has an escape \\x without two hexadecimal digits, or of NUL") }
            return byte
        default: throw BadValue("has an unknown escape (known are \\\\ \\\" \\' \\s \\t \\xHH)")
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        byte < 0x80 && Character(UnicodeScalar(byte)).isHexDigit
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }
}
