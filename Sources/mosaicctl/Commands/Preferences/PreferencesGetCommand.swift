import AgentClient
import AgentProtocol
import ArgumentParser

/// `mosaicctl preferences get`
struct PreferencesGetCommand: AgentCommand {
    static let title = "preferences get"
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Show the login methods of an application.",
        discussion: "A method that is not shown is not set up. Exits 8 when there is no such application."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var preferences: PreferencesOptions

    func report() async throws -> Report {
        let result = try await withAgent(.main) { agent in
            try await agent.call(
                PreferencesGet.self,
                .init(appID: preferences.appID),
                metadata: call.metadata(global)
            )
        }
        return preferences.report(result)
    }
}
