import AgentProtocol
import ArgumentParser

/// The user a call is about, for methods with `identifier` and `identifier_type`.
struct IdentifierOptions: ParsableArguments {
    @Argument(help: "The user, by an identifier of the kind that --type says.")
    var identifier: String

    @Option(
        help: ArgumentHelp(
            "What sort of identifier it is: username, email, phone_number, user_id or a type of the application's own.",
            valueName: "type"
        )
    )
    var type = "username"

    func validate() throws {
        guard (1...ProtocolLimits.maximumIdentifierBytes).contains(identifier.utf8.count) else {
            throw ValidationError("the identifier must have 1 to \(ProtocolLimits.maximumIdentifierBytes) bytes")
        }
    }

    /// The user.
    var target: Target { Target(kind: IdentifierKind(type), identifier: Identifier(identifier)) }
}
