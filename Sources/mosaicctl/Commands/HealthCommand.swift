import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl health`
struct HealthCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Tell whether the agent can do its job, and what to do if not.",
        discussion: """
            Exits 0 when the agent is healthy, 7 when it is degraded or unhealthy, 6 when it is not running. With \
            --accept-degraded, an agent that works but should be looked at counts as healthy.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Exit 0 also when the agent is only degraded.")
    var acceptDegraded = false

    func report() async throws -> Report {
        let health = try await withAgent(.control) { agent in
            try await agent.call(DaemonHealth.self, metadata: global.metadata)
        }
        let isAccepted = health.status == .healthy || (health.status == .degraded && acceptDegraded)
        return Report(
            status: isAccepted ? .done : .upstream,
            text: Self.text(health),
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
