import TestSupport
import Testing

@testable import MosaicAPI

/// A gate with a clock, so that a test reads like a transcript of what callers send and Mosaic answers.
private struct GateTranscript {
    /// What comes of a call.
    enum Seen: Equatable {
        case sent
        /// Refused because of its user or its caller, for so many seconds.
        case refused(Double)
        /// Refused because of the endpoint, for so many seconds.
        case endpointBusy(Double)
    }

    private(set) var gate = RateLimitGate<String>()
    private let start = ContinuousClock.now
    private var milliseconds = 0

    var now: ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    mutating func wait(_ seconds: Double) { milliseconds += Int((seconds * 1000).rounded()) }

    static func call(_ endpoint: String, to user: String?, uid: UInt32) -> RateLimitGate<String>.Call {
        .init(endpoint, target: user.map { UpstreamTarget(Array($0.utf8)) }, uid: uid)
    }

    mutating func send(_ endpoint: String = "send", to user: String? = nil, uid: UInt32 = 1000) -> Seen {
        do throws(RateLimitGate<String>.Rejection) {
            try gate.admit(Self.call(endpoint, to: user, uid: uid), at: now)
            return .sent
        } catch {
            let wait = (now.duration(to: error.until) / .milliseconds(1)).rounded() / 1000
            return error.bound == .endpoint ? .endpointBusy(wait) : .refused(wait)
        }
    }

    /// Mosaic answers 429; how long its like have to wait, in seconds.
    @discardableResult
    mutating func limited(
        _ endpoint: String = "send",
        to user: String? = nil,
        uid: UInt32 = 1000,
        retryAfter: Double? = nil
    ) -> Double {
        let call = Self.call(endpoint, to: user, uid: uid)
        return gate.limited(call, retryAfter: retryAfter.map { .seconds($0) }, at: now) / .seconds(1)
    }

    mutating func answered(_ endpoint: String = "send", to user: String? = nil, uid: UInt32 = 1000) {
        gate.answered(Self.call(endpoint, to: user, uid: uid), at: now)
    }

    mutating func failed(_ endpoint: String = "send", to user: String? = nil, uid: UInt32 = 1000) {
        gate.failed(Self.call(endpoint, to: user, uid: uid), at: now)
    }

    func othersGetThrough(_ endpoint: String = "send", besides user: String) -> Bool {
        var gate = gate
        return gate.othersGetThrough(Self.call(endpoint, to: user, uid: 1000), at: now)
    }
}

struct `The rate-limit gate` {
    @Test func `binds calls that name the same user, whoever makes them`() {
        var it = GateTranscript()
        #expect(it.limited(to: "ada", retryAfter: 5) == 5)
        it.wait(4)
        #expect(it.send(to: "ada") == .refused(1))
        #expect(it.send(to: "Ada", uid: 1001) == .refused(1))
        #expect(it.send(to: "bob") == .sent)
        #expect(it.send() == .sent)
        #expect(it.send("login", to: "ada") == .sent)
        it.wait(1)
        #expect(it.send(to: "ada") == .sent)
    }

    @Test func `binds calls of the same uid where they name no user`() {
        var it = GateTranscript()
        it.limited("list", uid: 1000, retryAfter: 5)
        #expect(it.send("list", uid: 1000) == .refused(5))
        #expect(it.send("list", uid: 1001) == .sent)
        #expect(it.send("list", to: "ada", uid: 1000) == .sent)
    }

    @Test func `binds nothing but the endpoint, however many endpoints answer 429`() {
        var it = GateTranscript()
        for endpoint in ["a", "b", "c", "d"] {
            for user in ["ada", "bob", "cyd"] { it.limited(endpoint, to: user, retryAfter: 60) }
        }
        #expect(it.send("login", to: "ada") == .sent)
        #expect(it.send("login") == .sent)
    }

    @Test func `waits longer with every 429 that names no time, and starts anew after another answer`() {
        var it = GateTranscript()
        let waits = (0..<8).map { _ in it.limited(to: "ada") }
        #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60])
        it.answered(to: "ada")
        #expect(it.limited(to: "ada") == 1)
        #expect(it.limited(to: "ada", retryAfter: 600) == 60)
    }

    @Test(arguments: [0, -5, 0.25, 1])
    func `waits a second at least, whatever Mosaic names`(retryAfter: Double) {
        var it = GateTranscript()
        #expect(it.limited(to: "ada", retryAfter: retryAfter) == 1)
        #expect(it.send(to: "ada") == .refused(1))
        it.wait(1)
        #expect(it.send(to: "ada") == .sent)
    }

