import AgentProtocol
import Systemd
import Testing

@testable import AgentDaemon

@Suite struct AuditBacklogTests {
    private let start = ContinuousClock.now
    private let wallTime = WallTime(microseconds: 1_700_000_000_000_000)

    private func backlog(_ callIDs: String...) throws -> AuditBacklog {
        var backlog = AuditBacklog(capacity: 64, lane: 4)
        for callID in callIDs {
            let place = try place(in: &backlog)
            backlog.add(.call(.sample(callID: callID)), at: place)
        }
        return backlog
    }

    private func place(in backlog: inout AuditBacklog) throws -> FairShares.Place {
        let place = backlog.reserve(for: .plain)
        return try #require(place)
    }

    private func begins(_ backlog: inout AuditBacklog, at now: ContinuousClock.Instant) -> Bool {
        backlog.startsWriting(now: now)
    }

    private func batch(_ backlog: inout AuditBacklog, at now: ContinuousClock.Instant) -> [AuditEntry]? {
        backlog.nextBatch(now: now, wallTime: wallTime)
    }

    private func lingers(_ backlog: inout AuditBacklog) -> Bool {
        backlog.linger()
    }

    private func wakes(_ backlog: inout AuditBacklog, isAwaited: Bool, at now: ContinuousClock.Instant) -> Bool {
        backlog.endsLingering(isAwaited: isAwaited, now: now)
    }

    private func callIDs(_ batch: [AuditEntry]?) -> [String]? {
        batch?.compactMap { if case .call(let record) = $0 { record.callID } else { nil } }
    }

    @Test func `entries of which a part was written come again from the first that was not`() throws {
        var backlog = try backlog("a", "b", "c")
        #expect(begins(&backlog, at: start))
        #expect(!begins(&backlog, at: start), "one writes at a time")
        #expect(callIDs(batch(&backlog, at: start)) == ["a", "b", "c"])
        backlog.wrote(1, failure: "disk full", now: start)
        #expect(backlog.written == 1 && backlog.waiting == 2 && backlog.shares.occupied == 2)
        #expect(batch(&backlog, at: start) == nil)
        #expect(!begins(&backlog, at: start + .milliseconds(249)))
        #expect(begins(&backlog, at: start + .milliseconds(250)))
        let place = try place(in: &backlog)
        backlog.add(.call(.sample(callID: "d")), at: place)
        #expect(callIDs(batch(&backlog, at: start + .seconds(1))) == ["b", "c"])
        backlog.wrote(2, failure: nil, now: start + .seconds(1))
        #expect(callIDs(batch(&backlog, at: start + .seconds(1))) == ["d"])
        backlog.wrote(1, failure: nil, now: start + .seconds(1))
        #expect(batch(&backlog, at: start + .seconds(1)) == nil)
        #expect(backlog.isSettled && backlog.written == 4 && backlog.shares.occupied == 0)
    }

    @Test func `a write that keeps failing is tried again ever more rarely, at last every four seconds`() throws {
        var backlog = try backlog("a")
        var now = start
        var waits: [Duration] = []
        for _ in 0..<7 {
            #expect(begins(&backlog, at: now))
            #expect(batch(&backlog, at: now)?.count == 1)
            backlog.wrote(0, failure: "disk full", now: now)
            #expect(batch(&backlog, at: now) == nil)
            let failed = now
            var next = backlog
            while !begins(&next, at: now) { now += .milliseconds(250) }
            waits.append(now - failed)
        }
        #expect(waits.first == .milliseconds(250) && waits.last == .seconds(4))
        #expect(waits == waits.sorted())
        #expect(backlog.failure?.since == start)
        #expect(backlog.written == 0 && backlog.shares.occupied == 1)
    }

    @Test func `a writer that lingers is not started for a record, but woken for many or for one that is awaited`()
        throws
    {
        var backlog = try backlog("a")
        #expect(begins(&backlog, at: start))
        #expect(!lingers(&backlog), "it still writes")
        _ = batch(&backlog, at: start)
        backlog.wrote(1, failure: nil, now: start)
        #expect(batch(&backlog, at: start) == nil)
        #expect(lingers(&backlog))
        #expect(backlog.isSettled)
        #expect(!wakes(&backlog, isAwaited: true, at: start), "there is nothing to write")
        for callID in ["b", "c", "d"] {
            let place = try place(in: &backlog)
            backlog.add(.call(.sample(callID: callID)), at: place)
            #expect(!begins(&backlog, at: start))
            #expect(!wakes(&backlog, isAwaited: false, at: start))
        }
        #expect(!backlog.isSettled)
        var awaited = backlog
        #expect(wakes(&awaited, isAwaited: true, at: start))
        #expect(!wakes(&awaited, isAwaited: true, at: start), "once is enough")
        let place = try place(in: &backlog)
        backlog.add(.call(.sample(callID: "e")), at: place)
        #expect(wakes(&backlog, isAwaited: false, at: start), "a sixteenth of the places is taken")
        #expect(!wakes(&backlog, isAwaited: false, at: start))
        #expect(callIDs(batch(&backlog, at: start)) == ["b", "c", "d", "e"])
    }

