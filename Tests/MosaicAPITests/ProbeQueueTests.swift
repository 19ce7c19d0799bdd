import Testing

@testable import MosaicAPI

@Suite struct ProbeQueueTests {
    /// Leaves to send, as breakers give them.
    private static func permits(_ count: Int) -> [CircuitBreaker.Permit] {
        var breaker = CircuitBreaker()
        return (0..<count).compactMap { _ in
            guard case .send(let permit) = breaker.admit(uid: 0, at: .now) else { return nil }
            return permit
        }
    }

    @Test func `calls leave with the probe that they wait for, others stay`() {
        let probes = Self.permits(3)
        var queue = ProbeQueue<String>()
        for (number, (name, probe)) in [("a", 0), ("b", 1), ("c", 0)].enumerated() {
            let isIn = queue.add(.init(number: UInt64(number), uid: 1000, probe: probes[probe], waiter: name))
            #expect(isIn)
        }
        #expect(queue.remove(waitingFor: probes[2]).isEmpty)
        #expect(queue.remove(waitingFor: probes[0]).map(\.waiter) == ["a", "c"])
        #expect(queue.count == 1)
        #expect(queue.removeAll().map(\.waiter) == ["b"])
        #expect(queue.count == 0 && queue.removeAll().isEmpty)
    }

    @Test func `a call that gives up leaves once`() {
        let probe = Self.permits(1)[0]
        var queue = ProbeQueue<String>()
        _ = queue.add(.init(number: 7, uid: 1000, probe: probe, waiter: "a"))
        #expect(queue.remove(8) == nil)
        #expect(queue.remove(7) == "a")
        #expect(queue.remove(7) == nil)
    }

    @Test func `sixteen calls of a uid wait, and others find places of their own`() {
        let probe = Self.permits(1)[0]
        var queue = ProbeQueue<Int>()
        func add(_ number: UInt64, uid: UInt32) -> Bool {
            queue.add(.init(number: number, uid: uid, probe: probe, waiter: Int(number)))
        }
        for number in 0..<16 as Range<UInt64> { #expect(add(number, uid: 1000)) }
        #expect(!add(16, uid: 1000))
        #expect(add(17, uid: 1001))
        _ = queue.remove(3)
        #expect(add(18, uid: 1000), "a place is free again")
        #expect(queue.removeAll().map(\.waiter) == [0, 1, 2] + Array(4..<16) + [17, 18])
    }
}
