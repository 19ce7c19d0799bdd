import AgentProtocol
import Logging
import MosaicAPI
import ServiceLifecycle
import Systemd

/// Tells the service manager and the log how the agent is doing, whenever that changes.
struct HealthService: Service {
    /// How often the agent looks at itself. A token's expiry raises no event, so looking is the only way to see it.
    static let period = Duration.seconds(1)

    let report: @Sendable () -> HealthReport
    let notifier: ServiceNotifier
    var events = EventHub()
    let clock: any AgentClock
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var news = HealthNews()
            while !Task.isCancelled {
                notify(report(), &news)
                try? await clock.sleep(until: clock.now + Self.period, tolerance: Self.period / 4)
            }
        }
    }

    /// One look: tells what is news.
    func notify(_ report: HealthReport, _ news: inout HealthNews) {
        let previous = news.last?.status
        let announcement = news.see(report, now: clock.now)
        if announcement.status {
            notifier.status(report.summary)
            events.publish(.healthChanged) {
                DaemonEvent.Details(
                    DaemonEvent.Health(status: report.status.name, previous: previous?.name, summary: report.summary)
                )
            }
        }
        guard let changes = announcement.changes else { return }
        let level: Logger.Level =
            switch report.status {
            case .healthy: .notice
            case .degraded: .warning
            default: .error
            }
        var metadata: Logger.Metadata = ["health": "\(report.summary)"]
        if changes > 1 { metadata["changes"] = "\(changes)" }
        logger.log(level: level, "Health has changed", metadata: metadata)
    }
}
