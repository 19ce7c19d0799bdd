import TestSupport
import Testing

@testable import MosaicAPI

/// A breaker with a clock, so that a test reads like a transcript of what callers do and see.
private struct BreakerTranscript {
    /// What a caller sees of the breaker.
    enum Seen: Equatable {
        case sent
        /// Refused, and told to come again after so many seconds.
        case refused(Double)
    }

    private(set) var breaker = CircuitBreaker()
    private let start = ContinuousClock.now
    private var milliseconds = 0
    private var calls: [String: (permit: CircuitBreaker.Permit, uid: UInt32, target: UpstreamTarget?)] = [:]

    private var now: ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    mutating func wait(_ seconds: Double) { milliseconds += Int((seconds * 1000).rounded()) }

    /// A uid begins a call, which the transcript calls `name`.
    mutating func call(_ name: String, uid: UInt32 = 1000, to user: String? = nil) -> Seen {
        switch breaker.admit(uid: uid, at: now) {
        case .send(let permit):
            calls[name] = (permit, uid, user.map { UpstreamTarget(Array($0.utf8)) })
            return .sent
        case .refuse(let until, _):
            return .refused((now.duration(to: until) / .milliseconds(1)).rounded() / 1000)
        }
    }

    /// A call that was sent ends.
    mutating func end(_ name: String, _ result: CircuitBreaker.Result) throws {
        let removed = calls.removeValue(forKey: name)
        let call = try #require(removed)
        breaker.report(result, for: call.permit, uid: call.uid, target: call.target, at: now)
    }

    /// A call that is sent and ends at once.
    mutating func run(_ result: CircuitBreaker.Result, uid: UInt32 = 1000, to user: String? = nil) throws {
        #expect(call("run", uid: uid, to: user) == .sent)
        try end("run", result)
    }

    /// A breaker that five failures on five users have opened.
    static func opened() throws -> BreakerTranscript {
        var transcript = BreakerTranscript()
        for user in ["a", "b", "c", "d", "e"] { try transcript.run(.failure, uid: 1, to: user) }
        #expect(transcript.breaker.state == .open(probes: 0))
        return transcript
    }
}

private struct WrongAdmission: Error {}

struct `The circuit breaker` {
    @Test func `opens after five failures without a success`() throws {
        var it = BreakerTranscript()
        for user in ["a", "b", "c", "d"] { try it.run(.failure, to: user) }
        try it.run(.success, to: "e")
        for user in ["a", "b", "c", "d"] { try it.run(.failure, to: user) }
        try it.run(.ignored, to: "e")
        #expect(it.breaker.state == .closed(failures: 4))
        try it.run(.failure, to: "e")
        #expect(it.breaker.state == .open(probes: 0))
    }

    @Test func `counts the failures of one caller on one user once in ten seconds`() throws {
        var it = BreakerTranscript()
        for _ in 0..<100 { try it.run(.failure, uid: 1000, to: "ada") }
        #expect(it.breaker.state == .closed(failures: 1))
        try it.run(.failure, uid: 1001, to: "ada")
        try it.run(.failure, uid: 1000, to: "bob")
        try it.run(.failure, uid: 1000)
        try it.run(.failure, uid: 1000)
        #expect(it.breaker.state == .closed(failures: 4))
        it.wait(9.999)
        try it.run(.failure, uid: 1000, to: "ada")
        #expect(it.breaker.state == .closed(failures: 4))
        it.wait(0.001)
        try it.run(.failure, uid: 1000, to: "ada")
        #expect(it.breaker.state == .open(probes: 0))
    }

