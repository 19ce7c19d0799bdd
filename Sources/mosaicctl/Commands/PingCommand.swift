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
