import AgentProtocol
import InMemoryLogging
import Logging
import TestSupport
import Testing

@testable import AgentDaemon

/// What becomes of the throttle's records when there are more than it has room for.
@Suite struct ThrottleBoundsTests {
    let clock = TestClock(origin: ThrottleSamples.start)
    let log = InMemoryLogHandler()

    func throttle(_ capacity: ThrottleCapacity) -> Throttle {
        let log = log
        return Throttle(
            limits: ThrottleLimits(sendInterval: .zero, callerSendBudget: 1_000_000),
            capacity: capacity,
            clock: clock,
            logger: Logger(label: "test") { _ in log }
        )
    }

    func fail(_ throttle: Throttle, at target: Int, uid: UInt32) throws {
        let target = ThrottleSamples.target(target)
        let ticket = try throttle.beginAttempt(at: target, by: ThrottleSamples.caller(uid))
        throttle.release(ticket, at: target, .failed)
    }

    @Test func `a flood of one uid ends when its own oldest record would go, and costs nobody else anything`() throws {
        let throttle = throttle(ThrottleCapacity(failures: 100, sends: 100, rates: 10))
        for target in 0..<10 { try fail(throttle, at: target, uid: 1) }
        _ = try throttle.beginSend(to: ThrottleSamples.target(0), by: ThrottleSamples.caller(2))
        for _ in 0..<4 { try fail(throttle, at: 50, uid: 2) }
        clock.advance(by: .seconds(1))
        for target in 100..<186 { try fail(throttle, at: target, uid: 2) }
        let full = ThrottleRejection(budget: .callerAttempts, retryAfter: .seconds(899))
        for target in [50, 186, 1000] {
            let expected = target == 50 ? ThrottleRejection(budget: .attempts, retryAfter: .seconds(899)) : full
            #expect(throws: expected) { try fail(throttle, at: target, uid: 2) }
        }
        #expect(throttle.totals.failures == .init(count: 100, capacity: 100, evicted: 0))
        // Others take the place of its oldest record, and still none of theirs goes.
        for target in 10..<20 { try fail(throttle, at: target, uid: 1) }
        #expect(throttle.report(.uid(1), limit: 100).attempts.count == 20)
        #expect(throttle.totals.failures == .init(count: 100, capacity: 100, evicted: 10))
        #expect(throttle.totals.sends == .init(count: 1, capacity: 100, evicted: 0), "sends are apart")
        // A success takes no place, but nobody can know before.
        #expect(throws: ThrottleRejection(budget: .callerAttempts, retryAfter: .seconds(900))) {
            try fail(throttle, at: 99, uid: 2)
        }
        clock.advance(by: .seconds(900))
        try fail(throttle, at: 50, uid: 2)
        for target in 2000..<2300 {
            _ = try throttle.beginSend(to: ThrottleSamples.target(target), by: ThrottleSamples.caller(3))
        }
        #expect(throttle.totals.sends == .init(count: 100, capacity: 100, evicted: 201))
        #expect(throttle.report(.uid(2), limit: 1).sendCount == 1)
    }

    @Test func `attempts under way have the first claim on the places that are free`() throws {
        let throttle = throttle(ThrottleCapacity(failures: 10, sends: 1, rates: 1))
        for target in 0..<7 { try fail(throttle, at: target, uid: 1) }
        let tickets = try (10..<13).map {
            try throttle.beginAttempt(at: ThrottleSamples.target($0), by: ThrottleSamples.caller(1))
        }
        #expect(throws: ThrottleRejection(budget: .callerAttempts, retryAfter: .seconds(900))) {
            try fail(throttle, at: 13, uid: 1)
        }
        try fail(throttle, at: 13, uid: 2)
        for ticket in tickets { throttle.release(ticket, at: ticket.target, .succeeded) }
        try fail(throttle, at: 13, uid: 1)
        #expect(throttle.totals.failures == .init(count: 9, capacity: 10, evicted: 0))
    }

    @Test func `whoever has most loses, also to others`() throws {
        let throttle = throttle(ThrottleCapacity(failures: 6, sends: 1, rates: 1))
        for target in 0..<4 { try fail(throttle, at: target, uid: 1) }
        for target in 4..<6 { try fail(throttle, at: target, uid: 2) }
        try fail(throttle, at: 6, uid: 3)
        func targets(_ uid: UInt32) -> [UInt64] {
            throttle.report(.uid(uid), limit: 10).attempts.map(\.target.digest.low).sorted()
        }
        #expect(targets(1) == [1, 2, 3])
        #expect(targets(2) == [4, 5])
        #expect(targets(3) == [6])
        #expect(throws: ThrottleRejection(budget: .callerAttempts, retryAfter: .seconds(900))) {
            try fail(throttle, at: 7, uid: 1)
        }
        try fail(throttle, at: 7, uid: 2)
        #expect(targets(1) == [2, 3] && targets(2) == [4, 5, 7])
    }

    @Test func `it is told in the journal and counted`() throws {
        let throttle = throttle(ThrottleCapacity(failures: 2, sends: 2, rates: 1))
        for target in 0..<2 { try fail(throttle, at: target, uid: 1) }
        #expect(log.entries.isEmpty)
        try fail(throttle, at: 2, uid: 2)
        #expect(log.entries.map(\.level) == [.warning])
        _ = try throttle.beginSend(to: ThrottleSamples.target(1), by: ThrottleSamples.caller(1))
        _ = try throttle.beginSend(to: ThrottleSamples.target(1), by: ThrottleSamples.caller(2))
        #expect(throttle.totals.rates == .init(count: 1, capacity: 1, evicted: 1))
        #expect(log.entries.count == 2)
    }

    @Test func `random records leave in the right order`() {
        var generator = SeededGenerator(seed: 5)
        var table = EvictingTable(capacity: 12)
        var held: [(slot: Int32, record: ThrottleRecord)] = []
        var most = 0
        for step in 0..<20_000 {
            let uid = UInt32.random(in: 0..<6, using: &generator)
            let pair = ThrottleRecord.Pair(
                target: ThrottleSamples.target(.random(in: 0..<3, using: &generator)),
                caller: ThrottleSamples.caller(uid)
            )
            if Int.random(in: 0..<3, using: &generator) == 0, let gone = held.indices.randomElement(using: &generator) {
                table.remove(held.remove(at: gone).slot)
            }
            if table.isFull, let evictionCandidate = table.evictionCandidate(toMakeRoomFor: uid) {
                var counts: [UInt32: Int] = [uid: 1]
                for (_, record) in held { counts[record.pair.caller.uid, default: 0] += 1 }
                let candidateUID = table.record(evictionCandidate).pair.caller.uid
                #expect(counts[candidateUID] == counts.values.max())
                let oldest = held.firstIndex { $0.record.pair.caller.uid == candidateUID }
                #expect(oldest.map { held[$0].slot } == evictionCandidate)
                table.remove(evictionCandidate, evicting: true)
                held.removeAll { $0.slot == evictionCandidate }
            }
            let record = ThrottleRecord(pair: pair, instant: ThrottleSamples.start + .seconds(step))
            held.append((table.insert(record), record))
            most = max(most, held.count)
            #expect(table.count == held.count)
            #expect(table.oldest == held.first?.slot)
            #expect(Array(table.slots) == held.map(\.slot).reversed())
            #expect(
                Array(table.slots(of: uid)) == held.filter { $0.record.pair.caller.uid == uid }.map(\.slot).reversed()
            )
            #expect(Array(table.slots(of: pair)) == held.filter { $0.record.pair == pair }.map(\.slot).reversed())
            #expect(held.allSatisfy { table.recordIfAny(Int($0.slot)) == $0.record && $0.slot < most })
            #expect(Set(table.changedSlots).count <= 3)
            table.changesWereCopied()
        }
        #expect(table.evicted > 1000)
    }

    // Were any of this to look at all records, it would take hours.
    @Test(.longTimeLimit) func `a full table is as fast as an empty one`() throws {
        let throttle = throttle(ThrottleCapacity())
        for number in 0..<100_000 {
            let uid = UInt32(number % 3000)
            // Those that have most are refused, which must be fast as well.
            try? fail(throttle, at: number, uid: uid)
            _ = try throttle.beginSend(to: ThrottleSamples.target(number), by: ThrottleSamples.caller(uid % 7))
        }
        let totals = throttle.totals
        #expect(totals.failures.count == 32_768)
        #expect(totals.failures.evicted + totals.refused[.callerAttempts, default: 0] == 100_000 - 32_768)
        #expect(totals.sends == .init(count: 16_384, capacity: 16_384, evicted: 100_000 - 16_384))
        clock.advance(by: .seconds(3600))
        #expect(throttle.totals.failures.count == 0)
        #expect(throttle.totals.sends.count == 0)
    }

    @Test(.longTimeLimit) func `many who failed on one target do not make it slow`() throws {
        let throttle = throttle(ThrottleCapacity())
        for number in 0..<30_000 { try fail(throttle, at: 1, uid: UInt32(number)) }
        for number in 0..<20_000 {
            #expect(throws: ThrottleRejection.self) { try fail(throttle, at: 1, uid: UInt32(number)) }
        }
        #expect(throttle.totals.refused[.attempts] == 20_000)
    }
}
