import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl status`
struct StatusCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what the agent is doing: sockets, clients and their tokens, load, audit queue."
    )

    @OptionGroup var global: GlobalOptions

    func report() async throws -> Report {
        let status = try await withAgent(.control) { agent in
            try await agent.call(DaemonStatus.self, metadata: global.metadata)
        }
        return Report(text: Self.text(status), result: JSONText { status.encode(to: &$0) })
    }

    static func text(_ status: DaemonStatus.Result) -> String {
        var list = FieldList()
        list.add("mosaicd", "\(status.version), process \(status.pid)")
        list.add("state", "\(status.state), up \(HumanUnits.duration(seconds: status.uptimeSeconds))")
        if status.emulated { list.add("emulated", "yes: this is not Mosaic but its local stand-in") }
        for socket in status.sockets {
            list.add("\(socket.name) socket", "\(socket.path) (\(source(socket.source)), \(socket.connections) open)")
        }
        let load = status.load
        list.add("connections", "\(load.connections) of at most \(load.maximumConnections)")
        list.add("calls", "\(load.callsInFlight) in flight, \(load.callsParked) waiting")
        let audit = status.audit
        list.add(
            "audit",
            "\(audit.sink), \(audit.written) written, \(audit.queued) of \(audit.capacity) queued, "
                + "\(audit.dropped) dropped, \(audit.summed) summed up, when full: \(audit.whenFull)"
        )
        if let failure = audit.failure { list.add("audit failure", failure) }
        if let throttle = status.throttle { list.add("throttle", text(throttle)) }
        if let units = status.callerUnits {
            list.add("caller units", "found out by \(units.method)" + (units.reason.map { " (\($0))" } ?? ""))
        }
        for client in status.clients { describe(client, in: &list) }
        if !status.counters.isEmpty {
            list.heading("Counts since the start")
            for (name, count) in status.counters.sorted(by: { $0.key < $1.key }) { list.add(name, "\(count)") }
        }
        return list.text
    }

    private static func text(_ throttle: DaemonStatus.ThrottleStatus) -> String {
        "\(throttle.exhaustedTargets) exhausted, \(throttle.failures) of \(throttle.failuresCapacity) failures, "
            + "\(throttle.sends) of \(throttle.sendsCapacity) sends, \(throttle.callers) of \(throttle.callersCapacity) "
            + "callers, \(throttle.evicted) evicted"
    }

    private static func describe(_ client: DaemonStatus.ClientStatus, in list: inout FieldList) {
        list.heading("Client \(client.name)")
        list.add("client id", client.clientID)
        list.add("host", client.host + (client.emulated ? " (emulated)" : ""))
        list.add("authentication", client.authentication)
        var token = [client.token.state.name]
        if let age = client.token.ageSeconds { token.append("fetched \(HumanUnits.duration(seconds: age)) ago") }
        if let rest = client.token.expiresInSeconds { token.append("expires in \(HumanUnits.duration(seconds: rest))") }
        list.add("token", token.joined(separator: ", "))
        if let error = client.token.lastError {
            list.add(
                "last failure",
                "\(error.kind), \(HumanUnits.duration(seconds: error.ageSeconds)) ago: \(error.message)"
            )
        }
    }

    private static func source(_ source: String) -> String {
        switch source {
        case "systemd": "from systemd"
        case "own": "bound by the agent"
        default: source
        }
    }
}
