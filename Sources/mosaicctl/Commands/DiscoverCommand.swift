import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl discover`
struct DiscoverCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "discover",
        abstract: "Show the agent's methods as an OpenRPC document.",
        discussion: """
            Each socket describes its own methods. With --markdown, the reference of the methods of both sockets that \
            this mosaicctl knows is printed; that needs no agent.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Describe the control socket instead of the main one.")
    var control = false

    @Flag(help: "Print the reference part of the protocol page instead.")
    var markdown = false

    func validate() throws {
        if markdown, global.json || control {
            throw ValidationError("--markdown covers both sockets and is no JSON: leave out --json and --control")
        }
    }

    func report() async throws -> Report {
        if markdown {
            return Report(text: MethodReference.markdown(), result: JSONText { $0.null() })
        }
        let result = try await withAgent(control ? .control : .main) { agent in
            try await agent.call(RPCDiscover.self, metadata: global.metadata)
        }
        return Report(text: PrettyJSON.text(result.document.value), result: result.document)
    }
}
