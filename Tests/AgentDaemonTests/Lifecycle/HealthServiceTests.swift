import AgentProtocol
import InMemoryLogging
import Logging
import Systemd
import TestSupport
import Testing

@testable import AgentDaemon

@Suite(.longTimeLimit) struct HealthServiceTests {
    let manager = RecordingManager()
    let log = InMemoryLogHandler()
    let clock = TestClock()

    var service: HealthService {
        HealthService(
            report: { HealthReport(checks: []) },
            notifier: manager.notifier,
            clock: clock,
            logger: Logger(label: "test") { [log] _ in log }
        )
    }

    func report(_ status: HealthStatus, _ message: String) -> HealthReport {
        HealthReport(checks: [HealthCheck("client.default.token", status, message)])
    }

    @Test func `the manager and the log hear of changes, not of seconds that run down`() async throws {
        var news = HealthNews()
        func look(_ report: HealthReport) {
            service.notify(report, &news)
            clock.advance(by: HealthNews.quietTime)
        }

        look(report(.degraded, "The first access token is on its way."))
        #expect(manager.told == ["STATUS=degraded: client.default.token: The first access token is on its way."])
        #expect(log.entries.isEmpty)
        look(report(.healthy, "good for another 3600 s"))
        #expect(manager.told.last == "STATUS=healthy")
        look(report(.healthy, "good for another 3599 s"))
        #expect(manager.told.count == 2)
        look(report(.degraded, "cannot be renewed, serves for another 100 s"))
        look(report(.degraded, "cannot be renewed, serves for another 99 s"))
        #expect(manager.told.count == 3)
        look(report(.unhealthy, "expired"))
        look(report(.healthy, "good"))
        #expect(manager.told.count == 5)
        #expect(log.entries.map(\.level) == [.notice, .warning, .error, .notice])
        #expect(log.entries.allSatisfy { $0.metadata["changes"] == nil })
    }

    @Test func `health that comes and goes does not fill the log, which ends with what is`() async throws {
        var news = HealthNews()
        service.notify(report(.healthy, "good"), &news)
        // Down every other second, for a minute and a second: the last look finds it down.
        for second in 0..<61 {
            service.notify(second.isMultiple(of: 2) ? report(.unhealthy, "held back") : report(.healthy, "good"), &news)
            clock.advance(by: .seconds(1))
        }
        #expect(manager.told.count == 62, "the status line follows each change")
        #expect((2...7).contains(log.entries.count), "\(log.entries.count)")
        #expect(log.entries.first?.level == .error && log.entries.first?.metadata["changes"] == nil)
        for _ in 0..<11 {
            service.notify(report(.unhealthy, "held back"), &news)
            clock.advance(by: .seconds(1))
        }
        #expect(log.entries.last?.level == .error)
        let told = log.entries.compactMap { Int($0.metadata["changes"]?.description ?? "1") }.reduce(0, +)
        #expect(told == 61, "each change is counted once")
    }

    @Test func `an agent that is unhealthy from the start says so`() async throws {
        var news = HealthNews()
        #expect(news.see(report(.unhealthy, "refused"), now: .now) == .init(status: true, changes: 1))
    }
}
