import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

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