    @Test func `is not opened by a uid whose every call fails, while another's succeed`() throws {
        var it = BreakerTranscript()
        try it.run(.success, uid: 1001)
        for number in 0..<100 { try it.run(.failure, uid: 1000, to: "a\(number)") }
        #expect(it.breaker.state == .closed(failures: 4))
        #expect(it.call("victim", uid: 1001) == .sent)
        try it.end("victim", .success)
        for number in 0..<4 { try it.run(.failure, uid: 1000, to: "b\(number)") }
        // With a failure of its own nothing speaks for Mosaic any more.
        try it.run(.failure, uid: 1001, to: "v")
        #expect(it.breaker.state == .open(probes: 0))
    }

    @Test func `is opened by one uid when the last success of another is ten seconds old`() throws {
        var it = BreakerTranscript()
        try it.run(.success, uid: 1001)
        it.wait(9.999)
        for number in 0..<5 { try it.run(.failure, uid: 1000, to: "a\(number)") }
        #expect(it.breaker.state == .closed(failures: 4))
        it.wait(0.001)
        try it.run(.failure, uid: 1000, to: "b")
        #expect(it.breaker.state == .open(probes: 0))
    }

    @Test func `never opens by what it ignores`() throws {
        var it = BreakerTranscript()
        for number in 0..<1000 { try it.run(.ignored, to: "user\(number)") }
        #expect(it.breaker.state == .closed(failures: 0))
    }

    @Test func `when open lets each uid try once a second, without growing waits`() throws {
        var it = try BreakerTranscript.opened()
        for _ in 0..<20 {
            #expect(it.call("first", uid: 1000) == .sent)
            try it.end("first", .failure)
            #expect(it.call("again", uid: 1000) == .refused(1))
            #expect(it.call("other", uid: 1001) == .sent)
            try it.end("other", .failure)
            it.wait(0.4)
            #expect(it.call("again", uid: 1000) == .refused(0.6))
            it.wait(0.6)
        }
    }

    @Test func `names the probe of the same uid that a refused call may wait for`() throws {
        var breaker = CircuitBreaker()
        let start = ContinuousClock.now
        func permit(_ uid: UInt32, at seconds: Double) throws -> CircuitBreaker.Permit {
            guard case .send(let permit) = breaker.admit(uid: uid, at: start + .seconds(seconds)) else {
                throw WrongAdmission()
            }
            return permit
        }
        func refusal(_ uid: UInt32, at seconds: Double) throws -> (until: Double, probe: CircuitBreaker.OwnProbe?) {
            guard case .refuse(let until, let probe) = breaker.admit(uid: uid, at: start + .seconds(seconds)) else {
                throw WrongAdmission()
            }
            return (start.duration(to: until) / .seconds(1), probe)
        }
        for uid in 1...5 as ClosedRange<UInt32> {
            breaker.report(.failure, for: try permit(uid, at: 0), uid: uid, at: start)
        }
        let first = try permit(1000, at: 0)
        #expect(try refusal(1000, at: 0.5) == (1, .init(permit: first, end: start + .seconds(5))))
        let second = try permit(1000, at: 1)
        #expect(try refusal(1000, at: 1.5) == (2, .init(permit: second, end: start + .seconds(6))), "the last one")
        #expect(breaker.isOnTheWay(first) && breaker.isOnTheWay(second))
        breaker.report(.failure, for: second, uid: 1000, at: start + .seconds(1.6))
        breaker.report(.failure, for: first, uid: 1000, at: start + .seconds(1.6))
        #expect(!breaker.isOnTheWay(first) && !breaker.isOnTheWay(second))
        let last = try refusal(1000, at: 1.9)
        #expect(last.until == 2 && last.probe == nil, "no probe of its own, as with another uid's alone")
    }

    @Test func `closes by any success, also by that of a call from before`() throws {
        var it = BreakerTranscript()
        #expect(it.call("slow") == .sent)
        for user in ["a", "b", "c", "d", "e"] { try it.run(.failure, to: user) }
        #expect(it.call("probe", uid: 1001) == .sent)
        try it.end("probe", .failure)
        try it.end("slow", .success)
        #expect(it.breaker.state == .closed(failures: 0))
        try it.run(.success, uid: 1001)
        try it.run(.success, uid: 1001)
    }

