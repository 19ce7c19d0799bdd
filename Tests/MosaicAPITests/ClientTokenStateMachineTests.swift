import Secrets
import Testing

@testable import MosaicAPI

/// Transcripts: an event, and the action that it must lead to.
struct `The client token state machine` {
    private let start = ContinuousClock.now

    /// An instant of the transcript, exact to the millisecond.
    private func at(_ seconds: Double) -> ContinuousClock.Instant {
        start + .milliseconds(Int64((seconds * 1000).rounded()))
    }

    private func grant(_ text: String = "t", lifetime: Duration = .seconds(3600)) -> ClientTokenGrant {
        ClientTokenGrant(accessToken: Secret(text), lifetime: lifetime)
    }

    private let outage = APIFailure(.unavailable, outcome: .notSent, transport: .connect)
    private let rejection = APIFailure(.credentialRejected, outcome: .answered)

    /// A machine with a token of an hour received at `seconds`, and jitter in the middle.
    private func machine(withTokenAt seconds: Double, lifetime: Duration = .seconds(3600)) -> ClientTokenStateMachine {
        var machine = ClientTokenStateMachine()
        _ = machine.start()
        _ = machine.fetchSucceeded(grant(lifetime: lifetime), requestedAt: at(seconds), at: at(seconds), random: 0.5)
        return machine
    }

    @Test func `fetches at the start, once`() {
        var machine = ClientTokenStateMachine()
        #expect(machine.start() == true)
        #expect(machine.start() == false)
        #expect(machine.needToken(at: at(0)) == .wait)
    }

    @Test func `lets the first caller fetch and all others wait`() {
        var machine = ClientTokenStateMachine()
        #expect(machine.needToken(at: at(0)) == .fetchAndWait)
        #expect(machine.needToken(at: at(0)) == .wait)
        #expect(machine.needToken(at: at(1)) == .wait)
        let fetched = machine.fetchSucceeded(grant(), requestedAt: at(0), at: at(2), random: 0.5)
        #expect(fetched?.token.value == Secret("t"))
        #expect(fetched?.wakeAt == at(2700))
        #expect(machine.needToken(at: at(3)) == (fetched.map { .use($0.token) }))
        #expect(machine.tokenAtHand(at: at(3)) == fetched?.token)
    }

    @Test(arguments: [(0.0, 2430.0), (0.5, 2700.0), (1.0, 2970.0)])
    func `replaces a token at 75 % of its lifetime, give or take 10 %`(random: Double, due: Double) throws {
        var machine = ClientTokenStateMachine()
        _ = machine.start()
        let fetchedResult = machine.fetchSucceeded(grant(), requestedAt: at(0), at: at(0), random: random)
        let fetched = try #require(fetchedResult)
        #expect(abs(start.duration(to: fetched.wakeAt) / .seconds(1) - due) < 0.001)
        #expect(machine.timerFired(at: at(due - 1)) == false)
        #expect(machine.timerFired(at: at(due + 1)) == true)
        #expect(machine.timerFired(at: at(due + 2)) == false, "only one fetch at a time")
        #expect(machine.needToken(at: at(due + 2)) == .use(fetched.token))
    }

    @Test func `counts the lifetime from the request and the age from the answer`() {
        let token = ClientToken(grant(), identity: 1, requestedAt: at(0), receivedAt: at(10), random: 0.5)
        #expect(token.usableUntil == at(3595))
        #expect(token.age(at: at(20)) == .seconds(10))
        #expect(token.isUsable(at: at(3594)))
        #expect(!token.isUsable(at: at(3595)))
    }

    @Test(arguments: [1.0, 5, 10, 60])
    func `copes with short lifetimes`(seconds: Double) {
        let token = ClientToken(
            grant(lifetime: .seconds(seconds)),
            identity: 1,
            requestedAt: at(0),
            receivedAt: at(0),
            random: 0
        )
        #expect(token.isUsable(at: at(seconds * 0.89)))
        #expect(!token.isUsable(at: at(seconds)))
        #expect(token.refreshAt >= at(1))
    }

