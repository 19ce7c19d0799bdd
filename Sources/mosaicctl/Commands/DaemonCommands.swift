import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON
import UnixSignals

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
                + "\(audit.dropped) dropped, \(audit.summed ?? 0) summed up, when full: \(audit.whenFull)"
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

/// `mosaicctl health`
struct HealthCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Tell whether the agent can do its job, and what to do if not.",
        discussion: """
            Exits 0 when the agent is healthy, 10 when it is degraded (it works but should be looked at), 7 when it is \
            unhealthy, 6 when it is not running. With --accept-degraded, a degraded agent counts as healthy.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Exit 0 also when the agent is only degraded.")
    var acceptDegraded = false

    func report() async throws -> Report {
        let health = try await withAgent(.control) { agent in
            try await agent.call(DaemonHealth.self, metadata: global.metadata)
        }
        return Self.report(health, acceptDegraded: acceptDegraded)
    }

    /// What the agent's health means for a script and for people.
    static func report(_ health: DaemonHealth.Result, acceptDegraded: Bool = false) -> Report {
        let status: ExitStatus =
            switch health.status {
            case .healthy: .done
            case .degraded: acceptDegraded ? .done : .degraded
            // A status that this version does not know is no good one.
            default: .upstream
            }
        return Report(
            status: status,
            text: text(health),
            result: JSONText { health.encode(to: &$0) }
        )
    }

    static func text(_ health: DaemonHealth.Result) -> String {
        var list = FieldList()
        // What needs a look comes first; equals stay in the agent's order.
        let checks = health.checks.enumerated().sorted {
            ($1.element.status.severity, $0.offset) < ($0.element.status.severity, $1.offset)
        }
        for (_, check) in checks { list.add(check.name, "\(check.status.name): \(check.message)") }
        return TerminalText.escaped(health.status.name) + "\n" + list.text
    }
}

/// `mosaicctl connections`
struct ConnectionsCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "connections",
        abstract: "List who is connected to the agent, and what they are doing.",
        discussion: """
            Oldest first. FLIGHT are calls being worked on, WAIT those that wait for a place, DONE those answered. UNREAD are \
            bytes of answers that the peer does not read. PAUSED in the last column: the agent reads no more calls until \
            earlier ones are answered. The connection of this command is in the list.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("Only connections of this user, by number.", valueName: "number"))
    var uid: UInt32?

    @Option(help: ArgumentHelp("Only connections of this user, by name.", valueName: "name"))
    var user: String?

    @Option(help: "Only connections of this socket.")
    var on: Socket?

    func validate() throws {
        guard uid == nil || user == nil else { throw ValidationError("give either --uid or --user") }
    }

    func report() async throws -> Report {
        var parameters = DaemonConnections.Parameters(uid: try wantedUID(), socket: on?.name)
        let result = try await withAgent(.control) { agent in
            var all = try await agent.call(DaemonConnections.self, parameters, metadata: global.metadata)
            var isTruncated = all.truncated
            while isTruncated, let last = all.connections.last {
                parameters.after = last.id
                let more = try await agent.call(DaemonConnections.self, parameters, metadata: global.metadata)
                all.connections += more.connections
                // An answer without any would go on for ever.
                isTruncated = more.truncated && !more.connections.isEmpty
            }
            all.truncated = isTruncated
            return all
        }
        return Report(text: Self.text(result), result: JSONText { result.encode(to: &$0) })
    }

    private func wantedUID() throws -> UInt32? {
        guard let user else { return uid }
        guard let entry = UserDatabase.user(named: user) else {
            throw CommandFailure(.usage, "there is no user \(user) on this machine")
        }
        return entry.uid
    }

    private static func text(_ result: DaemonConnections.Result) -> String {
        var table = Table([
            "ID", "SOCKET", "UID", "PID", "UNIT", "AGE", "FLIGHT", "WAIT", "DONE", "UNREAD", "READS",
        ])
        for connection in result.connections {
            table.add([
                "\(connection.id)", connection.socket, "\(connection.uid)", "\(connection.pid)",
                connection.probe ? "(the agent itself)" : connection.unit,
                HumanUnits.duration(seconds: connection.ageMilliseconds / 1000), "\(connection.callsInFlight)",
                "\(connection.callsParked)", "\(connection.callsAnswered)", "\(connection.unreadBytes)",
                connection.reading ? "yes" : "PAUSED",
            ])
        }
        return table.text
    }

    /// The name of a socket on the command line.
    struct Socket: ExpressibleByArgument {
        static let allValueStrings = DaemonConnections.Parameters.sockets

        let name: String

        init?(argument: String) {
            guard Self.allValueStrings.contains(argument) else { return nil }
            name = argument
        }
    }
}