    @Test func `is not kept open by a probe that hangs`() throws {
        var it = try BreakerTranscript.opened()
        #expect(it.call("hangs", uid: 1000) == .sent)
        #expect(it.call("victim", uid: 1001) == .sent, "others have probes of their own")
        try it.end("victim", .success)
        #expect(it.call("next", uid: 1001) == .sent)
        try it.end("hangs", .failure)
        #expect(it.breaker.state == .closed(failures: 1))
    }

    @Test func `gives a uid a further place for a probe while it holds fewer than are free`() throws {
        var it = try BreakerTranscript.opened()
        // Every probe hangs. Of the eight places one is root's.
        for number in 0..<4 {
            #expect(it.call("a\(number)", uid: 1000) == .sent)
            if number < 3 { it.wait(1) }
        }
        it.wait(1)
        #expect(it.call("a4", uid: 1000) == .refused(1), "the place of its first probe is free after 5 s")
        #expect(it.call("b0", uid: 1001) == .sent)
        #expect(it.call("c0", uid: 1002) == .sent)
        #expect(it.call("d0", uid: 1003) == .sent)
        #expect(it.call("e0", uid: 1004) == .refused(1))
        #expect(it.breaker.state == .open(probes: 7))
        #expect(it.call("root", uid: 0) == .sent)
        #expect(it.call("e0", uid: 1004) == .refused(1))
        #expect(it.breaker.state == .open(probes: 8))
        it.wait(1)
        #expect(it.call("e0", uid: 1004) == .sent)
        // The exchange whose place has ended goes on, and its success counts.
        try it.end("a0", .success)
        #expect(it.breaker.state == .closed(failures: 0))
    }

