import AgentProtocol

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

    /// What somebody who holds the right can do, in the words of the warning.
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
