import AgentProtocol
import MosaicAPI
import Synchronization
import Systemd
import TestSupport
import Testing

@testable import AgentDaemon

@Suite(.longTimeLimit) struct AuditQueueTests {
    private let sink = RecordingSink()
    private let clock = TestClock()

    private func queue(capacity: Int = 8, lane: Int = 0) -> AuditQueue {
        AuditQueue(capacity: capacity, lane: lane, sink: sink, clock: clock)
    }

    @Test func `submitted records are written in order, delivered or not`() async {
        let queue = queue(capacity: 16)
        for index in 0..<5 {
            let ticket = queue.reserve(for: .plain)
            ticket?.fill(.sample(callID: "call-\(index)"))
            ticket?.submit(delivered: index != 3)
        }
        await queue.flush()
        #expect(sink.records.map(\.callID) == ["call-0", "call-1", "call-2", "call-3", "call-4"])
        #expect(sink.records.map(\.delivered) == [true, true, true, false, true])
    }

    @Test func `a flush, or many records, end a wait for more of them`() async {
        let queue = AuditQueue(capacity: 64, lane: 0, sink: sink, linger: .seconds(3600), clock: clock)
        func submit(_ name: String) {
            let ticket = queue.reserve(for: .plain)
            ticket?.fill(.sample(callID: name))
            ticket?.submit(delivered: true)
        }
        submit("first")
        await queue.flush()
        submit("second")
        await queue.flush()
        #expect(sink.records.map(\.callID) == ["first", "second"])
        for index in 0..<4 { submit("\(index)") }
        await until { queue.load.written == 6 }
        #expect(sink.records.map(\.callID) == ["first", "second", "0", "1", "2", "3"])
    }

    @Test func `records wait for a thread that cannot be started yet, and health tells why`() async {
        let canStart = Mutex(false)
        let thread = WorkerThread { body in canStart.withLock { $0 } && DetachedThread.run(body) }
        let queue = AuditQueue(capacity: 8, lane: 0, sink: sink, thread: thread, clock: clock)
        func submit(_ name: String) {
            let ticket = queue.reserve(for: .plain)
            ticket?.fill(.sample(callID: name))
            ticket?.submit(delivered: true)
        }
        submit("first")
        #expect(queue.load.waiting == 1)
        #expect(queue.load.failure == "the audit's thread cannot be started")
        canStart.withLock { $0 = true }
        submit("second")
        #expect(queue.load.waiting == 2, "it is tried again after a while")
        clock.advance(by: .seconds(60))
        queue.tick()
        await queue.flush()
        #expect(sink.records.map(\.callID) == ["first", "second"])
        #expect(queue.load.failure == nil)
    }

    @Test func `a record counts once, however often it is submitted`() async {
        let queue = queue()
        let ticket = queue.reserve(for: .plain)
        ticket?.fill(.sample(callID: "first"))
        ticket?.fill(.sample(callID: "second"))
        ticket?.submit(delivered: true)
        ticket?.submit(delivered: false)
        await queue.flush()
        #expect(sink.records.map(\.callID) == ["first"])
        #expect(sink.records.map(\.delivered) == [true])
    }

    @Test func `a filled ticket that is dropped is recorded as not delivered`() async {
        let queue = queue()
        do {
            let ticket = queue.reserve(for: .plain)
            ticket?.fill(.sample(callID: "dropped"))
        }
        await queue.flush()
        #expect(queue.load.occupied == 0)
        #expect(sink.records.map(\.callID) == ["dropped"])
        #expect(sink.records.map(\.delivered) == [false])
    }

    @Test func `an unfilled ticket gives its place back`() {
        let queue = queue(capacity: 1)
        do {
            let ticket = queue.reserve(for: .plain)
            #expect(ticket != nil)
            #expect(queue.reserve(for: .plain) == nil)
        }
        #expect(queue.reserve(for: .plain) != nil)
    }

    @Test func `a record does not wait for the answer to be read, and its place is free once it is written`() async {
        let queue = queue(capacity: 2)
        let ticket = queue.reserve(for: .plain)
        ticket?.fill(.sample(callID: "unread"))
        ticket?.submit(delivered: true)
        await queue.flush()
        // The ticket is still held, for the answer is unread.
        #expect(queue.load.occupied == 0)
        #expect(sink.records.map(\.callID) == ["unread"])
        withExtendedLifetime(ticket) {}
    }

    @Test func `an answer that is lost later makes a second record of the same call`() async {
        let queue = queue()
        let ticket = queue.reserve(for: .plain)
        ticket?.fill(.sample(callID: "lost"))
        ticket?.answerLost()
        ticket?.submit(delivered: true)
        ticket?.answerLost()
        ticket?.answerLost()
        await queue.flush()
        guard case .answerLost(let record)? = sink.entries.last else {
            Issue.record("\(sink.entries)")
            return
        }
        #expect(sink.entries.count == 2)
        #expect(sink.records.map(\.callID) == ["lost"])
        #expect(record.callID == "lost")
    }

    @Test func `an answer that had no connection makes one record`() async {
        let queue = queue()
        let ticket = queue.reserve(for: .plain)
        ticket?.fill(.sample(callID: "gone"))
        ticket?.submit(delivered: false)
        ticket?.answerLost()
        await queue.flush()
        #expect(sink.entries.count == 1)
        #expect(sink.records.map(\.delivered) == [false])
    }

