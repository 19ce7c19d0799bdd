import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl wait`
struct WaitCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until the agent answers, or until it is healthy.",
        discussion: """
            For scripts and for units that need the agent. Without --healthy it waits for an answer on the main socket. With \
            --healthy, which takes the control socket, it waits until health has no complaint; the agent tells of each change.

            Exits 0 then. After --timeout (60 seconds unless given) it exits as it stands: 6 when the agent is not running; \
            with --healthy also 10 when it is degraded and 7 when it is unhealthy. A socket that may not be used ends it at \
            once with 4.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Wait until the agent is healthy, not only until it answers.")
    var healthy = false

    /// How long it waits when it is not said.
    private static let usualLimit = Duration.seconds(60)
    /// Between two attempts to reach an agent that is not there.
    private static let pause = Duration.milliseconds(100)

    func report() async throws -> Report {
        let clock = ContinuousClock()
        let end = clock.now + (global.timeout.map { .milliseconds($0.milliseconds) } ?? Self.usualLimit)
        while true {
            do {
                return healthy ? try await untilHealthy(end: end) : try await ping(end: end)
            } catch let failure as CommandFailure {
                // An agent that goes away while it is waited for may come back, as at a restart.
                guard failure.status == .notRunning, clock.now + Self.pause < end else { throw failure }
                try await clock.sleep(for: Self.pause)
            }
        }
    }

    private func ping(end: ContinuousClock.Instant) async throws -> Report {
        try await withAgent(.main) { agent in
            _ = try await agent.call(SystemPing.self, metadata: Self.metadata(end))
        }
        return Report(text: "the agent answers\n", result: JSONText { EmptyResult().encode(to: &$0) })
    }

    private func untilHealthy(end: ContinuousClock.Instant) async throws -> Report {
        var last: DaemonHealth.Result?
        do {
            return try await withAgent(.control) { agent in
                // The watch begins before the first look, so no change is missed; its first event says that it has begun.
                for try await _ in agent.events([.healthChanged], deadline: max(end - .now, .milliseconds(1))) {
                    let health = try await agent.call(DaemonHealth.self, metadata: Self.metadata(end))
                    last = health
                    if health.status == .healthy { return HealthCommand.report(health) }
                }
                throw CommandFailure(.notRunning, "the agent ended the watch", kind: "connection_closed")
            }
        } catch let failure as CommandFailure where failure.refusal?.kind == .deadlineExceeded {
            guard let last else { throw failure }
            return HealthCommand.report(last)
        }
    }

    /// Calls may take what is left of the time, and a moment at least.
    private static func metadata(_ end: ContinuousClock.Instant) -> CallMetadata {
        let left = Int((end - .now) / .milliseconds(1))
        return CallMetadata(deadlineMilliseconds: min(max(left, 1), ProtocolLimits.defaultDeadlineMilliseconds))
    }
}
