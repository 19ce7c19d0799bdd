import AgentProtocol
import InMemoryLogging
import Logging
import Systemd
import TestSupport
import Testing

@testable import AgentDaemon

@Suite(.patient) struct HealthServiceTests {
    func report(_ status: HealthStatus, _ message: String) -> HealthReport {
        HealthReport(checks: [HealthCheck("client.default.token", status, message)])
    }

    @Test func `the manager and the log hear of changes, not of seconds that run down`() async throws {
        let manager = RecordingManager()
        let log = InMemoryLogHandler()
        let service = HealthService(
            report: { HealthReport(checks: []) },
            notifier: manager.notifier,
            clock: TestClock(),
            logger: Logger(label: "test") { _ in log }
        )

        var last = service.tell(report(.degraded, "The first access token is on its way."), after: nil)
        #expect(manager.told == ["STATUS=degraded: client.default.token: The first access token is on its way."])
        #expect(log.entries.isEmpty)
        last = service.tell(report(.healthy, "good for another 3600 s"), after: last)
        #expect(manager.told.last == "STATUS=healthy")
        last = service.tell(report(.healthy, "good for another 3599 s"), after: last)
        #expect(manager.told.count == 2)
        last = service.tell(report(.degraded, "cannot be renewed, serves for another 100 s"), after: last)
        last = service.tell(report(.degraded, "cannot be renewed, serves for another 99 s"), after: last)
        #expect(manager.told.count == 3)
        last = service.tell(report(.unhealthy, "expired"), after: last)
        _ = service.tell(report(.healthy, "good"), after: last)
        #expect(manager.told.count == 5)
        #expect(log.entries.map(\.level) == [.notice, .warning, .error, .notice])
    }
}
