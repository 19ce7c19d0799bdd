import InMemoryLogging
import Logging
import NIOPosix
import TestSupport
import Testing

@testable import AgentDaemon

@Suite(.patient) struct AuditServiceTests {
    @Test func `the last records are written before the agent goes`() async {
        let sink = RecordingSink()
        let log = InMemoryLogHandler()
        let thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
        let queue = AuditQueue(capacity: 4, sink: sink, thread: thread)
        let ticket = queue.reserve()
        ticket?.fill(.sample(callID: "last"))
        ticket?.submit(delivered: true)
        await AuditService(
            queue: queue,
            thread: thread,
            clock: TestClock(),
            logger: Logger(label: "test") { _ in log }
        ).close()
        #expect(sink.records.map(\.callID) == ["last"])
        #expect(log.entries.isEmpty)
    }

    @Test func `a stuck journal holds up the end for a limited time, and the loss is told`() async throws {
        let sink = RecordingSink()
        let log = InMemoryLogHandler()
        let clock = TestClock()
        let thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
        let queue = AuditQueue(capacity: 4, sink: sink, thread: thread)
        sink.block()
        let ticket = queue.reserve()
        ticket?.fill(.sample(callID: "stuck"))
        ticket?.submit(delivered: true)
        let service = AuditService(
            queue: queue,
            thread: thread,
            clock: clock,
            logger: Logger(label: "test") { _ in log }
        )
        async let closed: Void = service.close()
        let limit = await clock.nextTimerScheduled()
        #expect(limit == clock.now + AuditService.flushLimit)
        clock.advance(to: limit)
        await closed
        #expect(log.entries.map(\.level) == [.error])
        #expect(log.entries.first?.metadata["records"] == "1")
        sink.unblock()
        try await thread.shutdownGracefully()
    }
}
