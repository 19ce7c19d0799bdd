import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

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