    @Test func `forgets the limit seen longest ago when there are too many`() {
        var it = GateTranscript()
        for number in 0...4096 { it.limited(to: "user\(number)", retryAfter: 60) }
        // The endpoint is bound as well; that is over after ten seconds.
        it.wait(10)
        #expect(it.send(to: "user0") == .sent)
        #expect(it.send(to: "user1") == .refused(50))
        #expect(it.send(to: "user4096") == .refused(50))
    }

    // MARK: The endpoint

    @Test func `is not bound by one user, or two, however often they are limited`() {
        var it = GateTranscript()
        for _ in 0..<100 { it.limited(to: ["ada", "bob"].randomElement(), retryAfter: 0) }
        #expect(it.send(to: "cyd") == .sent)
        #expect(it.send() == .sent)
    }

    @Test func `is not bound by a few 429s among many answers`() {
        var it = GateTranscript()
        for number in 0..<1000 {
            if number % 50 == 0 { it.limited(to: "user\(number)") } else { it.answered(to: "user\(number)") }
            it.wait(0.01)
        }
        let seen = (0..<100).map { it.send(to: "new\($0)") }
        #expect(seen == Array(repeating: .sent, count: 100))
    }

    @Test func `is bound by rate while more than half of at least ten answers are 429`() {
        var few = GateTranscript()
        for number in 0..<9 { few.limited(to: "user\(number)", retryAfter: 0) }
        #expect(few.send(to: "new") == .sent, "nine say nothing")
        var it = GateTranscript()
        for number in 0..<9 { it.answered(to: "through\(number)") }
        for number in 0..<9 { it.limited(to: "user\(number)", retryAfter: 0) }
        #expect(it.send(to: "new") == .sent, "half is not over half")
        it.limited(to: "user9", retryAfter: 0)
        // Nineteen answers in a second: half of that is 9.5/s. A uid begins with one call.
        #expect(it.send(to: "new") == .sent)
        #expect(it.send(to: "new") == .endpointBusy(0.105))
        it.wait(0.106)
        #expect(it.send(to: "new") == .sent)
        #expect(it.send("login", to: "new") == .sent, "other endpoints are free")
    }