/// `mosaicctl metrics`
struct MetricsCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Print what the agent counts and measures, for monitoring.",
        discussion: """
            In the text format of Prometheus, which the textfile collector of its node_exporter takes, or as OpenMetrics 1.0. \
            With --json, in the form of the protocol.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(help: "How to write them.")
    var format = Format.prometheus

    func report() async throws -> Report {
        let result = try await withAgent(.control) { agent in
            try await agent.call(DaemonMetrics.self, metadata: global.metadata)
        }
        return Report(
            text: MetricsText.text(result.metrics, as: format.format),
            result: JSONText { result.encode(to: &$0) }
        )
    }

    /// The name of a format on the command line.
    struct Format: ExpressibleByArgument {
        static let prometheus = Format(format: .prometheus)
        static let allValueStrings = MetricsText.Format.allCases.map(\.rawValue)

        let format: MetricsText.Format

        private init(format: MetricsText.Format) { self.format = format }

        init?(argument: String) {
            guard let format = MetricsText.Format(rawValue: argument) else { return nil }
            self.format = format
        }

        var defaultValueDescription: String { format.rawValue }
    }
}

/// `mosaicctl watch`
struct WatchCommand: StreamingCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Show what happens in the agent, as it happens.",
        discussion: """
            One line per event, until it is interrupted, --timeout has passed or its output is not read any more; all of \
            that ends it with status 0. If the agent stops, the status is 6. With --json, one object per line: {"schema", "command", "event"}; if it fails, the last \
            line has "exit_status" and "error" instead.

            Nothing secret is shown; users are named as in the audit trail (target-hash). If output is read too slowly, \
            events are left out, and the next one says how many.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(
        name: .customLong("event"),
        help: ArgumentHelp("Only events of this kind; may be repeated.", valueName: "kind")
    )
    var events: [Kind] = []

    func stream(_ write: @escaping @Sendable (String) throws -> Void) async throws -> ExitStatus {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        do {
            return try await withAgent(.control) { agent in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await show(agent, write) }
                    group.addTask { _ = await signals.first { _ in true } }
                    try await group.next()
                    group.cancelAll()
                    try await group.waitForAll()
                }
                return .done
            }
        } catch let failure as CommandFailure where failure.refusal?.kind == .deadlineExceeded && global.timeout != nil
        {
            return .done
        }
    }

    private func show(_ agent: AgentClient, _ write: (String) throws -> Void) async throws {
        let limit = global.timeout.map { Duration.milliseconds($0.milliseconds) }
        for try await event in agent.events(events.map(\.kind), deadline: limit) {
            try write(global.json ? JSONReport.text(command: Self.title, event: event) : EventText.line(event))
        }
    }

    /// The name of a kind of event on the command line.
    struct Kind: ExpressibleByArgument {
        static let allValueStrings = EventKind.watchable.map(\.name)

        let kind: EventKind

        init?(argument: String) {
            guard Self.allValueStrings.contains(argument) else { return nil }
            kind = EventKind(argument)
        }
    }
}

