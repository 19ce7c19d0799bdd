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

/// Reads the text of a ``UserFilter`` by recursive descent; `not` binds tighter than `and`, `and` tighter than `or`.
struct UserFilterParser {
    /// Why a filter was refused.
    struct Failure: Error, Sendable, Equatable {
        let description: String
    }

    /// Longest filter read, in bytes.
    static let maximumLength = 4096
    /// Deepest nesting of parentheses.
    static let maximumDepth = 32

    private enum Token: Equatable {
        case word(String)
        case string(String)
        case open
        case close
    }

    private var tokens: ArraySlice<Token>
    private var depth = 0

    /// The filter's tree.
    static func parse(_ text: String) throws(Failure) -> UserFilter.Node {
        guard text.utf8.count <= maximumLength else {
            throw Failure(description: "search must be at most \(maximumLength) bytes long")
        }
        var parser = UserFilterParser(tokens: try tokens(of: text)[...])
        let node = try parser.alternative()
        guard parser.tokens.isEmpty else { throw Failure(description: "search has text after its end") }
        return node
    }

    private mutating func alternative() throws(Failure) -> UserFilter.Node {
        var node = try conjunction()
        while takeWord("or") { node = .or(node, try conjunction()) }
        return node
    }

    private mutating func conjunction() throws(Failure) -> UserFilter.Node {
        var node = try term()
        while takeWord("and") { node = .and(node, try term()) }
        return node
    }

    private mutating func term() throws(Failure) -> UserFilter.Node {
        if takeWord("not") {
            guard tokens.first == .open else { throw Failure(description: "search: not must be followed by (") }
            return .not(try term())
        }
        guard tokens.first == .open else { return try comparison() }
        tokens.removeFirst()
        depth += 1
        guard depth <= Self.maximumDepth else { throw Failure(description: "search is nested too deeply") }
        let node = try alternative()
        depth -= 1
        guard tokens.popFirst() == .close else { throw Failure(description: "search: a ) is missing") }
        return node
    }

    private mutating func comparison() throws(Failure) -> UserFilter.Node {
        guard case .word(let name)? = tokens.popFirst() else {
            throw Failure(description: "search: an attribute is missing")
        }
        guard let attribute = UserFilter.Attribute(rawValue: name.lowercased()) else {
            let known = UserFilter.Attribute.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure(description: "search: attribute \(name) is not supported, only \(known)")
        }
        guard case .word(let word)? = tokens.popFirst() else {
            throw Failure(description: "search: an operator is missing after \(name)")
        }
        if word.lowercased() == "pr" { return .present(attribute) }
        guard let comparison = UserFilter.Comparison(rawValue: word.lowercased()) else {
            throw Failure(description: "search: operator \(word) is not supported")
        }
        guard case .string(let value)? = tokens.popFirst() else {
            throw Failure(description: "search: a value in double quotes is missing after \(name) \(word)")
        }
        guard attribute.isTime else { return .text(attribute, comparison, value) }
        guard ![.co, .sw, .ew].contains(comparison) else {
            throw Failure(description: "search: operator \(word) does not apply to \(name)")
        }
        guard let time = Self.time(value) else {
            throw Failure(description: "search: \(name) is compared with a date-time such as 2027-01-15T08:00:00Z")
        }
        return .time(attribute, comparison, time)
    }

    private mutating func takeWord(_ text: String) -> Bool {
        guard case .word(let word)? = tokens.first, word.lowercased() == text else { return false }
        tokens.removeFirst()
        return true
    }

    private static func time(_ text: String) -> Date? {
        (try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text))
            ?? (try? Date.ISO8601FormatStyle().parse(text))
    }

    private static func tokens(of text: String) throws(Failure) -> [Token] {
        var tokens: [Token] = []
        var rest = text[...]
        while let first = rest.first {
            switch first {
            case " ", "\t": rest.removeFirst()
            case "(", ")":
                tokens.append(first == "(" ? .open : .close)
                rest.removeFirst()
            case "\"": tokens.append(.string(try quoted(&rest)))
            default:
                let word = rest.prefix { $0.isLetter || $0.isNumber || "._-:$".contains($0) }
                guard !word.isEmpty else { throw Failure(description: "search: \(first) is not understood here") }
                tokens.append(.word(String(word)))
                rest = rest[word.endIndex...]
            }
        }
        return tokens
    }

    /// A JSON string from the front of `rest`.
    private static func quoted(_ rest: inout Substring) throws(Failure) -> String {
        var isEscaped = false
        for index in rest.indices.dropFirst() {
            if isEscaped {
                isEscaped = false
            } else if rest[index] == "\\" {
                isEscaped = true
            } else if rest[index] == "\"" {
                let literal = rest[...index]
                rest = rest[rest.index(after: index)...]
                // Parsed as the only element of an array, as a bare string is no JSON text to every reader.
                guard let value = (try? JSONValue(text: Data("[\(literal)]".utf8)))?.elements?.first?.string else {
                    throw Failure(description: "search: \(literal) is no JSON string")
                }
                return value
            }
        }
        throw Failure(description: "search: a closing quote is missing")
    }
}
