import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl password update`
struct PasswordUpdateCommand: AgentCommand {
    static let title = "password update"
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Replace a user's password without the old one.",
        discussion: "Exits 8 when the user has none yet; 'mosaicctl password register' sets the first one."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var password: PasswordOptions

    @Argument(help: "Mosaic's id of the user.")
    var userID: String

    @Flag var lifetime: PasswordLifetime

    func report() async throws -> Report {
        let parameters = PasswordUpdate.Parameters(
            userID: Identifier(userID),
            password: try password.newPassword(prompt: "New password: "),
            forceReplace: lifetime == .temporary
        )
        let result = try await withAgent(.main) { agent in
            try await agent.call(PasswordUpdate.self, parameters, metadata: call.metadata(global))
        }
        return result.report
    }
}
