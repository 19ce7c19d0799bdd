import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl password register`
struct PasswordRegisterCommand: AgentCommand {
    static let title = "password register"
    static let configuration = CommandConfiguration(
        commandName: "register",
        abstract: "Give a user who has no password a first one.",
        discussion: "Exits 8 when the user has one already; 'mosaicctl password update' replaces it."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var password: PasswordOptions

    @Argument(help: "Mosaic's id of the user.")
    var userID: String

    @Flag var lifetime: PasswordLifetime

    @Option(help: ArgumentHelp("The login name to set. (default: a verified e-mail address)", valueName: "name"))
    var username: String?

    @Flag(help: "Do not apply the complexity policy.")
    var noComplexity = false

    func report() async throws -> Report {
        var parameters = PasswordRegister.Parameters(
            userID: Identifier(userID),
            password: try password.newPassword(prompt: "New password: "),
            forceReplace: lifetime == .temporary
        )
        parameters.username = username.map { Identifier($0) }
        parameters.enforceComplexity = noComplexity ? false : nil
        let result = try await withAgent(.main) { [parameters] agent in
            try await agent.call(PasswordRegister.self, parameters, metadata: call.metadata(global))
        }
        return result.report
    }
}

extension PasswordSetResult {
    /// That the password is set.
    var report: Report {
        Report(text: "the password is set\n", result: JSONText { encode(to: &$0) })
    }
}
