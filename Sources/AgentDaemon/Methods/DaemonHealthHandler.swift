package import AgentProtocol

/// Carries out `daemon.health`.
package struct DaemonHealthHandler: MethodHandler {
    package typealias Method = DaemonHealth

    private let monitor: HealthMonitor

    /// A handler that tells what `monitor` finds.
    package init(monitor: HealthMonitor) {
        self.monitor = monitor
    }

    package func handle(
        _ parameters: EmptyParameters,
        in context: CallContext
    ) async throws -> Reply<DaemonHealth.Result> {
        let report = monitor.report
        let checks = report.checks.map { check in
            DaemonHealth.Check(name: check.name, status: check.status, message: check.message)
        }
        return Reply(DaemonHealth.Result(checks: checks), reason: report.status.name)
    }
}
