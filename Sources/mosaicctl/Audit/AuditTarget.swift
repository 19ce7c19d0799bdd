/// A user as audit records name them: 32 hexadecimal digits of a keyed hash, or `KIND:IDENTIFIER` where the agent's
/// configuration wants it plain.
enum AuditTarget: Hashable {
    /// As it is in the record.
    case whole(String)
    /// The beginning of a hash.
    case beginning(String)

    /// How many digits of a hash are shown.
    static let shownDigits = 12
    private static let digits = 32

    /// nil for too few digits: they would be those of many users.
    init?(_ text: String) {
        guard Self.isHexadecimal(text) else {
            guard text.contains(":") else { return nil }
            self = .whole(text)
            return
        }
        switch text.utf8.count {
        case Self.digits: self = .whole(text.lowercased())
        case 8..<Self.digits: self = .beginning(text.lowercased())
        default: return nil
        }
    }

    /// Whether it is the target of a record.
    func isTarget(_ target: String?) -> Bool {
        switch self {
        case .whole(let text): target == text
        case .beginning(let text): target.map { Self.isHexadecimal($0) && $0.hasPrefix(text) } ?? false
        }
    }

    /// Enough of it for a line.
    static func short(_ target: String) -> String {
        target.utf8.count == digits && isHexadecimal(target) ? String(target.prefix(shownDigits)) : target
    }

    private static func isHexadecimal(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
    }
}
