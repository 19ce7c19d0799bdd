import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl login`
struct LoginCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Check a user's password, as an application would.",
        discussion: """
            The password is asked for on the terminal without echo, unless --password-stdin or --password-file is \
            given. One line feed at its end is dropped. A wrong password counts as an attempt at Mosaic.

            Exits 0 when the login is granted, 1 when it is denied, 3 when the password must be changed first. Tokens \
            are shown only with --show-tokens, in text and in JSON.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions

    @Argument(help: "The user: a user name, an e-mail address or a phone number, as --type says.")
    var identifier: String

    @Option(help: "What sort of identifier it is.")
    var type = IdentifierType.username

    @OptionGroup var password: PasswordOptions

    @Flag(help: "Show tokens, the session id and the reset token.")
    var showTokens = false

    func validate() throws {
        guard (1...ProtocolLimits.maximumIdentifierBytes).contains(identifier.utf8.count) else {
            throw ValidationError("the identifier must have 1 to \(ProtocolLimits.maximumIdentifierBytes) bytes")
        }
    }

    func report() async throws -> Report {
        let parameters = PasswordAuthenticate.Parameters(
            username: Identifier(identifier),
            password: try password.password(prompt: "Password for \(TerminalText.escaped(identifier)): "),
            usernameType: type == .username ? nil : type.kind
        )
        let result = try await withAgent(.main) { agent in
            try await agent.call(PasswordAuthenticate.self, parameters, metadata: call.metadata(global))
        }
        return Report(
            status: Self.status(result),
            text: Self.text(result, showTokens: showTokens),
            result: result,
            showTokens: showTokens
        )
    }

    private static func status(_ result: PasswordAuthenticate.Result) -> ExitStatus {
        switch result {
        case .granted: .done
        case .denied: .denied
        case .passwordChangeRequired: .passwordChangeRequired
        }
    }

    private static func text(_ result: PasswordAuthenticate.Result, showTokens: Bool) -> String {
        var list = FieldList()
        switch result {
        case .granted(let granted):
            list.add(granted, showTokens: showTokens)
        case .denied(let reason):
            list.add("reason", reason)
        case .passwordChangeRequired(let cause, let resetToken):
            list.add("cause", cause.name)
            if showTokens { list.add("reset token", secret: resetToken) }
        }
        return "\(result.verdict.name.replacing("_", with: " "))\n" + list.text
    }

    /// The identifier types that Mosaic knows for a password.
    enum IdentifierType: String, ExpressibleByArgument, CaseIterable {
        case username
        case email
        case phoneNumber = "phone_number"

        var kind: IdentifierKind { IdentifierKind(rawValue) }
    }
}
