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
            Each socket describes its own methods. With --offline, what is shown is the document of an agent of the version \
            of this mosaicctl, and none is asked; /usr/share/mosaicd/openrpc.json and openrpc-control.json are made so. \
            With --markdown, the reference of the methods of both sockets that this mosaicctl knows is printed; that needs \
            no agent, either.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Describe the control socket instead of the main one.")
    var control = false

    @Flag(help: "Describe the sockets of an agent of this version, without asking one.")
    var offline = false

    @Flag(help: "Print the reference part of the protocol page instead.")
    var markdown = false

    func validate() throws {
        if markdown, global.json || control || offline {
            throw ValidationError(
                "--markdown covers both sockets, needs no agent and is no JSON: leave out --json, --control and --offline"
            )
        }
    }

    func report() async throws -> Report {
        if markdown {
            return Report(text: MethodReference.markdown(), result: JSONText { $0.null() })
        }
        let document = try await offline ? own : asked()
        return Report(text: PrettyJSON.text(document.value), result: document)
    }

    private var socket: SocketKind { control ? .control : .main }

    /// The document of an agent of this version.
    private var own: JSONText { MethodTable.table(of: socket).openRPC(version: AgentVersion.current) }

    private func asked() async throws -> JSONText {
        try await withAgent(socket) { agent in
            try await agent.call(RPCDiscover.self, metadata: global.metadata).document
        }
    }
}
