import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl ping`
struct PingCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "ping",
        abstract: "Ask the agent for a sign of life; nothing is asked of Mosaic."
    )

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Use the control socket instead of the main one.")
    var control = false

    func report() async throws -> Report {
        let socket: SocketKind = control ? .control : .main
        let time = try await withAgent(socket) { agent in
            let clock = ContinuousClock()
            let start = clock.now
            _ = try await agent.call(SystemPing.self, metadata: global.metadata)
            return clock.now - start
        }
        let (seconds, attoseconds) = time.components
        let microseconds = Int(seconds) * 1_000_000 + Int(attoseconds / 1_000_000_000_000)
        let path = global.path(of: socket)
        return Report(
            text: "pong from \(TerminalText.escaped(path)) in \(HumanUnits.milliseconds(microseconds: microseconds))\n",
            result: JSONText { writer in
                writer.beginObject()
                writer.member("socket", path)
                writer.member("round_trip_us", microseconds)
                writer.endObject()
            }
        )
    }
}

/// `mosaicctl hello`
struct HelloCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "hello",
        abstract: "Show who you are to the agent, and what you may do."
    )

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Use the control socket instead of the main one.")
    var control = false

    func report() async throws -> Report {
        let hello = try await withAgent(control ? .control : .main) { agent in
            try await agent.call(SystemHello.self, metadata: global.metadata)
        }
        return Report(text: Self.text(hello), result: JSONText { hello.encode(to: &$0) })
    }

    static func text(_ hello: SystemHello.Result) -> String {
        var list = FieldList()
        list.add("agent", "\(hello.server.name) \(hello.server.version), protocol \(hello.protocolVersion)")
        if hello.emulated { list.add("emulated", "yes: this is not Mosaic but its local stand-in") }
        let caller = hello.caller
        list.add("you are", "uid \(caller.uid), groups \(caller.gids.map(String.init).joined(separator: " "))")
        list.add("unit", caller.unit)
        list.add("rule", caller.rule ?? "none matches you: every call but system.* and rpc.discover is forbidden")
        list.add("rights", hello.rights.isEmpty ? "none" : hello.rights.map(\.name).joined(separator: " "))
        list.add("clients", hello.clients.isEmpty ? "none" : hello.clients.joined(separator: " "))
        let limits = hello.limits
        list.heading("Limits")
        list.add("request line", "\(limits.lineBytes) bytes, \(limits.depth) levels deep")
        list.add("answer line", "\(limits.resultBytes) bytes")
        list.add("password", "\(limits.passwordBytes) bytes")
        list.add("identifier", "\(limits.identifierBytes) bytes")
        list.add("request id", "\(limits.idBytes) bytes")
        list.add("calls", "\(limits.callsInFlight) in flight, \(limits.callsParked) more waiting")
        list.add(
            "deadline",
            "\(HumanUnits.wait(milliseconds: limits.defaultDeadlineMilliseconds)), "
                + "at most \(HumanUnits.wait(milliseconds: limits.deadlineMilliseconds))"
        )
        list.add("first line", "within \(HumanUnits.wait(milliseconds: limits.firstLineMilliseconds))")
        list.add("each line", "within \(HumanUnits.wait(milliseconds: limits.lineMilliseconds)) of its first byte")
        list.add(
            "unread answers",
            "\(limits.unreadBytes) bytes, \(HumanUnits.wait(milliseconds: limits.unreadMilliseconds))"
        )
        return list.text
    }
}

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
