import Testing

@testable import AgentDaemon

@Suite struct CallSummariesTests {
    private let start = ContinuousClock.now

    private func key(
        _ method: String = "system.ping",
        uid: UInt32 = 1000,
        unit: String? = nil,
        error: String? = nil
    ) -> CallSummaries.Key {
        CallSummaries.Key(
            uid: uid,
            unit: unit,
            socket: "main",
            method: method,
            verdict: error == nil ? "ok" : "error",
            error: error
        )
    }

    private func admitted(
        _ summaries: inout CallSummaries,
        of count: Int = 1,
        uid: UInt32 = 1000,
        forbidden: Bool = false,
        after: Duration = .zero
    ) -> Int {
        var admitted = 0
        for _ in 0..<count where summaries.admits(uid: uid, isForbidden: forbidden, now: start + after) {
            admitted += 1
        }
        return admitted
    }

    private func due(_ summaries: inout CallSummaries, after: Duration) -> [CallSummaries.Summary] {
        summaries.takeDue(now: start + after)
    }

    @Test func `a hundred are let through at once, then ten a second`() {
        var summaries = CallSummaries()
        #expect(admitted(&summaries, of: 500, after: .zero) == 100)
        #expect(admitted(&summaries, of: 500, after: .milliseconds(99)) == 0)
        #expect(admitted(&summaries, of: 500, after: .milliseconds(100)) == 1)
        #expect(admitted(&summaries, of: 500, after: .seconds(1)) == 9)
        #expect(admitted(&summaries, of: 500, after: .seconds(60)) == 100)
    }

    @Test func `what is forbidden has an allowance of its own, and so has each uid`() {
        var summaries = CallSummaries()
        #expect(admitted(&summaries, of: 500, after: .zero) == 100)
        #expect(admitted(&summaries, of: 500, forbidden: true, after: .zero) == 100)
        #expect(admitted(&summaries, uid: 1001) == 1)
    }

    @Test func `one summary for each uid, unit, method and outcome, with count, first and last instant`() {
        var summaries = CallSummaries()
        for second in 0..<5 {
            let now = start + .seconds(second)
            for _ in 0...second { summaries.add(key(), now: now) }
            summaries.add(key(uid: 1001), now: now)
            summaries.add(key(unit: "a.service"), now: now)
            summaries.add(key("rpc.discover"), now: now)
            summaries.add(key(error: "forbidden"), now: now)
        }
        #expect(!summaries.hasDue(now: start + .seconds(9)))
        #expect(due(&summaries, after: .seconds(9)).isEmpty)
        #expect(summaries.hasDue(now: start + .seconds(10)))
        let due = summaries.takeDue(now: start + .seconds(10))
        #expect(due.count == 5)
        #expect(due.filter { $0.count == 15 }.map(\.key) == [key()])
        #expect(due.allSatisfy { $0.first == start && $0.last == start + .seconds(4) })
        #expect(summaries.isEmpty)
    }

    @Test func `each is due ten seconds after its first call`() {
        var summaries = CallSummaries()
        summaries.add(key("system.ping"), now: start)
        summaries.add(key("rpc.discover"), now: start + .seconds(6))
        #expect(due(&summaries, after: .seconds(10)).map(\.key.method) == ["system.ping"])
        #expect(!summaries.hasDue(now: start + .seconds(15)))
        #expect(due(&summaries, after: .seconds(16)).map(\.key.method) == ["rpc.discover"])
    }

    @Test func `at the end all are due`() {
        var summaries = CallSummaries()
        summaries.add(key(), now: start)
        let last = summaries.takeDue(now: start, all: true)
        #expect(last.map(\.count) == [1])
    }

    @Test func `a uid with too many outcomes has the rest counted together`() {
        var summaries = CallSummaries()
        for index in 0..<1000 { summaries.add(key(unit: "u\(index).service"), now: start) }
        summaries.add(key(uid: 1001), now: start)
        let due = summaries.takeDue(now: start, all: true)
        #expect(due.count == CallSummaries.maximumKeysPerUID + 2)
        #expect(due.reduce(0) { $0 + $1.count } == 1001)
        #expect(due.first { $0.key == .others(of: 1000) }?.count == 1000 - UInt64(CallSummaries.maximumKeysPerUID))
    }

    @Test func `too many uids are counted together, and their allowances forgotten when they are whole`() {
        var summaries = CallSummaries()
        let count = CallSummaries.maximumKeys + 1000
        for uid in 0..<UInt32(count) {
            if !summaries.admits(uid: uid, isForbidden: false, now: start) { summaries.add(key(uid: uid), now: start) }
            summaries.add(key("rpc.discover", uid: uid), now: start)
        }
        #expect(admitted(&summaries, uid: 99_999) == 0)
        #expect(admitted(&summaries, uid: 99_999, after: .seconds(1)) == 1)
        let due = summaries.takeDue(now: start, all: true)
        #expect(due.count <= CallSummaries.maximumKeys + 1)
        #expect(due.reduce(0) { $0 + $1.count } == UInt64(count) + UInt64(count - CallSummaries.maximumUIDs))
        #expect((due.first { $0.key.uid == nil }?.count ?? 0) > 0)
    }
}