    @Test func `begins the replacement at use when the timer is late`() throws {
        var machine = machine(withTokenAt: 0)
        let token = try #require(machine.token)
        #expect(machine.tokenAtHand(at: at(2700)) == nil)
        #expect(machine.needToken(at: at(2701)) == .useAndFetch(token))
        #expect(machine.needToken(at: at(2702)) == .use(token))
    }

    @Test func `waits when the machine has slept past the expiry`() {
        var machine = machine(withTokenAt: 0)
        #expect(machine.needToken(at: at(100_000)) == .fetchAndWait)
    }

    @Test func `tries a fetch three times before it gives up`() {
        var machine = ClientTokenStateMachine()
        #expect(machine.needToken(at: at(0)) == .fetchAndWait)
        #expect(machine.fetchFailed(outage, at: at(0), random: 0.5) == .pause(until: at(0.05)))
        #expect(machine.needToken(at: at(0.01)) == .wait)
        #expect(machine.timerFired(at: at(0.04)) == false)
        #expect(machine.timerFired(at: at(0.05)) == true)
        #expect(machine.fetchFailed(outage, at: at(1), random: 0.5) == .pause(until: at(1.1)))
        #expect(machine.timerFired(at: at(1.1)) == true)
        #expect(
            machine.fetchFailed(outage, at: at(2), random: 0.5)
                == .giveUp(outage.with(retryAfter: .seconds(0.5)), wakeAt: at(2.5))
        )
        #expect(machine.needToken(at: at(2.25)) == .fail(outage.with(retryAfter: .seconds(0.25))))
        #expect(machine.timerFired(at: at(2.5)) == true)
        #expect(machine.needToken(at: at(2.6)) == .wait)
    }

    @Test func `goes on with a fetch at the next need when its timer is late`() {
        var machine = ClientTokenStateMachine()
        _ = machine.start()
        #expect(machine.fetchFailed(outage, at: at(0), random: 0.5) == .pause(until: at(0.05)))
        #expect(machine.needToken(at: at(900)) == .fetchAndWait)
        #expect(machine.timerFired(at: at(900)) == false)
        #expect(
            machine.fetchFailed(outage, at: at(901), random: 0.5) == .pause(until: at(901.1)),
            "the second of three tries"
        )
    }

    @Test func `backs off further with every fetch given up, up to the cap, and forgets it after a success`() {
        var machine = ClientTokenStateMachine()
        let broken = APIFailure(.protocolViolation, outcome: .answered)
        _ = machine.start()
        var waits: [Duration] = []
        for round in 0..<9 {
            let now = at(Double(round) * 100)
            guard case .giveUp(_, let wakeAt) = machine.fetchFailed(broken, at: now, random: 1) else {
                Issue.record("not given up")
                return
            }
            waits.append(now.duration(to: wakeAt))
            #expect(machine.timerFired(at: wakeAt) == true)
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60, 60].map { .seconds($0) })
        _ = machine.fetchSucceeded(grant(), requestedAt: at(1000), at: at(1000), random: 0.5)
        _ = machine.refreshByHand()
        #expect(
            machine.fetchFailed(broken, at: at(1001), random: 1)
                == .giveUp(broken.with(retryAfter: .seconds(1)), wakeAt: at(1002))
        )
    }

    @Test func `serves the old token while its replacement fails, until it expires`() throws {
        var machine = machine(withTokenAt: 0)
        let token = try #require(machine.token)
        #expect(machine.timerFired(at: at(2700)) == true)
        var now = 2700.0
        for _ in 0..<3 {
            _ = machine.fetchFailed(outage, at: at(now), random: 1)
            now += 10
            _ = machine.timerFired(at: at(now))
        }
        #expect(machine.needToken(at: at(3000)) == .use(token))
        #expect(machine.fetchFailed(outage, at: at(3000), random: 1) != .none)
        guard case .use(token) = machine.needToken(at: at(3000.5)) else {
            Issue.record("the old token no longer serves")
            return
        }
        #expect(machine.needToken(at: at(3596)) == .fetchAndWait)
    }

    @Test func `honours Retry-After, in the wait of a caller only if it is short`() {
        var machine = ClientTokenStateMachine()
        _ = machine.start()
        let short = UpstreamError(UpstreamResponse(429, retryAfter: "2"), wallClock: 0).failure(.rateLimited)
        #expect(machine.fetchFailed(short, at: at(0), random: 0) == .pause(until: at(2)))
        #expect(machine.timerFired(at: at(2)) == true)
        let long = UpstreamError(UpstreamResponse(429, retryAfter: "30"), wallClock: 0).failure(.rateLimited)
        #expect(machine.fetchFailed(long, at: at(2), random: 0) == .giveUp(long, wakeAt: at(32)))
        #expect(machine.needToken(at: at(12)) == .fail(long.with(retryAfter: .seconds(20))))
    }

    @Test func `stops hammering with a refused credential, and lets one caller probe after the hold-off`() {
        var machine = ClientTokenStateMachine()
        _ = machine.start()
        #expect(
            machine.fetchFailed(rejection, at: at(0), random: 1)
                == .giveUp(rejection.with(retryAfter: .seconds(60)), wakeAt: at(60))
        )
        #expect(machine.needToken(at: at(1)) == .fail(rejection.with(retryAfter: .seconds(59))))
        #expect(machine.timerFired(at: at(59)) == false)
        #expect(machine.needToken(at: at(60)) == .fetchAndWait)
        #expect(machine.needToken(at: at(60)) == .wait)
        #expect(
            machine.fetchFailed(rejection, at: at(60), random: 0)
                == .giveUp(rejection.with(retryAfter: .seconds(60)), wakeAt: at(120))
        )
        #expect(machine.timerFired(at: at(120)) == true)
        #expect(
            machine.fetchFailed(rejection, at: at(120), random: 1)
                == .giveUp(rejection.with(retryAfter: .seconds(240)), wakeAt: at(360))
        )
    }

    @Test func `probes a refused credential at once when asked by hand`() {
        var machine = ClientTokenStateMachine()
        _ = machine.start()
        _ = machine.fetchFailed(rejection, at: at(0), random: 1)
        #expect(machine.refreshByHand() == .fetchAndWait)
        #expect(machine.refreshByHand() == .wait)
        _ = machine.fetchSucceeded(grant(), requestedAt: at(1), at: at(1), random: 0.5)
        #expect(machine.lastFailure == nil)
        #expect(machine.timerFired(at: at(60)) == false, "the hold-off's timer is out of date")
    }

    @Test func `keeps a good token when the credential is refused in the background`() throws {
        var machine = machine(withTokenAt: 0)
        let token = try #require(machine.token)
        #expect(machine.timerFired(at: at(2700)) == true)
        _ = machine.fetchFailed(rejection, at: at(2700), random: 1)
        #expect(machine.needToken(at: at(2701)) == .use(token))
        #expect(machine.needToken(at: at(2750)) == .use(token), "the hold-off holds for the background too")
        #expect(machine.lastFailure?.failure.kind == .credentialRejected)
    }

    @Test func `answers a refused bearer with one fetch, and leaves the token to others until then`() throws {
        var machine = machine(withTokenAt: 0)
        let token = try #require(machine.token)
        #expect(machine.bearerRejected(identity: token.identity, at: at(100)) == .fetchAndWait)
        #expect(machine.needToken(at: at(100)) == .use(token), "one endpoint's dislike takes the token from nobody")
        #expect(machine.bearerRejected(identity: token.identity, at: at(100)) == .wait)
        let freshResult = machine.fetchSucceeded(grant("t2"), requestedAt: at(100), at: at(101), random: 0.5)
        let fresh = try #require(freshResult)
        #expect(
            machine.bearerRejected(identity: token.identity, at: at(102)) == .use(fresh.token),
            "a late complaint about the old token costs no fetch"
        )
    }

    @Test func `fetches for refused bearers three times at once, then once in 20 s, and never drops the token`() throws
    {
        var machine = machine(withTokenAt: 0)
        func replace(_ second: Double) throws {
            let refused = try #require(machine.token)
            #expect(machine.bearerRejected(identity: refused.identity, at: at(second)) == .fetchAndWait)
            _ = machine.fetchSucceeded(grant("t\(second)"), requestedAt: at(second), at: at(second), random: 0.5)
        }
        for second in [100.0, 101, 102] { try replace(second) }
        let token = try #require(machine.token)
        func refused(at second: Double) -> APIFailure? {
            guard case .fail(let failure) = machine.bearerRejected(identity: token.identity, at: at(second)) else {
                return nil
            }
            return failure
        }
        let empty = refused(at: 103)
        #expect(empty?.kind == .unavailable)
        #expect(empty?.retryAfter == .seconds(17))
        #expect(refused(at: 119)?.retryAfter == .seconds(1), "asking does not put it off")
        #expect(machine.needToken(at: at(119)) == .use(token))
        #expect(machine.lastFailure == nil, "the client's credential is good, and so is its token for others")
        try replace(120)
        #expect(refused(at: 120) == nil, "the late complaint gets the new one")
        let latest = try #require(machine.token)
        guard case .fail(let again) = machine.bearerRejected(identity: latest.identity, at: at(121)) else {
            Issue.record("a fifth fetch was begun")
            return
        }
        #expect(again.retryAfter == .seconds(19))
        for second in [200.0, 201, 202] { try replace(second) }
    }

    @Test func `keeps the token when the fetch for a refused bearer fails`() throws {
        var machine = machine(withTokenAt: 0)
        let token = try #require(machine.token)
        #expect(machine.bearerRejected(identity: token.identity, at: at(100)) == .fetchAndWait)
        for attempt in 0..<3 {
            _ = machine.fetchFailed(outage, at: at(101 + Double(attempt) * 2), random: 1)
            _ = machine.timerFired(at: at(102 + Double(attempt) * 2))
        }
        #expect(machine.needToken(at: at(110)) == .use(token))
    }

    @Test func `lets a caller without a token try again after a second at most, however long the outage`() {
        var machine = ClientTokenStateMachine()
        let broken = APIFailure(.protocolViolation, outcome: .answered)
        _ = machine.start()
        for round in 0..<9 {
            let now = Double(round) * 100
            guard case .giveUp(let failure, let wakeAt) = machine.fetchFailed(broken, at: at(now), random: 1) else {
                Issue.record("not given up")
                return
            }
            #expect(failure.retryAfter == .seconds(1))
            #expect(wakeAt >= at(now + 1), "the timer backs off further")
            guard case .fail(let early) = machine.needToken(at: at(now + 0.5)) else {
                Issue.record("no hold-off at all")
                return
            }
            #expect(early.retryAfter == .seconds(0.5))
            #expect(machine.needToken(at: at(now + 1)) == .fetchAndWait)
        }
    }

    @Test func `does not fetch for a refused bearer while fetches are held off`() throws {
        var machine = machine(withTokenAt: 0)
        let token = try #require(machine.token)
        #expect(machine.timerFired(at: at(2700)) == true)
        _ = machine.fetchFailed(rejection, at: at(2700), random: 1)
        #expect(
            machine.bearerRejected(identity: token.identity, at: at(2710))
                == .fail(rejection.with(retryAfter: .seconds(50)))
        )
    }

    @Test func `gives nothing out once it is stopped`() {
        var machine = machine(withTokenAt: 0)
        #expect(machine.refreshByHand() == .fetchAndWait)
        #expect(machine.stop().kind == .shuttingDown)
        #expect(machine.needToken(at: at(1)) == .fail(APIFailure(.shuttingDown, outcome: .notSent)))
        #expect(machine.refreshByHand() == .fail(APIFailure(.shuttingDown, outcome: .notSent)))
        #expect(machine.tokenAtHand(at: at(1)) == nil)
        #expect(machine.fetchSucceeded(grant(), requestedAt: at(1), at: at(1), random: 0) == nil)
        #expect(machine.fetchFailed(outage, at: at(1), random: 0) == .none)
        #expect(machine.timerFired(at: at(100_000)) == false)
    }

    @Test func `traps when a fetch ends that was not under way`() async {
        await #expect(processExitsWith: .failure) {
            var machine = ClientTokenStateMachine()
            _ = machine.fetchFailed(APIFailure(.unavailable, outcome: .notSent), at: ContinuousClock.now, random: 0)
        }
    }
}
