/// Why a secret cannot be the secret of an OAuth client: RFC 6749, appendix A.2, lets it have printable ASCII only.
///
/// Each is what an editor or a transfer between systems leaves in a file, where it cannot be seen. No text of it contains
/// anything of the secret.
public enum ClientSecretFlaw: Sendable, Hashable, CaseIterable, CustomStringConvertible {
    /// UTF-16, as some systems call "Unicode".
    case utf16
    /// U+FEFF in UTF-8 before the text.
    case byteOrderMark
    /// A byte 0x00.
    case nul
    /// A carriage return at the end: what was a line ended in CR LF.
    case carriageReturn
    /// A line feed within it or, as one was dropped, a second one at its end.
    case severalLines
    /// A space or a tab at the beginning.
    case blankBefore
    /// A space or a tab at the end.
    case blankBehind
    /// A control character.
    case controlCharacter
    /// A byte above 0x7E.
    case notASCII

    /// The flaw of a secret whose line feed at the end, if there was one, has been dropped; nil if there is none.
    public init?(of secret: Secret) {
        guard let flaw = secret.withBytes({ Self.flaw(of: $0) }) else { return nil }
        self = flaw
    }

    /// What would be right.
    public static let allowed = "printable ASCII without blanks at its ends, and at most one line feed behind it"

    /// A phrase that follows the name of the file.
    public var description: String {
        switch self {
        case .utf16: "is UTF-16 text"
        case .byteOrderMark: "begins with a byte order mark (EF BB BF)"
        case .nul: "has a NUL byte in it"
        case .carriageReturn: "ends in a carriage return, as in a file whose lines end in CR LF"
        case .severalLines: "has more than one line"
        case .blankBefore: "begins with a space or a tab"
        case .blankBehind: "ends in a space or a tab"
        case .controlCharacter: "has a control character in it"
        case .notASCII: "has a byte in it that is not ASCII"
        }
    }

    private static func flaw(of bytes: Span<UInt8>) -> ClientSecretFlaw? {
        guard let first = bytes.indices.first, let last = bytes.indices.last else { return nil }
        if isUTF16(bytes) { return .utf16 }
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { return .byteOrderMark }
        if contains(bytes, { $0 == 0 }) { return .nul }
        if contains(bytes, { $0 == UInt8(ascii: "\n") }) { return .severalLines }
        if bytes[last] == UInt8(ascii: "\r") { return .carriageReturn }
        if isBlank(bytes[first]) { return .blankBefore }
        if isBlank(bytes[last]) { return .blankBehind }
        if contains(bytes, { $0 < 0x20 || $0 == 0x7F }) { return .controlCharacter }
        return contains(bytes, { $0 > 0x7E }) ? .notASCII : nil
    }

    /// By its byte order mark, or by the zero that each ASCII character has beside it. The line feed that was dropped may
    /// have left half a character behind.
    private static func isUTF16(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count >= 2 else { return false }
        if (bytes[0] == 0xFF && bytes[1] == 0xFE) || (bytes[0] == 0xFE && bytes[1] == 0xFF) { return true }
        guard bytes.count >= 4 else { return false }
        return (0...1).contains { zeros in
            bytes.indices.allSatisfy { ($0 % 2 == zeros) == (bytes[$0] == 0) }
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    private static func contains(_ bytes: Span<UInt8>, _ isMeant: (UInt8) -> Bool) -> Bool {
        bytes.indices.contains { isMeant(bytes[$0]) }
    }
}