/// `mosaicctl log-level`
struct LogLevelCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "log-level",
        abstract: "Show which messages the agent logs, or have it log more or less for a while.",
        discussion: """
            A level that is set holds at once, until the agent is reloaded or restarted; configured puts the level of the \
            configuration back. Audit records are always written.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(
        help: ArgumentHelp(
            "trace, debug, info, notice, warning, error, critical, or configured. (default: only show)",
            valueName: "level"
        )
    )
    var level: Level?

    func report() async throws -> Report {
        let result = try await withAgent(.control) { agent in
            try await agent.call(DaemonLogLevel.self, .init(level: level?.name), metadata: global.metadata)
        }
        return Report(text: Self.text(result), result: JSONText { result.encode(to: &$0) })
    }

    private static func text(_ result: DaemonLogLevel.Result) -> String {
        var list = FieldList()
        list.add("level", result.level)
        list.add("source", source(result.source))
        if result.level != result.configured { list.add("configured", result.configured) }
        return list.text
    }

    private static func source(_ source: LogLevelSource) -> String {
        switch source {
        case .fallback: "nothing is configured"
        case .configuration: "LogLevel= in the configuration"
        case .environment: "the variable MOSAICD_LOG_LEVEL of the agent"
        case .control: "set on the control socket, until the next reload or restart"
        default: source.name
        }
    }

    /// What can be said of the level.
    struct Level: ExpressibleByArgument {
        static let allValueStrings = DaemonLogLevel.Parameters.levels + [DaemonLogLevel.Parameters.configured]

        let name: String

        init?(argument: String) {
            guard Self.allValueStrings.contains(argument) else { return nil }
            name = argument
        }
    }
}

/// `mosaicctl reload`
struct ReloadCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Make the agent read its configuration again, and wait until it has.",
        discussion: """
            A configuration that is wrong in any point is refused whole, and the agent goes on with the old one; then the \
            exit status is 8. systemctl reload mosaicd runs this command and fails with it.

            Read again are the configuration, the access rules, and all files that it names: secrets, keys, certificates. \
            A service credential (LoadCredential=) is handed over only when the service starts; the answer names the \
            clients that have one. So it does with settings that need a restart.
            """
    )

    @OptionGroup var global: GlobalOptions

    func report() async throws -> Report {
        let result = try await withAgent(.control) { agent in
            try await agent.call(DaemonReload.self, metadata: global.metadata)
        }
        return Report(
            status: result.reloaded ? .done : .refused,
            text: Self.text(result),
            result: JSONText { result.encode(to: &$0) },
            remark: result.reloaded ? nil : "the configuration is refused; the old one stays in force"
        )
    }

    static func text(_ result: DaemonReload.Result) -> String {
        var list = FieldList()
        for problem in result.problems { list.add(result.reloaded ? "warning" : "error", problem.message) }
        for change in result.clients { list.add("client \(change.client)", describe(change)) }
        for key in result.restartNeeded { list.add("\(key)=", "has changed; a restart makes that effective") }
        return list.text
    }

    private static func describe(_ change: DaemonReload.ClientChange) -> String {
        var parts = [change.change.name]
        if change.rotatedCredential { parts.append("goes on with its rotated secret, which its source does not have") }
        if change.credentialFixed, !change.rotatedCredential {
            parts.append("its secret is a service credential, which only a restart reads again")
        }
        return parts.joined(separator: "; ")
    }
}

/// `mosaicctl target-hash`
struct TargetHashCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "target-hash",
        abstract: "Tell how a user is named in the audit trail.",
        discussion: """
            Prints the value of MOSAIC_TARGET in the records of calls about this user, and nothing else, so that it can be \
            handed on: mosaicctl audit --target "$(mosaicctl target-hash alice)"

            It is that of the identifier as the calls had it, byte for byte: a user who logs in by user name and by e-mail \
            address has two. Unless the unit passes the credential audit.key, the hash is good for the records since the \
            service was last stopped.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var user: IdentifierOptions

    func report() async throws -> Report {
        let parameters = DaemonTargetHash.Parameters(user.target.kind, user.target.identifier)
        let result = try await withAgent(.control) { agent in
            try await agent.call(DaemonTargetHash.self, parameters, metadata: global.metadata)
        }
        return Report(
            text: TerminalText.escaped(result.target) + "\n",
            result: JSONText { result.encode(to: &$0) }
        )
    }
}
