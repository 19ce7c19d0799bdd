import AgentProtocol
import InMemoryLogging
import Logging
import NIOPosix
import Synchronization
import Systemd
import TestSupport
import Testing

@testable import AgentDaemon

@Suite(.timeLimit(.minutes(1))) struct HealthServiceTests {
    /// A service manager that keeps what it is told.
    final class Manager: Sendable {
        private let messages = Mutex<[String]>([])

        var told: [String] { messages.withLock { $0 } }

        var notifier: ServiceNotifier {
            ServiceNotifier(hasManager: true, watchdogInterval: nil) { [self] message in
                messages.withLock { $0.append(message) }
                return 1
            }
        }
    }

    func report(_ status: HealthStatus, _ message: String) -> HealthReport {
        HealthReport(checks: [HealthCheck("client.default.token", status, message)])
    }

    @Test func `the manager and the log hear of changes, not of seconds that run down`() async throws {
        let manager = Manager()
        let log = InMemoryLogHandler()
        let thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
        let queue = AuditQueue(capacity: 1, sink: RecordingSink(), thread: thread)
        let clock = TestClock()
        let service = HealthService(
            monitor: HealthMonitor(
                clients: ClientDirectory([]),
                audit: AuditGate(queue: queue, overflow: .drop),
                clock: clock
            ),
            notifier: manager.notifier,
            clock: clock,
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
        try await thread.shutdownGracefully()
    }
}
