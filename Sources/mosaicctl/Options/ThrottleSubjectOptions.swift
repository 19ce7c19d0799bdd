import AgentProtocol
import ArgumentParser

/// Whose records of the throttle are meant: a user's or a caller's.
struct ThrottleSubjectOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp("A user, by an identifier of the kind that --type says.", valueName: "user")
    )
    var identifier: String?

    @Option(
        help: ArgumentHelp(
            """
            What sort of identifier it is: username, email, phone_number, user_id, external_user_id or a type of the \
            application's own. (default: username)
            """,
            valueName: "type"
        )
    )
    var type: String?

    @Option(
        help: ArgumentHelp(
            "A user, by the hash of 32 digits that the audit trail and throttle list show.",
            valueName: "hash"
        )
    )
    var target: TargetHashArgument?

    @Option(help: ArgumentHelp("A caller, by its user id.", valueName: "number"))
    var uid: UInt32?

    /// How many of them are given.
    var count: Int { (identifier == nil ? 0 : 1) + (target == nil ? 0 : 1) + (uid == nil ? 0 : 1) }

    func validate() throws {
        if let identifier, !(1...ProtocolLimits.maximumIdentifierBytes).contains(identifier.utf8.count) {
            throw ValidationError("the identifier must have 1 to \(ProtocolLimits.maximumIdentifierBytes) bytes")
        }
        if type != nil, identifier == nil { throw ValidationError("--type says of what kind USER is: give both") }
    }

    /// What is given; nil for nothing.
    var subject: ThrottleSubject? {
        if let identifier {
            return .user(Target(kind: IdentifierKind(type ?? "username"), identifier: Identifier(identifier)))
        }
        return target.map { .target($0.hash) } ?? uid.map { .caller($0) }
    }
}

/// The value of `--target`.
struct TargetHashArgument: ExpressibleByArgument {
    let hash: TargetHash

    init?(argument: String) {
        guard let hash = TargetHash(argument) else { return nil }
        self.hash = hash
    }
}
