import AgentProtocol
import Logging
import MosaicAPI
import ServiceLifecycle
import Systemd

/// Tells the service manager and the log how the agent is doing, whenever that changes.
struct HealthService: Service {
    /// How often the agent looks at itself. A token's expiry is nobody's event, so looking is the only way to see it.
    static let period = Duration.seconds(1)

    let report: @Sendable () -> HealthReport
    let notifier: ServiceNotifier
    let clock: any AgentClock
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var last: HealthReport?
            while !Task.isCancelled {
                last = tell(report(), after: last)
                try? await clock.sleep(until: clock.now + Self.period, tolerance: Self.period / 4)
            }
        }
    }

    /// One look: tells what has changed since the last one.
    func tell(_ report: HealthReport, after last: HealthReport?) -> HealthReport {
        guard report.standing != last?.standing else { return report }
        notifier.status(report.summary)
        guard report.status != last?.status || report.problems.map(\.name) != last?.problems.map(\.name) else {
            return report
        }
        let level: Logger.Level =
            switch report.status {
            case .healthy: .notice
            case .degraded: .warning
            default: .error
            }
        // The first look finds the first token on its way, which is no news.
        if last != nil || report.status == .unhealthy {
            logger.log(level: level, "Health has changed", metadata: ["health": "\(report.summary)"])
        }
        return report
    }
}

extension HealthReport {
    /// What must change for the report to be news: seconds that run down do not count.
    fileprivate var standing: [HealthCheck] {
        problems.map { check in
            var check = check
            check.message = String(check.message.filter { !$0.isNumber })
            return check
        }
    }
}
