import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl password check`
struct PasswordCheckCommand: AgentCommand {
    static let title = "password check"
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Ask whether a password may be chosen.",
        discussion: """
            With a user, that user's old passwords count too, and the access rule must also grant the right 'reset'. \
            Exits 0 when the password may be chosen and 8 when not.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var password: PasswordOptions

    @Option(help: ArgumentHelp("The user, by user name.", valueName: "name"))
    var username: String?

    @Option(help: ArgumentHelp("The user, by e-mail address.", valueName: "address"))
    var email: String?

    @Option(help: ArgumentHelp("The user, by phone number.", valueName: "number"))
    var phoneNumber: String?

    private var targets: [Target] {
        [(IdentifierKind.username, username), (.email, email), (.phoneNumber, phoneNumber)].compactMap { kind, value in
            value.map { Target(kind: kind, identifier: Identifier($0)) }
        }
    }

    func validate() throws {
        if targets.count > 1 { throw ValidationError("--username, --email and --phone-number exclude each other") }
    }

    func report() async throws -> Report {
        let parameters = PasswordCheck.Parameters(
            password: try password.password(prompt: "Password to check: "),
            user: targets.first
        )
        let result = try await withAgent(.main) { agent in
            try await agent.call(PasswordCheck.self, parameters, metadata: call.metadata(global))
        }
        return Report(
            status: result.validPassword ? .done : .refused,
            text: Self.text(result),
            result: JSONText { result.encode(to: &$0) }
        )
    }

    private static func text(_ result: PasswordCheck.Result) -> String {
        guard !result.validPassword else { return "the password may be chosen\n" }
        let lines = result.errors.map { "- \(TerminalText.escaped($0.message))\n" }
        return "the password may not be chosen\n" + lines.joined()
    }
}
