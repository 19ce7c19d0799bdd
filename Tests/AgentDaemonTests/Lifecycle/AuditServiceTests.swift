import InMemoryLogging
import Logging
import TestSupport
import Testing

@testable import AgentDaemon

@Suite(.longTimeLimit) struct AuditServiceTests {
    @Test func `the last records are written before the agent goes`() async {
        let sink = RecordingSink()
        let log = InMemoryLogHandler()
        let clock = TestClock()
        let queue = AuditQueue(capacity: 4, lane: 0, sink: sink, clock: clock)
        let ticket = queue.reserve(for: .plain)
        ticket?.fill(.sample(callID: "last"))
        ticket?.submit(delivered: true)
        await AuditService(
            queue: queue,
            clock: clock,
            logger: Logger(label: "test") { _ in log }
        ).close()
        #expect(sink.records.map(\.callID) == ["last"])
        #expect(log.entries.isEmpty)
    }

    @Test func `a stuck journal holds up the end for a limited time, and the loss is told`() async throws {
        let sink = RecordingSink()
        let log = InMemoryLogHandler()
        let clock = TestClock()
        let queue = AuditQueue(capacity: 4, lane: 0, sink: sink, clock: clock)
        sink.block()
        let ticket = queue.reserve(for: .plain)
        ticket?.fill(.sample(callID: "stuck"))
        ticket?.submit(delivered: true)
        let service = AuditService(
            queue: queue,
            clock: clock,
            logger: Logger(label: "test") { _ in log }
        )
        async let closed: Void = service.close()
        let limit = clock.now + AuditService.flushLimit
        let timers = [await clock.nextTimerScheduled(), await clock.nextTimerScheduled()]
        #expect(timers.sorted() == [clock.now + AuditService.lastPeriod, limit])
        clock.advance(to: limit)
        await closed
        #expect(log.entries.map(\.level) == [.error])
        #expect(log.entries.first?.metadata["records"] == "1")
        sink.unblock()
    }

    @Test func `what cannot be written is tried again until the limit, and what is left is told with the reason`() async
    {
        let sink = RecordingSink()
        let log = InMemoryLogHandler()
        let clock = TestClock()
        let queue = AuditQueue(capacity: 4, lane: 0, sink: sink, clock: clock)
        sink.fail("no space")
        let ticket = queue.reserve(for: .plain)
        ticket?.fill(.sample(callID: "unwritten"))
        ticket?.submit(delivered: true)
        // The writer's thread runs by a time of its own: until it has tried once there is no reason to tell.
        while queue.load.failure == nil, !Task.isCancelled { await Task.yield() }
        let service = AuditService(queue: queue, clock: clock, logger: Logger(label: "test") { _ in log })
        async let closed: Void = service.close()
        let limit = clock.now + AuditService.flushLimit
        while await clock.nextTimerScheduled() != limit {}
        clock.advance(to: limit)
        await closed
        #expect(log.entries.first?.metadata["records"] == "1")
        #expect(log.entries.first?.metadata["reason"] == "no space")
    }
}
