import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl user authenticators`
struct UserAuthenticatorsCommand: AgentCommand {
    static let title = "user authenticators"
    static let configuration = CommandConfiguration(
        commandName: "authenticators",
        abstract: "List the ways in which a user can log in, and which are locked."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions

    @Argument(help: "Mosaic's id of the user.")
    var userID: String

    func report() async throws -> Report {
        let parameters = UserAuthenticators.Parameters(userID: Identifier(userID))
        let result = try await withAgent(.main) { agent in
            try await agent.call(UserAuthenticators.self, parameters, metadata: call.metadata(global))
        }
        return Report(
            text: Self.text(result),
            result: JSONText { result.encode(to: &$0) },
            remark: Report.remark(omitted: result.omitted)
        )
    }

    private static func text(_ result: UserAuthenticators.Result) -> String {
        var table = Table(["TYPE", "STATUS", "REGISTERED", "LAST USED", "LAST REFUSED", "ID"])
        for authenticator in result.authenticators.map(\.value) {
            table.add(
                [
                    "type", "status", "registered_at", "last_successful_authentication", "last_failed_authentication",
                    "id",
                ].map { authenticator[$0]?.string }
            )
        }
        return result.authenticators.isEmpty ? "no authenticators\n" : table.text
    }
}