    @Test func `is not bound by a uid whose users are all limited, while another's get through`() {
        var it = GateTranscript()
        it.answered(to: "v", uid: 1001)
        for number in 0..<1000 { it.limited(to: "a\(number)", uid: 1000, retryAfter: 0) }
        for number in 0..<100 { #expect(it.send(to: "v\(number)", uid: 1001) == .sent) }
        // A third uid that is limited as well shows that it is the endpoint.
        it.limited(to: "b", uid: 1002, retryAfter: 0)
        #expect(it.send(to: "v", uid: 1001) == .sent, "a uid begins with one call")
        guard case .endpointBusy = it.send(to: "v", uid: 1001) else { return #expect(Bool(false), "two of three uids") }
        // What was answered counts for ten seconds: then one of two is limited.
        it.wait(9)
        it.answered(to: "v", uid: 1001)
        it.limited(to: "a", uid: 1000, retryAfter: 0)
        for _ in 0..<60 {
            it.wait(1)
            it.answered(to: "v", uid: 1001)
            for number in 0..<10 { it.limited(to: "a\(number)", uid: 1000, retryAfter: 0) }
        }
        for number in 0..<100 { #expect(it.send(to: "v\(number)", uid: 1001) == .sent) }
    }

    @Test func `is bound by over half of its answers only, however many uids are limited`() {
        var it = GateTranscript()
        for number in 0..<100 { it.answered(to: "v\(number)", uid: 1001) }
        for uid in 1002..<1012 as Range<UInt32> { it.limited(to: "user\(uid)", uid: uid, retryAfter: 0) }
        for number in 0..<100 { #expect(it.send(to: "w\(number)", uid: 1001) == .sent) }
    }

    @Test func `remembers the answers of so many uids, and those of others together`() {
        var it = GateTranscript()
        for uid in 0..<2000 as Range<UInt32> { it.limited(to: "user\(uid)", uid: uid, retryAfter: 0) }
        #expect(it.send(to: "new", uid: 5000) == .sent)
        guard case .endpointBusy = it.send(to: "new", uid: 5000) else { return #expect(Bool(false), "all are limited") }
        it.wait(30)
        for number in 0..<100 { #expect(it.send(to: "v\(number)", uid: 5000) == .sent, "all that is forgotten") }
    }

    @Test func `counts failures among an endpoint's answers, but neither as limits nor as a way through`() {
        var it = GateTranscript()
        for number in 0..<11 { it.failed(to: "failed\(number)") }
        for number in 0..<11 { it.limited(to: "user\(number)", retryAfter: 60) }
        #expect(it.send(to: "new") == .sent)
        #expect(it.send(to: "new") == .sent, "half is not over half")
        #expect(!it.othersGetThrough(besides: "user0"))
        it.failed(to: "ada")
        #expect(it.limited(to: "ada") == 1)
        it.failed(to: "ada")
        #expect(it.limited(to: "ada") == 2, "a failure does not end a row of 429s")
    }

    @Test func `halves the rate once a second while that holds, and raises it by a quarter a second after`() throws {
        var rate = EndpointRate()
        let start = ContinuousClock.now
        func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }
        for _ in 0..<80 { rate.record(isLimited: true, target: nil, uid: 1000, at: at(0)) }
        // The tenth answer binds it, at half of ten a second; the others come within the same second.
        #expect(rate.rate == 5)
        var seen: [Double] = []
        for second in 1...4 {
            for _ in 0..<3 { rate.record(isLimited: true, target: nil, uid: 1000, at: at(Double(second) + 0.5)) }
            seen.append(try #require(rate.rate))
        }
        #expect(seen == [2.5, 1.25, 1, 1], "never below one a second")
        // Ten seconds after the first answers few are left, and the endpoint recovers.
        seen = []
        for second in 15...18 {
            for _ in 0..<3 { rate.record(isLimited: false, target: nil, uid: 1000, at: at(Double(second) - 0.5)) }
            seen.append(try #require(rate.rate))
        }
        #expect(seen.first.map { $0 > 1 } == true)
        #expect(zip(seen, seen.dropFirst()).allSatisfy { abs($1 / $0 - 1.25) < 0.001 })
        #expect(rate.isBound(at: at(60)) == false)
    }

    @Test func `has an equal share of the rate for each uid`() {
        var it = GateTranscript()
        for number in 0..<40 { it.limited(to: "user\(number)", retryAfter: 0) }
        // One uid calls without end for ten seconds, another once every two. The rate is at most 5/s and falls to 1/s.
        var attacker = 0
        var victim: [GateTranscript.Seen] = []
        for tick in 0..<1000 {
            if tick % 200 == 0 { victim.append(it.send(to: "v\(tick)", uid: 1001)) }
            if it.send(to: "a\(tick)", uid: 1000) == .sent {
                attacker += 1
                it.limited(to: "a\(tick)", uid: 1000, retryAfter: 0)
            }
            it.wait(0.01)
        }
        #expect(victim == Array(repeating: .sent, count: 5))
        #expect(attacker < 12, "half of the rate, which the two share")
    }

    // MARK: Others

    @Test func `knows whether other users get through`() {
        var it = GateTranscript()
        it.limited(to: "ada", retryAfter: 60)
        #expect(!it.othersGetThrough(besides: "ada"), "nothing is known of others")
        it.answered(to: "bob")
        #expect(it.othersGetThrough(besides: "ada"))
        #expect(!it.othersGetThrough(besides: "bob"), "the only other one is limited")
        #expect(!it.othersGetThrough("login", besides: "ada"), "another endpoint is another matter")
        it.limited(to: "cyd", retryAfter: 60)
        #expect(it.othersGetThrough(besides: "ada"), "one of two")
        it.limited(to: "dan", retryAfter: 60)
        #expect(!it.othersGetThrough(besides: "ada"), "one of three")
        it.answered(to: "eve")
        #expect(it.othersGetThrough(besides: "ada"))
        it.wait(60)
        #expect(!it.othersGetThrough(besides: "ada"), "that was long ago")
    }

    @Test(arguments: UInt64(0)..<20)
    func `behaves as its rules say, whatever happens`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var gate = RateLimitGate<Int>()
        var model = GateModel()
        let start = ContinuousClock.now
        var milliseconds = 0
        var endpointRefusals = 0
        // Some seeds are nearly all 429s, so that endpoints are bound.
        let share = [0.05, 0.4, 0.6, 0.95][Int(seed % 4)]
        for step in 0..<2000 {
            milliseconds += Int.random(in: 0...120, using: &random)
            if Int.random(in: 0..<200, using: &random) == 0 { milliseconds += 15_000 }
            let now = start + .milliseconds(milliseconds)
            let key = GateModel.Key(
                endpoint: Int.random(in: 0..<2, using: &random),
                user: Int.random(in: 0..<12, using: &random),
                uid: UInt32.random(in: 0..<3, using: &random)
            )
            let call = RateLimitGate<Int>.Call(
                key.endpoint,
                target: key.user == 0 ? nil : UpstreamTarget([UInt8(key.user)]),
                uid: key.uid
            )
            model.look(at: key.endpoint, at: milliseconds)
            var isAdmitted = true
            do throws(RateLimitGate<Int>.Rejection) {
                try gate.admit(call, at: now)
            } catch {
                isAdmitted = false
                #expect(error.until > now)
                #expect(
                    (error.bound == .ownScope) == model.isLimited(key, at: milliseconds),
                    "seed \(seed), step \(step)"
                )
                if error.bound == .endpoint {
                    endpointRefusals += 1
                    #expect(model.mayBeBound(key.endpoint, at: milliseconds), "seed \(seed), step \(step)")
                }
            }
            #expect(!(isAdmitted && model.isLimited(key, at: milliseconds)), "seed \(seed), step \(step)")
            guard isAdmitted else { continue }
            let isLimited = Double.random(in: 0..<1, using: &random) < share
            if isLimited {
                let asked = Bool.random(using: &random) ? Int.random(in: 0...3000, using: &random) : nil
                let wait = gate.limited(call, retryAfter: asked.map { .milliseconds($0) }, at: now)
                let expected = model.wait(key, asked: asked)
                #expect(wait == .milliseconds(expected))
            } else {
                gate.answered(call, at: now)
            }
            model.answered(key, isLimited: isLimited, at: milliseconds)
        }
        if share > 0.9 { #expect(endpointRefusals > 0, "the endpoint was never bound") }
    }
}

/// What the gate is to do, told naively from everything that has happened; times in milliseconds.
private struct GateModel {
    struct Key: Hashable {
        let endpoint: Int
        /// 0 for none.
        let user: Int
        let uid: UInt32

        /// What a 429 binds: a user for all, or a caller.
        var scope: Key { Key(endpoint: endpoint, user: user, uid: user == 0 ? uid : .max) }
    }

    private var answers: [(key: Key, isLimited: Bool, at: Int)] = []
    private var origin: [Int: Int] = [:]
    private var until: [Key: Int] = [:]
    private var inARow: [Key: Int] = [:]
    /// The wait that the last 429 brought.
    private var waits: [Key: Int] = [:]
    private var lastOverload: [Int: Int] = [:]

    func isLimited(_ key: Key, at now: Int) -> Bool { until[key.scope, default: 0] > now }

    /// The wait that a 429 brings, which ``answered(_:isLimited:at:)`` then puts into force.
    mutating func wait(_ key: Key, asked: Int?) -> Int {
        let wait = asked.map { max($0, 1000) } ?? min(1000 << min(inARow[key.scope, default: 0], 10), 60_000)
        waits[key.scope] = wait
        return wait
    }

    mutating func answered(_ key: Key, isLimited: Bool, at now: Int) {
        if origin[key.endpoint] == nil { origin[key.endpoint] = now }
        answers.append((key, isLimited, now))
        if isLimited {
            until[key.scope] = now + waits[key.scope, default: 0]
            inARow[key.scope, default: 0] += 1
        } else {
            inARow[key.scope] = 0
        }
        look(at: key.endpoint, at: now)
    }

    /// Takes down whether the endpoint overloads now, by the answers of the last ten seconds counted from its first one.
    mutating func look(at endpoint: Int, at now: Int) {
        guard let origin = origin[endpoint] else { return }
        let second = (now - origin) / 1000
        let recent = answers.suffix(400).filter {
            $0.key.endpoint == endpoint && ($0.at - origin) / 1000 > second - 10
        }
        let limited = recent.filter(\.isLimited)
        let sources = Set(limited.map(\.key.user).filter { $0 != 0 }).count + limited.count { $0.key.user == 0 }
        if recent.count >= 10, limited.count * 2 > recent.count, sources >= 3 { lastOverload[endpoint] = now }
    }

    /// Whether the endpoint can be bound: it has overloaded not too long ago for its rate to have recovered.
    func mayBeBound(_ endpoint: Int, at now: Int) -> Bool {
        lastOverload[endpoint].map { now - $0 < 60_000 } ?? false
    }
}
