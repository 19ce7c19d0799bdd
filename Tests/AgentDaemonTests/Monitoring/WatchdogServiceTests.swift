import AgentProtocol
import InMemoryLogging
import Logging
import Synchronization
import TestSupport
import Testing

@testable import AgentDaemon

@Suite(.longTimeLimit) struct WatchdogServiceTests {
    /// Outcomes that a test chooses, for each socket.
    final class Script: Sendable {
        private let outcomes = Mutex<[SocketKind: SocketProbe.Outcome]>([:])

        func set(_ socket: SocketKind, _ outcome: SocketProbe.Outcome) { outcomes.withLock { $0[socket] = outcome } }

        var probes: [WatchdogService.Probe] {
            [SocketKind.main, .control].map { socket in
                WatchdogService.Probe(socket: socket) { [self] in outcomes.withLock { $0[socket] ?? .answered } }
            }
        }
    }

    let script = Script()
    let log = InMemoryLogHandler()
    let manager = RecordingManager()
    let clock = TestClock()

    func service(interval: Duration? = nil) -> WatchdogService {
        let log = log
        return WatchdogService(
            probes: script.probes,
            notifier: manager.notifier(watchdogInterval: interval),
            clock: clock,
            logger: Logger(label: "test") { _ in log }
        )
    }

    @Test func `the manager hears of the agent as long as both sockets answer`() async throws {
        let service = service(interval: .seconds(30))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            for round in 1...3 {
                let next = await clock.nextTimerScheduled()
                #expect(next == clock.now + .seconds(10))
                #expect(manager.told == Array(repeating: "WATCHDOG=1", count: round))
                clock.advance(to: next)
            }
            for socket in [SocketKind.control, .main] {
                let next = await clock.nextTimerScheduled()
                let before = manager.told.count
                script.set(socket, .silent("no answer comes"))
                clock.advance(to: next)
                let later = await clock.nextTimerScheduled()
                #expect(manager.told.count == before, "\(socket) is silent")
                script.set(socket, .answered)
                clock.advance(to: later)
            }
            _ = await clock.nextTimerScheduled()
            #expect(manager.told.count == 6)
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(log.entries.map(\.level) == [.error, .error])
        #expect(log.entries.allSatisfy { $0.metadata["reason"] == "no answer comes" })
    }

    @Test func `a socket that cannot be reached is no reason for a restart, and is told once`() async {
        let service = service()
        script.set(.control, .unreachable("connect: Permission denied"))
        #expect(await service.isAnswering())
        #expect(await service.isAnswering())
        #expect(log.entries.map(\.level) == [.warning])
        script.set(.control, .answered)
        #expect(await service.isAnswering())
        script.set(.control, .unreachable("connect: No such file or directory"))
        #expect(await service.isAnswering())
        #expect(log.entries.map(\.level) == [.warning, .warning], "again, after it could be reached in between")
    }

    @Test func `one silent socket is enough`() async {
        for socket in [SocketKind.main, .control] {
            script.set(socket, .silent("x"))
            #expect(await !service().isAnswering())
            script.set(socket, .answered)
        }
    }
}