    @Test func `a writer that lingers is woken for a loss and for a summary that is due`() throws {
        var losing = try backlog()
        #expect(lingers(&losing))
        losing.refuse(.plain, now: start)
        #expect(wakes(&losing, isAwaited: false, at: start))
        var summing = AuditBacklog(capacity: 1024, lane: 0)
        for _ in 0..<101 {
            _ = summing.addEffectless(.call(.sample(callID: "c")), method: "system.ping", by: .plain, now: start)
        }
        #expect(begins(&summing, at: start))
        summing.wrote(batch(&summing, at: start)?.count ?? 0, failure: nil, now: start)
        #expect(batch(&summing, at: start) == nil)
        #expect(lingers(&summing))
        #expect(!wakes(&summing, isAwaited: false, at: start + .seconds(9)))
        #expect(wakes(&summing, isAwaited: false, at: start + .seconds(10)))
    }

    @Test func `after a failed write and at the end nothing lingers`() throws {
        var failing = try backlog("a")
        #expect(begins(&failing, at: start))
        _ = batch(&failing, at: start)
        failing.wrote(0, failure: "disk full", now: start)
        #expect(batch(&failing, at: start) == nil)
        #expect(!lingers(&failing))
        #expect(begins(&failing, at: start + .seconds(1)))
        var ending = try backlog()
        ending.end()
        #expect(!lingers(&ending))
    }

    @Test func `the end does not wait for the next attempt`() throws {
        var backlog = try backlog("a")
        #expect(begins(&backlog, at: start))
        _ = batch(&backlog, at: start)
        backlog.wrote(0, failure: "disk full", now: start)
        _ = batch(&backlog, at: start)
        #expect(!begins(&backlog, at: start))
        backlog.end()
        #expect(begins(&backlog, at: start))
    }

    @Test func `behind a sink that takes nothing, losses and summaries do not pile up`() throws {
        var backlog = AuditBacklog(capacity: 2, lane: 0)
        let place = try place(in: &backlog)
        backlog.add(.call(.sample(callID: "a")), at: place)
        var now = start
        var batches: Set<Int> = []
        for _ in 0..<100 {
            backlog.refuse(.plain, now: now)
            for _ in 0..<10 {
                _ = backlog.addEffectless(.call(.sample(callID: "p")), method: "system.ping", by: .other, now: now)
            }
            now += .seconds(11)
            #expect(begins(&backlog, at: now))
            batches.insert(batch(&backlog, at: now)?.count ?? 0)
            backlog.wrote(0, failure: "disk full", now: now)
            _ = batch(&backlog, at: now)
        }
        #expect(backlog.waiting <= 8)
        #expect(batches.max() ?? 0 <= 8)
        #expect(backlog.refused == 100)
    }

    @Test func `the times of a summary are told on the wall clock`() throws {
        var backlog = AuditBacklog(capacity: 1024, lane: 0)
        var record = AuditRecord.sample(callID: "c")
        record.callerUnit = "a.service"
        for _ in 0..<101 { _ = backlog.addEffectless(.call(record), method: "system.ping", by: .plain, now: start) }
        for _ in 0..<100 {
            _ = backlog.addEffectless(.call(record), method: "system.ping", by: .plain, now: start + .seconds(4))
        }
        let now = start + .seconds(10)
        #expect(begins(&backlog, at: now))
        let batch = try #require(batch(&backlog, at: now))
        guard case .summary(let summary)? = batch.last else {
            Issue.record("\(batch)")
            return
        }
        #expect(summary.count == 61 && summary.unit == "a.service" && summary.uid == 1000)
        #expect(summary.first == WallTime(microseconds: wallTime.microseconds - 10_000_000))
        #expect(summary.last == WallTime(microseconds: wallTime.microseconds - 6_000_000))
    }
}
