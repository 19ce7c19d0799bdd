import Foundation

/// A SCIM filter over users (RFC 7644, section 3.4.2.2), as far as the sandbox understands it.
///
/// Understood are `attribute eq|ne|co|sw|ew|gt|ge|lt|le "value"`, `attribute pr`, `and`, `or`, `not (…)` and parentheses, over the
/// attributes of ``Attribute``. Everything else, such as value paths in brackets, is refused rather than guessed. Which filters
/// Mosaic understands is not published.
struct UserFilter: Sendable, Equatable {
    /// What can be asked about; named as in the user object.
    enum Attribute: String, Sendable, CaseIterable {
        case userID = "user_id"
        case username
        case email
        case phoneNumber = "phone_number"
        case externalUserID = "external_user_id"
        case externalAccountID = "external_account_id"
        case status
        case language
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case lastAuth = "last_auth"
        case firstName = "name.first_name"
        case lastName = "name.last_name"

        var isTime: Bool { [.createdAt, .updatedAt, .lastAuth].contains(self) }
    }

    /// How an attribute is compared.
    enum Comparison: String, Sendable, CaseIterable {
        case eq, ne, co, sw, ew, gt, ge, lt, le
    }

    indirect enum Node: Sendable, Equatable {
        case present(Attribute)
        case text(Attribute, Comparison, String)
        case time(Attribute, Comparison, Date)
        case not(Node)
        case and(Node, Node)
        case or(Node, Node)
    }

    private let root: Node

    /// Parses a filter.
    ///
    /// - Throws: ``UserFilterParser/Failure`` that says what was not understood.
    init(_ text: String) throws(UserFilterParser.Failure) {
        root = try UserFilterParser.parse(text)
    }

    /// Whether the filter holds for the user.
    func matches(_ user: AppUser) -> Bool { Self.holds(root, user) }

    private static func holds(_ node: Node, _ user: AppUser) -> Bool {
        switch node {
        case .present(let attribute): attribute.isTime ? time(attribute, user) != nil : text(attribute, user) != nil
        case .text(let attribute, let comparison, let value):
            compare(text(attribute, user).map { folded(attribute, $0) }, comparison, folded(attribute, value))
        case .time(let attribute, let comparison, let value): compare(time(attribute, user), comparison, value)
        case .not(let node): !holds(node, user)
        case .and(let left, let right): holds(left, user) && holds(right, user)
        case .or(let left, let right): holds(left, user) || holds(right, user)
        }
    }

    /// Emails are compared without regard to the case of ASCII letters, everything else as it is.
    private static func folded(_ attribute: Attribute, _ text: String) -> String {
        attribute == .email ? Identifiers.emailKey(text) : text
    }

    /// An absent value is unequal to everything and in no order.
    private static func compare(_ present: String?, _ comparison: Comparison, _ value: String) -> Bool {
        guard let present else { return comparison == .ne }
        let (left, right) = (Array(present.utf8), Array(value.utf8))
        return switch comparison {
        case .eq: left == right
        case .ne: left != right
        case .co: right.isEmpty || !left.ranges(of: right).isEmpty
        case .sw: left.starts(with: right)
        case .ew: left.reversed().starts(with: right.reversed())
        case .gt: right.lexicographicallyPrecedes(left)
        case .lt: left.lexicographicallyPrecedes(right)
        case .ge: !left.lexicographicallyPrecedes(right)
        case .le: !right.lexicographicallyPrecedes(left)
        }
    }

    private static func compare(_ present: Date?, _ comparison: Comparison, _ value: Date) -> Bool {
        guard let present = present?.epochMilliseconds else { return comparison == .ne }
        let value = value.epochMilliseconds
        return switch comparison {
        case .eq: present == value
        case .ne: present != value
        case .gt: present > value
        case .ge: present >= value
        case .lt: present < value
        case .le: present <= value
        case .co, .sw, .ew: false
        }
    }

    private static func text(_ attribute: Attribute, _ user: AppUser) -> String? {
        switch attribute {
        case .userID: user.user.userID
        case .username: user.loginName
        case .email: user.primary(.email)?.value
        case .phoneNumber: user.primary(.phoneNumber)?.value
        case .externalUserID: user.user.externalUserID
        case .externalAccountID: user.membership.externalAccountID
        case .status: user.user.status.rawValue
        case .language: user.user.profile["language"]?.string
        case .firstName: user.user.profile["name"]?["first_name"]?.string
        case .lastName: user.user.profile["name"]?["last_name"]?.string
        case .createdAt, .updatedAt, .lastAuth: nil
        }
    }

    private static func time(_ attribute: Attribute, _ user: AppUser) -> Date? {
        switch attribute {
        case .createdAt: user.user.createdAt
        case .updatedAt: user.user.updatedAt
        case .lastAuth: user.user.lastAuth
        default: nil
        }
    }
}
