/// What names a user: a user name, an e-mail address, a phone number, an id.
///
/// Compared as bytes, never normalised. It is personal data rather than a secret: it prints as `<identifier>`, so that
/// it gets into no log by accident, and is read through ``bytes`` on purpose.
public struct Identifier: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible,
    CustomDebugStringConvertible, CustomReflectable
{
    /// The identifier in UTF-8.
    public let bytes: [UInt8]

    /// No identifier yet.
    init() { bytes = [] }

    /// The identifier with these bytes, which should be valid UTF-8.
    public init(bytes: [UInt8]) { self.bytes = bytes }

    /// The identifier in a string.
    public init(_ text: String) { bytes = Array(text.utf8) }

    /// The identifier in a literal.
    public init(stringLiteral text: String) { self.init(text) }

    /// Always `<identifier>`.
    public var description: String { "<identifier>" }

    /// Always `<identifier>`.
    public var debugDescription: String { "<identifier>" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// What sort of name an ``Identifier`` is; names are Mosaic's own, and unknown ones are kept.
public struct IdentifierKind: OpenName {
    /// The name on the wire.
    public let name: String

    /// The kind of that name.
    public init(_ name: String) { self.name = name }

    /// A user name.
    public static let username = IdentifierKind("username")
    /// An e-mail address.
    public static let email = IdentifierKind("email")
    /// A phone number.
    public static let phoneNumber = IdentifierKind("phone_number")
    /// Mosaic's own id of a user.
    public static let userID = IdentifierKind("user_id")
    /// The id of a user in the application's own system.
    public static let externalUserID = IdentifierKind("external_user_id")

    /// The kinds of this version.
    public static let known: [IdentifierKind] = [.username, .email, .phoneNumber, .userID, .externalUserID]
}

/// The user a call is about.
public struct Target: Hashable, Sendable {
    /// What sort of name it is.
    public var kind: IdentifierKind
    /// The name.
    public var identifier: Identifier

    /// No user yet.
    public init() { self.init(kind: .username, identifier: Identifier()) }

    /// The user that `identifier` of that `kind` names.
    public init(kind: IdentifierKind, identifier: Identifier) {
        self.kind = kind
        self.identifier = identifier
    }
}
