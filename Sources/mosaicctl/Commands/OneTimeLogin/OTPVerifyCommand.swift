import AgentClient
import AgentProtocol
import ArgumentParser

/// `mosaicctl otp verify`
struct OTPVerifyCommand: AgentCommand {
    static let title = "otp verify"
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Log a user in with a one-time code.",
        discussion: """
            The code is asked for on the terminal without echo, unless --code-stdin or --code-file is given. A wrong \
            code counts as an attempt at Mosaic; blanks and dashes between its digits are left out. Identifier and type must be those of the send.

            Exits 0 when the login is granted, 1 when it is denied.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var user: IdentifierOptions
    @OptionGroup var code: CodeOptions

    func report() async throws -> Report {
        let parameters = OTPAuthenticate.Parameters(
            user: user.target,
            passcode: try code.code("Code for \(TerminalText.escaped(user.identifier)): ", .passcode),
            options: try code.parameters()
        )
        let result = try await withAgent(.main) { agent in
            try await agent.call(OTPAuthenticate.self, parameters, metadata: call.metadata(global))
        }
        return Report(result, showTokens: code.showTokens)
    }
}
