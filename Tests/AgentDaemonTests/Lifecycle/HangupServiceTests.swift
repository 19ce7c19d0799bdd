import AgentProtocol
import Logging
import Synchronization
import TestSupport
import Testing
import UnixSignals

@testable import AgentDaemon

@Suite(.longTimeLimit) struct HangupServiceTests {
    private let clock = TestClock()
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs the service with signals that come now, until they have ended.
    private func run(
        _ count: Int,
        reload: @escaping @Sendable () async throws(CallFailure) -> DaemonReload.Result
    ) async throws {
        let (signals, continuation) = AsyncStream.makeStream(of: UnixSignal.self)
        for _ in 0..<count { continuation.yield(.sighup) }
        continuation.finish()
        let service = HangupService(signals: { signals }, reload: reload, clock: clock, logger: logger)
        try await service.run()
    }

    @Test func `each SIGHUP is a reload`() async throws {
        let reloads = Mutex(0)
        try await run(3) { () async throws(CallFailure) in
            reloads.withLock { $0 += 1 }
            return DaemonReload.Result(reloaded: true, problems: [])
        }
        #expect(reloads.withLock { $0 } == 3)
    }

    @Test func `one that comes during another reload waits for its end`() async throws {
        let reloads = Mutex(0)
        async let service: Void = run(1) { () async throws(CallFailure) in
            let number = reloads.withLock { count in
                count += 1
                return count
            }
            if number < 3 { throw CallFailure(.overloaded, "another one is under way") }
            return DaemonReload.Result(reloaded: true, problems: [])
        }
        for _ in 1...2 { clock.advance(to: await clock.nextTimerScheduled()) }
        try await service
        #expect(reloads.withLock { $0 } == 3)
    }

    @Test func `one that comes while the agent stops does nothing`() async throws {
        let reloads = Mutex(0)
        try await run(1) { () async throws(CallFailure) in
            reloads.withLock { $0 += 1 }
            throw CallFailure(.shuttingDown, "the agent does not serve")
        }
        #expect(reloads.withLock { $0 } == 1)
    }
}
