import NIOPosix
import Synchronization
import TestSupport
import Testing

@testable import AgentDaemon

@Suite(.patient) struct AuditQueueTests {
    @Test func `submitted records are written in order, delivered or not`() async {
        let sink = RecordingSink()
        await withQueue(capacity: 8, sink: sink) { queue in
            for index in 0..<5 {
                let ticket = queue.reserve()
                ticket?.fill(.sample(callID: "call-\(index)"))
                ticket?.submit(delivered: index != 3)
            }
            await queue.flush()
        }
        #expect(sink.records.map(\.callID) == ["call-0", "call-1", "call-2", "call-3", "call-4"])
        #expect(sink.records.map(\.delivered) == [true, true, true, false, true])
    }

    @Test func `a record counts once, however often it is submitted`() async {
        let sink = RecordingSink()
        await withQueue(capacity: 8, sink: sink) { queue in
            let ticket = queue.reserve()
            ticket?.fill(.sample(callID: "first"))
            ticket?.fill(.sample(callID: "second"))
            ticket?.submit(delivered: true)
            ticket?.submit(delivered: false)
            await queue.flush()
        }
        #expect(sink.records.map(\.callID) == ["first"])
        #expect(sink.records.map(\.delivered) == [true])
    }

    @Test func `a filled ticket that is dropped is recorded as not delivered`() async {
        let sink = RecordingSink()
        await withQueue(capacity: 8, sink: sink) { queue in
            do {
                let ticket = queue.reserve()
                ticket?.fill(.sample(callID: "dropped"))
            }
            await queue.flush()
            #expect(queue.load.occupied == 0)
        }
        #expect(sink.records.map(\.callID) == ["dropped"])
        #expect(sink.records.map(\.delivered) == [false])
    }

    @Test func `an unfilled ticket gives its place back`() async {
        await withQueue(capacity: 1, sink: RecordingSink()) { queue in
            do {
                let ticket = queue.reserve()
                #expect(ticket != nil)
                #expect(queue.reserve() == nil)
            }
            #expect(queue.reserve() != nil)
        }
    }

    @Test func `a reserved record is written although the queue has become full`() async {
        let sink = RecordingSink()
        await withQueue(capacity: 2, sink: sink) { queue in
            let first = queue.reserve()
            let second = queue.reserve()
            #expect(queue.reserve() == nil)
            first?.fill(.sample(callID: "first"))
            second?.fill(.sample(callID: "second"))
            first?.submit(delivered: true)
            second?.submit(delivered: true)
            await queue.flush()
        }
        #expect(sink.records.map(\.callID) == ["first", "second"])
    }

    @Test func `what a full queue could not take is counted and noted in the trail`() async {
        let sink = RecordingSink()
        await withQueue(capacity: 1, sink: sink) { queue in
            let place = queue.reserve()
            let late = queue.unreserved()
            late.fill(.sample(callID: "late"))
            late.submit(delivered: true)
            queue.countRefusal()
            queue.countRefusal()
            place?.fill(.sample(callID: "kept"))
            place?.submit(delivered: true)
            await queue.flush()
            #expect(queue.load.refused == 2)
            #expect(queue.load.dropped == 1)
            #expect(queue.load.written == 1)
            #expect(queue.load.occupied == 0)
        }
        #expect(sink.records.map(\.callID) == ["kept"])
        var refused: UInt64 = 0
        var dropped: UInt64 = 0
        for case .lost(let moreRefused, let moreDropped) in sink.entries {
            refused += moreRefused
            dropped += moreDropped
        }
        #expect(refused == 2)
        #expect(dropped == 1)
    }

    @Test func `a flush that is cancelled returns although the writer is stuck`() async {
        let sink = RecordingSink()
        sink.block()
        await withQueue(capacity: 4, sink: sink) { queue in
            let ticket = queue.reserve()
            ticket?.fill(.sample(callID: "stuck"))
            ticket?.submit(delivered: true)
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await queue.flush() }
                group.cancelAll()
            }
            #expect(queue.load.occupied == 1)
            sink.unblock()
            await queue.flush()
        }
        #expect(sink.records.map(\.callID) == ["stuck"])
    }

    private func withQueue(
        capacity: Int,
        sink: RecordingSink,
        _ body: (AuditQueue) async -> Void
    ) async {
        let thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
        await body(AuditQueue(capacity: capacity, sink: sink, thread: thread))
        try? await thread.shutdownGracefully()
    }
}