    @Test func `what found no place is counted and noted in the trail, by caller`() async {
        let queue = queue(capacity: 1)
        let place = queue.reserve(for: .plain)
        let late = queue.unreserved(for: .other)
        late.fill(.sample(callID: "late"))
        late.submit(delivered: true)
        queue.countRefusal(of: .plain)
        queue.countRefusal(of: .plain)
        place?.fill(.sample(callID: "kept"))
        place?.submit(delivered: true)
        await queue.flush()
        let load = queue.load
        #expect(load.refused == 2 && load.dropped == 1 && load.written == 1 && load.occupied == 0)
        #expect(sink.records.map(\.callID) == ["kept"])
        var lost: [UInt32?: [UInt64]] = [:]
        for case .lost(let uid, let refused, let dropped) in sink.entries {
            lost[uid, default: [0, 0]][0] += refused
            lost[uid, default: [0, 0]][1] += dropped
        }
        #expect(lost == [1000: [2, 0], 2000: [0, 1]])
    }

    @Test func `a caller that takes all the places it can leaves some to others, and root has its lane`() {
        let queue = queue(capacity: 8, lane: 2)
        var tickets: [AuditTicket] = []
        while let ticket = queue.reserve(for: .plain) { tickets.append(ticket) }
        #expect(tickets.count == 4)
        let others = (0..<3).map { _ in queue.reserve(for: .other) }
        #expect(others.map { $0 != nil } == [true, true, false])
        let root = (0..<4).map { _ in queue.reserve(for: .root) }
        #expect(root.map { $0 != nil } == [true, true, true, false])
        withExtendedLifetime((tickets, others, root)) {}
    }

    @Test func `what cannot be written keeps its place, is told, and is written as soon as it can be`() async {
        let queue = queue(capacity: 4)
        sink.fail("no space")
        let ticket = queue.reserve(for: .plain)
        ticket?.fill(.sample(callID: "late"))
        ticket?.submit(delivered: true)
        await until { queue.load.failure != nil }
        clock.advance(by: .seconds(7))
        var load = queue.load
        #expect(load.failure == "no space")
        #expect(load.written == 0 && load.waiting == 1 && load.occupied == 1)
        #expect(load.stalled == .seconds(7))
        sink.fail(nil)
        queue.tick()
        await queue.flush()
        load = queue.load
        #expect(load.failure == nil && load.stalled == .zero)
        #expect(load.written == 1 && load.waiting == 0 && load.occupied == 0)
        #expect(sink.records.map(\.callID) == ["late"])
    }

    @Test func `calls without effect beyond the allowance are told by one record when the time is over`() async {
        let queue = queue(capacity: 1024)
        for index in 0..<250 {
            let ticket = queue.effectless(for: .plain, method: "system.ping")
            var record = AuditRecord.sample(callID: "\(index)")
            record.event = .completed
            record.method = "system.ping"
            record.verdict = "ok"
            ticket.fill(record)
            ticket.submit(delivered: true)
            ticket.answerLost()
        }
        await queue.flush()
        #expect(sink.records.count == 100)
        // Of those that are only counted, a lost answer is not told either.
        #expect(sink.entries.count == 200)
        clock.advance(by: .seconds(9))
        queue.tick()
        await queue.flush()
        #expect(sink.summaries.isEmpty)
        clock.advance(by: .seconds(1))
        queue.tick()
        await queue.flush()
        #expect(sink.summaries.map(\.count) == [150])
        #expect(sink.summaries.map(\.method) == ["system.ping"])
        #expect(queue.load.summed == 150)
    }

    @Test func `summaries are written at the end, whatever time is left`() async {
        let queue = queue(capacity: 1024)
        for _ in 0..<101 {
            let ticket = queue.effectless(for: .plain, method: "system.ping")
            ticket.fill(.sample(callID: "c"))
            ticket.submit(delivered: true)
        }
        queue.end()
        await queue.flush()
        #expect(sink.summaries.map(\.count) == [1])
    }

    @Test func `root's calls without effect are all recorded one by one`() async {
        let queue = queue(capacity: 1024)
        for _ in 0..<300 {
            let ticket = queue.effectless(for: .root, method: "system.ping")
            ticket.fill(.sample(callID: "c", uid: 0))
            ticket.submit(delivered: true)
        }
        queue.end()
        await queue.flush()
        #expect(sink.records.count == 300)
        #expect(sink.summaries.isEmpty)
    }

    @Test func `a line that is no call is recorded`() async {
        let queue = queue()
        queue.recordLine(
            of: Caller(uid: 1000, gid: 1000, pid: 42, supplementaryGroups: []),
            on: .main,
            error: .parseError
        )
        .submit(delivered: true)
        await queue.flush()
        #expect(sink.records.map(\.method) == ["(no call)"])
        #expect(sink.records.map(\.error) == ["parse_error"])
    }

    @Test func `a flush that is cancelled returns although the writer is stuck`() async {
        sink.block()
        let queue = queue()
        let ticket = queue.reserve(for: .plain)
        ticket?.fill(.sample(callID: "stuck"))
        ticket?.submit(delivered: true)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await queue.flush() }
            group.cancelAll()
        }
        #expect(queue.load.occupied == 1)
        sink.unblock()
        await queue.flush()
        #expect(sink.records.map(\.callID) == ["stuck"])
    }

    /// Returns when the writer's thread has brought something about.
    private func until(_ condition: () -> Bool) async {
        while !condition(), !Task.isCancelled { await Task.yield() }
    }
}
