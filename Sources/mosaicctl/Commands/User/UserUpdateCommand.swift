import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl user update`
struct UserUpdateCommand: AgentCommand {
    static let title = "user update"
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change a user's profile or status.",
        discussion: """
            What is not given stays as it is. Objects and lists replace the old ones whole; only --custom-data is merged, \
            at its first level.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var profile: ProfileOptions

    @Argument(help: "Mosaic's id of the user.")
    var userID: String

    @Option(
        help: ArgumentHelp(
            "The user's state: \(UserUpdate.Parameters.statuses.joined(separator: ", ")).",
            valueName: "status"
        )
    )
    var status: String?

    func report() async throws -> Report {
        let parameters = UserUpdate.Parameters(
            userID: Identifier(userID),
            profile: try profile.profile(),
            status: status
        )
        let result = try await withAgent(.main) { agent in
            try await agent.call(UserUpdate.self, parameters, metadata: call.metadata(global))
        }
        return Report(text: UserText.lines(result.user).text, result: JSONText { result.encode(to: &$0) })
    }
}
