import AgentClient
import AgentProtocol
import ArgumentParser

/// `mosaicctl client-token`
struct ClientTokenCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "client-token",
        abstract: "Get the agent's own client access token.",
        discussion: """
            Who has the token can do at Mosaic whatever the client may; it is shown only with --show-tokens. Without, the \
            command tells whether there is one.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions

    @Option(help: ArgumentHelp("How long the token should still be good, at least.", valueName: "seconds"))
    var minValid = 60

    @Option(help: ArgumentHelp("The resource that the token is for.", valueName: "uri"))
    var resource: String?

    @Flag(help: "Show the token.")
    var showTokens = false

    func validate() throws {
        guard (0...86_400).contains(minValid) else { throw ValidationError("--min-valid takes 0 to 86400 seconds") }
    }

    func report() async throws -> Report {
        let result = try await withAgent(.main) { agent in
            try await agent.call(
                ClientTokenGet.self,
                .init(minimumValiditySeconds: minValid, resource: resource),
                metadata: call.metadata(global)
            )
        }
        var list = FieldList()
        list.add("valid for", HumanUnits.duration(seconds: result.expiresIn))
        if showTokens { list.add("access token", secret: result.accessToken) }
        return Report(text: list.text, result: result, showTokens: showTokens)
    }
}
