/// Why and where a text is not acceptable JSON; it never carries any of the text itself.
public struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: Hashable, Sendable {
        /// The text stops in the middle of a value, or holds no value.
        case unexpectedEnd
        /// A byte that cannot stand here.
        case unexpectedByte
        /// The text goes on behind the value.
        case trailingContent
        /// A number that RFC 8259's grammar does not allow, such as `01`, `+1`, `.5` or `1.`.
        case invalidNumber
        /// A control character (below U+0020) inside a string that is not escaped.
        case controlCharacter
        /// A backslash followed by something RFC 8259 does not define.
        case invalidEscape
        /// A `\u` escape of half a surrogate pair.
        case loneSurrogate
        /// Bytes that are not UTF-8: stray, overlong, above U+10FFFF, or an encoded surrogate.
        case invalidUTF8
        /// Two members of one object have the same key after decoding.
        case duplicateKey
        /// Objects and arrays are nested deeper than allowed.
        case tooDeep
        /// The text is longer than 4 GiB.
        case tooLarge
    }

    /// What is wrong.
    public let reason: Reason
    /// The byte at which it was noticed, counted from 0.
    public let offset: Int

    init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// A sentence for people, without any of the text.
    public var description: String { "\(reason.text) at byte \(offset)" }
}

extension JSONSyntaxError.Reason {
    /// The reason in words.
    public var text: String {
        switch self {
        case .unexpectedEnd: "unexpected end of the JSON text"
        case .unexpectedByte: "unexpected character"
        case .trailingContent: "more content after the JSON value"
        case .invalidNumber: "malformed number"
        case .controlCharacter: "control character in a string that is not escaped"
        case .invalidEscape: "unknown escape in a string"
        case .loneSurrogate: "half a surrogate pair in a string"
        case .invalidUTF8: "invalid UTF-8"
        case .duplicateKey: "an object has two members with the same key"
        case .tooDeep: "objects and arrays are nested too deep"
        case .tooLarge: "JSON text too large"
        }
    }
}
