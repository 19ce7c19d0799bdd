package import AgentProtocol

/// What there is to be granted: the methods, the rights that open them, and the rights of single fields.
///
/// The configuration reader refuses any other name, and tells what exists from here; the policy expands groups with it.
package struct RightsCatalogue: Sendable {
    /// A right and what it amounts to.
    package struct Entry: Sendable, Hashable {
        /// How far a right goes.
        package enum Kind: Sendable, Hashable {
            /// A group of methods, also meant by `*`.
            case group
            /// A group of methods with which accounts can be taken over: never meant by `*`.
            case takeover
            /// Certain fields of methods that another right opens: implied by no group and not by `*`.
            case field
        }

        /// The right.
        package let right: Right
        /// How far it goes.
        package let kind: Kind
        /// What who holds it can do, as a clause; the reader warns with it where it is dangerous.
        package let documentation: String

        /// An entry.
        package init(_ right: Right, _ kind: Kind, _ documentation: String) {
            self.right = right
            self.kind = kind
            self.documentation = documentation
        }
    }

    /// A method that rules can allow.
    package struct Method: Sendable, Hashable {
        /// Its name on the wire.
        package let name: String
        /// The right that opens it.
        package let right: Right
        /// Whether its parameters can name the user it acts on.
        package let hasTarget: Bool

        /// The kinds of identifier by which they can; nil when any will do.
        package let targetKinds: [IdentifierKind]?

        /// A method.
        package init(name: String, right: Right, hasTarget: Bool, targetKinds: [IdentifierKind]? = nil) {
            self.name = name
            self.right = right
            self.hasTarget = hasTarget
            self.targetKinds = targetKinds
        }

        /// Whether a rule that admits users of these kinds can ever allow it.
        func canName(userOf kinds: Set<IdentifierKind>) -> Bool {
            hasTarget && targetKinds.map { !kinds.isDisjoint(with: $0) } ?? true
        }
    }

    /// The rights, in the order of the documentation.
    package let entries: [Entry]
    /// The methods, in the order of the documentation.
    package let methods: [Method]
    /// The kinds of target that `Users=` can name.
    package let targetKinds: [IdentifierKind]

    private let methodsByName: [String: Method]

    /// A catalogue.
    package init(entries: [Entry], methods: [Method], targetKinds: [IdentifierKind]) {
        self.entries = entries
        self.methods = methods
        self.targetKinds = targetKinds
        self.methodsByName = Dictionary(methods.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Every word that `Allow=` may hold, in the order of the documentation.
    package var words: [String] {
        [AccessGrants.wildcard] + entries.map(\.right.name) + methods.map(\.name)
    }

    /// The method of that name.
    package func method(named name: String) -> Method? {
        methodsByName[name]
    }
}

extension RightsCatalogue {
    /// The rights of the protocol and the methods of the main socket that need one.
    package static let main = RightsCatalogue(
        entries: Right.known.map { right in
            let kind: Entry.Kind =
                Right.fieldRights.contains(right) ? .field : Right.takeover.contains(right) ? .takeover : .group
            return Entry(right, kind, meaning(of: right))
        },
        methods: MethodTable.main.methods.compactMap { method in
            let descriptor = method.descriptor
            guard case .right(let right) = descriptor.requirement else { return nil }
            return Method(
                name: descriptor.name,
                right: right,
                hasTarget: descriptor.target != nil,
                targetKinds: descriptor.targetKinds
            )
        },
        targetKinds: IdentifierKind.known
    )

    /// What a holder of the right can do, in the words of the warning.
    private static func meaning(of right: Right) -> String {
        switch right {
        case .login: "log users in with passwords, codes and links"
        case .session: "use and end a session whose id or token the caller has"
        case .token: "refresh, revoke and verify tokens that the caller has"
        case .passwordCheck: "ask whether a new password is acceptable"
        case .reset: "run the steps of a password reset for any user, whose code or link goes to the user"
        case .sessionAdmin: "see where any user is logged in, and log any user out"
        case .users:
            "read and change any user, also the address that codes and links go to, and so take over any account"
        case .credentials: "set the password of any user without the old one, and so take over any account"
        case .preferences: "change how users of the whole application may log in"
        case .clientToken:
            "get the agent's own access token, with all that Mosaic permits this client, past every rule here"
        case .otpDirect: "receive any user's one-time codes in the answer, and so log in as any user"
        case .otpRedirect:
            "have any user's one-time codes sent to an address of the caller's choice, and so log in as any user"
        case .linkDirect: "receive any user's login links in the answer, and so log in as any user"
        case .resetDirect: "receive any user's reset links in the answer, and so take over any account"
        case .resetIgnoreMFA: "reset passwords without the second factor"
        case .mailContent: "write the text of the messages that users get from you"
        default: "use a right that this version cannot describe"
        }
    }
}