    @Test(arguments: UInt64(0)..<40)
    func `behaves as its rules say, whatever happens`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var breaker = CircuitBreaker()
        var model = BreakerModel()
        var open: [(permit: CircuitBreaker.Permit, number: Int, uid: UInt32, user: Int)] = []
        let start = ContinuousClock.now
        var milliseconds = 0
        for number in 0..<2000 {
            milliseconds += Int.random(in: 0...400, using: &random)
            if Int.random(in: 0..<50, using: &random) == 0 { milliseconds += 10_000 }
            let now = start + .milliseconds(milliseconds)
            let uid = UInt32.random(in: 0..<7, using: &random)
            let user = Int.random(in: 0..<4, using: &random)
            switch breaker.admit(uid: uid, at: now) {
            case .send(let permit):
                #expect(model.admits(uid: uid, at: milliseconds), "seed \(seed), step \(number)")
                model.sent(number, uid: uid, at: milliseconds)
                open.append((permit, number, uid, user))
            case .refuse(let until, _):
                #expect(!model.admits(uid: uid, at: milliseconds), "seed \(seed), step \(number)")
                #expect(until > now)
            }
            #expect(model.heldPlaces(at: milliseconds) <= CircuitBreaker.maximumProbes)
            while let index = open.indices.randomElement(using: &random), Int.random(in: 0..<3, using: &random) > 0 {
                let call = open.remove(at: index)
                let results: [CircuitBreaker.Result] = [.failure, .failure, .failure, .failure, .ignored, .success]
                let result = results.randomElement(using: &random) ?? .failure
                breaker.report(
                    result,
                    for: call.permit,
                    uid: call.uid,
                    target: UpstreamTarget([UInt8(call.user)]),
                    at: now
                )
                model.ended(call.number, result, uid: call.uid, user: call.user, at: milliseconds)
            }
        }
    }

    @Test(arguments: [
        (TransportFailure.Reason.connect, CircuitBreaker.Result.failure), (.connectTimeout, .failure), (.tls, .failure),
        (.proxy, .failure), (.reset, .failure), (.pool, .ignored), (.cancelled, .ignored), (.aborted, .ignored),
        (.malformed, .ignored), (.stale, .ignored), (.headersTooLarge, .ignored), (.bodyTooLarge, .ignored),
        (.shutDown, .ignored),
    ])
    func `counts what speaks against Mosaic`(reason: TransportFailure.Reason, result: CircuitBreaker.Result) {
        let failure = APIFailure(TransportFailure(reason, mayHaveBeenSent: false))
        #expect(CircuitBreaker.result(of: failure, timeout: .seconds(10)) == result)
    }

    @Test func `ignores a time-out that a caller's own short deadline brought about`() {
        let failure = APIFailure(TransportFailure(.deadline, mayHaveBeenSent: true))
        #expect(CircuitBreaker.result(of: failure, timeout: .seconds(4.9)) == .ignored)
        #expect(CircuitBreaker.result(of: failure, timeout: .seconds(5)) == .failure)
    }

    @Test(arguments: [
        (500, "", CircuitBreaker.Result.failure), (503, "<html>", .failure),
        (503, #"{"error_code":503,"message":"x"}"#, .failure),
        (503, #"{"error_code":"system_service_unavailable"}"#, .ignored),
        (429, "", .success), (408, "", .success), (401, "", .success), (403, "", .success),
    ])
    func `ignores 5xx answers with a symbolic code`(status: Int, body: String, result: CircuitBreaker.Result) {
        let refusal = UpstreamError(UpstreamResponse(status, body), wallClock: 0)
        #expect(CircuitBreaker.result(of: refusal.failure(.unavailable), timeout: .seconds(10)) == result)
    }
}

/// What the breaker is to do, told naively from everything that has happened; times in milliseconds.
private struct BreakerModel {
    private struct Probe {
        let number: Int
        let uid: UInt32
        let at: Int
        var hasEnded = false
    }

    private var isOpen = false
    private var failures: [(uid: UInt32, user: Int, at: Int)] = []
    private var probes: [Probe] = []
    /// All that there were, in their order.
    private var successes: [(uid: UInt32, at: Int)] = []

    private func held(at now: Int) -> [Probe] { probes.filter { !$0.hasEnded && $0.at + 5000 > now } }

    func heldPlaces(at now: Int) -> Int { isOpen ? held(at: now).count : 0 }

    func admits(uid: UInt32, at now: Int) -> Bool {
        guard isOpen else { return true }
        if probes.contains(where: { $0.uid == uid && $0.at + 1000 > now }) { return false }
        let all = held(at: now)
        let mine = all.count { $0.uid == uid }
        if uid == 0 { return mine < 8 - all.count }
        return mine < min(7 - all.count { $0.uid != 0 }, 8 - all.count)
    }

    mutating func sent(_ number: Int, uid: UInt32, at now: Int) {
        if isOpen { probes.append(Probe(number: number, uid: uid, at: now)) }
    }

    mutating func ended(_ number: Int, _ result: CircuitBreaker.Result, uid: UInt32, user: Int, at now: Int) {
        if let index = probes.firstIndex(where: { $0.number == number }) { probes[index].hasEnded = true }
        if result == .success {
            let successes = successes + [(uid, now)]
            self = BreakerModel()
            self.successes = successes
        } else if result == .failure, !isOpen,
            !failures.contains(where: { $0.uid == uid && $0.user == user && $0.at + 10_000 > now })
        {
            failures.append((uid, user, now))
            guard failures.count == 5 else { return }
            var latest: [(uid: UInt32, at: Int)] = []
            for success in successes.reversed() where !latest.contains(where: { $0.uid == success.uid }) {
                latest.append(success)
            }
            let works = latest.prefix(2).contains { success in
                success.at + 10_000 > now && !failures.contains { $0.uid == success.uid }
            }
            if works {
                failures.removeFirst()
            } else {
                isOpen = true
                failures = []
            }
        }
    }
}
