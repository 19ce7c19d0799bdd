import AgentClient
import AgentProtocol
import ArgumentParser

/// `mosaicctl user logout`
struct UserLogoutCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout",
        abstract: "End the session that a user's access token belongs to.",
        discussion: """
            The access token is asked for on the terminal, unless --token-stdin or --token-file is given; a terminal \
            takes 4094 bytes at most. Exits 8 when the token is no longer good.
            """
    )

    static let title = "user logout"

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var input: TokenInput

    func report() async throws -> Report {
        let parameters = UserLogout.Parameters(accessToken: try input.token("Access token: "))
        let result = try await withAgent(.main) { agent in
            try await agent.call(UserLogout.self, parameters, metadata: call.metadata(global))
        }
        var list = FieldList()
        list.add("sessions ended", result.sessionsCount.map { "\($0)" })
        return Report(text: "logged out\n" + list.text, result: result, showTokens: false)
    }
}
