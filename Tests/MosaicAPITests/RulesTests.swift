import Testing

@testable import MosaicAPI

struct `The retry rule` {
    private let now = ContinuousClock.now

    private func next(
        _ failure: APIFailure,
        _ safety: RetryRule.Safety,
        attempt: Int = 0,
        random: Double = 0.5,
        deadline: Duration = .seconds(10)
    ) -> Duration? {
        RetryRule.nextAttempt(
            after: failure,
            safety: safety,
            attempt: attempt,
            now: now,
            deadline: now + deadline,
            random: random
        ).map { now.duration(to: $0) }
    }

    private func transport(_ reason: TransportFailure.Reason, sent: Bool) -> APIFailure {
        APIFailure(TransportFailure(reason, mayHaveBeenSent: sent))
    }

    private func status(_ status: Int, retryAfter: String? = nil) -> APIFailure {
        let refusal = UpstreamError(UpstreamResponse(status, retryAfter: retryAfter), wallClock: 0)
        return refusal.failure(refusal.kindByStatus)
    }

    @Test(arguments: [429, 502, 503, 504])
    func `repeats reads after passing statuses, and nothing else`(code: Int) {
        #expect(next(status(code), .repeatable) == .milliseconds(50))
        #expect(next(status(code), .once) == nil)
    }

    @Test(arguments: [200, 302, 400, 401, 403, 404, 408, 409, 500, 501, 505])
    func `repeats nothing after other statuses`(code: Int) {
        #expect(next(status(code), .repeatable) == nil)
        #expect(next(status(code), .once) == nil)
    }

    @Test(arguments: [TransportFailure.Reason.connect, .connectTimeout, .pool, .stale])
    func `repeats anything that provably was not sent`(reason: TransportFailure.Reason) {
        #expect(next(transport(reason, sent: false), .once) == .milliseconds(50))
        #expect(next(transport(reason, sent: false), .repeatable) == .milliseconds(50))
    }

    @Test func `repeats what may have been sent only if it is a read`() {
        #expect(next(transport(.reset, sent: true), .once) == nil)
        #expect(next(transport(.reset, sent: true), .repeatable) == .milliseconds(50))
        #expect(next(transport(.deadline, sent: true), .once) == nil)
    }

    @Test(arguments: [TransportFailure.Reason.tls, .proxy, .cancelled, .aborted, .malformed, .bodyTooLarge, .shutDown])
    func `does not repeat what will not pass`(reason: TransportFailure.Reason) {
        #expect(next(transport(reason, sent: false), .repeatable) == nil)
    }

    @Test func `sends three times at most`() {
        #expect(next(transport(.connect, sent: false), .once, attempt: 1) == .milliseconds(100))
        #expect(next(transport(.connect, sent: false), .once, attempt: 2) == nil)
    }

    @Test func `waits as long as asked, and not beyond the deadline`() {
        #expect(next(status(429, retryAfter: "3"), .repeatable) == .seconds(3))
        #expect(next(status(429, retryAfter: "3"), .repeatable, deadline: .seconds(3)) == nil)
    }
}

struct `Backing off` {
    @Test func `doubles up to its cap`() {
        let bounds = (0..<7).map { Backoff.withinOperation.bound(attempt: $0) }
        #expect(bounds == [100, 200, 400, 800, 1000, 1000, 1000].map { .milliseconds($0) })
        #expect(Backoff.betweenFetches.bound(attempt: .max) == .seconds(60))
        #expect(Backoff.betweenFetches.bound(attempt: -1) == .seconds(1))
    }

    @Test(arguments: 0..<12)
    func `draws waits from all of the range and never beyond it`(attempt: Int) {
        for backoff in [Backoff.withinOperation, .betweenFetches] {
            #expect(backoff.delay(attempt: attempt, random: 0) == .zero)
            #expect(backoff.delay(attempt: attempt, random: 1) == backoff.bound(attempt: attempt))
            #expect(backoff.delay(attempt: attempt, random: 7) == backoff.bound(attempt: attempt))
            for _ in 0..<100 {
                let delay = backoff.delay(attempt: attempt, random: .random(in: 0..<1))
                #expect(delay >= .zero && delay <= backoff.cap)
            }
        }
    }
}
