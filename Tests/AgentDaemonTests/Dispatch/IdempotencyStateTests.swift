import AgentProtocol
import Crypto
import Secrets
import Testing

@testable import AgentDaemon

/// Events in, actions out; no clock and no waiting.
@Suite struct IdempotencyStateTests {
    typealias Ledger = IdempotencyState<String>

    static let key = SymmetricKey(size: .bits256)
    let start = ContinuousClock.now
    let one = digest("one")

    static func digest(_ text: String) -> ParameterDigest {
        ParameterDigest(of: Secret(copying: text.utf8), key: key)
    }

    func key(_ name: String, uid: UInt32 = 1000, client: String = "default", method: String = "otp.send") -> SendKey {
        SendKey(callerUID: uid, client: client, method: method, name: ByteText(name))
    }

    /// What a ledger said, in words.
    func text(_ arrival: Ledger.Arrival) -> String {
        switch arrival {
        case .send: "send"
        case .wait: "wait"
        case .replay(let memory): "replay \(memory)"
        case .conflict: "conflict"
        case .full: "full"
        }
    }

    func text(_ completion: Ledger.Completion) -> String {
        switch completion {
        case .answer(let waiters, let memory): "answer \(waiters) \(memory)"
        case .passOn(let waiter): "pass on to \(waiter)"
        case .nothing: "nothing"
        }
    }

    @Test func `a repeat is answered from memory for ten minutes`() {
        var ledger = Ledger()
        #expect(text(ledger.arrive(key("k"), digest: one, waiter: 1, at: start)) == "send")
        #expect(text(ledger.finish(key("k"), remembering: "accepted", at: start + .seconds(1))) == "nothing")
        #expect(text(ledger.arrive(key("k"), digest: one, waiter: 2, at: start + .seconds(600))) == "replay accepted")
        #expect(text(ledger.arrive(key("k"), digest: one, waiter: 3, at: start + .seconds(601))) == "send")
        #expect(ledger.count == 1)
    }

    @Test func `other parameters under the same key are refused, while it runs and after`() {
        var ledger = Ledger()
        _ = ledger.arrive(key("k"), digest: one, waiter: 1, at: start)
        #expect(text(ledger.arrive(key("k"), digest: Self.digest("two"), waiter: 2, at: start)) == "conflict")
        _ = ledger.finish(key("k"), remembering: "m", at: start)
        #expect(text(ledger.arrive(key("k"), digest: Self.digest("two"), waiter: 3, at: start)) == "conflict")
    }

    @Test func `another uid, client, method or name is another send`() {
        var ledger = Ledger()
        let others = [
            key("k", uid: 1001), key("k", client: "b"), key("k", method: "link.send"), key("K"), key("\u{E9}"),
            key("e\u{301}"),
        ]
        for key in [key("k")] + others {
            #expect(text(ledger.arrive(key, digest: one, waiter: 1, at: start)) == "send")
        }
    }

    @Test func `concurrent repeats wait and get what became of it`() {
        var ledger = Ledger()
        _ = ledger.arrive(key("k"), digest: one, waiter: 1, at: start)
        #expect(text(ledger.arrive(key("k"), digest: one, waiter: 2, at: start)) == "wait")
        #expect(text(ledger.arrive(key("k"), digest: one, waiter: 3, at: start)) == "wait")
        ledger.leave(key("k"), waiter: 2)
        #expect(text(ledger.finish(key("k"), remembering: "m", at: start)) == "answer [3] m")
    }

    @Test func `of a send that left no trace the next waiter takes over`() {
        var ledger = Ledger()
        _ = ledger.arrive(key("k"), digest: one, waiter: 1, at: start)
        _ = ledger.arrive(key("k"), digest: one, waiter: 2, at: start)
        _ = ledger.arrive(key("k"), digest: one, waiter: 3, at: start)
        #expect(text(ledger.finish(key("k"), remembering: nil, at: start)) == "pass on to 2")
        #expect(text(ledger.finish(key("k"), remembering: nil, at: start)) == "pass on to 3")
        #expect(text(ledger.finish(key("k"), remembering: nil, at: start)) == "nothing")
        #expect(ledger.count == 0)
        #expect(text(ledger.arrive(key("k"), digest: one, waiter: 4, at: start)) == "send")
    }

    @Test func `a caller's oldest remembered send makes room; running ones never do`() {
        var ledger = Ledger(limits: .init(perCaller: 2))
        for name in ["a", "b"] {
            _ = ledger.arrive(key(name), digest: one, waiter: 1, at: start)
            _ = ledger.finish(key(name), remembering: name, at: start)
        }
        #expect(text(ledger.arrive(key("c"), digest: one, waiter: 1, at: start)) == "send")
        #expect(text(ledger.arrive(key("b"), digest: one, waiter: 1, at: start)) == "replay b")
        #expect(text(ledger.arrive(key("d"), digest: one, waiter: 1, at: start)) == "send")
        #expect(text(ledger.arrive(key("e"), digest: one, waiter: 1, at: start)) == "full")
        #expect(text(ledger.arrive(key("e", uid: 1), digest: one, waiter: 1, at: start)) == "send")
    }

    @Test func `all callers together have a bound, and callers who went away are forgotten`() {
        var ledger = Ledger(limits: .init(total: 3))
        for uid in 1...3 as ClosedRange<UInt32> {
            _ = ledger.arrive(key("k", uid: uid), digest: one, waiter: 1, at: start + .seconds(Int(uid)))
            _ = ledger.finish(key("k", uid: uid), remembering: "m", at: start + .seconds(Int(uid)))
        }
        #expect(text(ledger.arrive(key("k", uid: 4), digest: one, waiter: 1, at: start + .seconds(4))) == "send")
        #expect(ledger.count == 3)
        #expect(text(ledger.arrive(key("k", uid: 2), digest: one, waiter: 1, at: start + .seconds(4))) == "replay m")
        #expect(text(ledger.arrive(key("k", uid: 1), digest: one, waiter: 1, at: start + .seconds(4))) == "send")
        _ = ledger.finish(key("k", uid: 4), remembering: "m", at: start + .seconds(5))
        _ = ledger.finish(key("k", uid: 1), remembering: "m", at: start + .seconds(5))
        _ = ledger.arrive(key("k", uid: 9), digest: one, waiter: 1, at: start + .seconds(700))
        #expect(ledger.count == 1)
    }
}
