import Testing

@testable import MosaicAPI

struct `The circuit breaker` {
    private let start = ContinuousClock.now

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    /// Sends one call and reports its result; fails the test when it is not let through.
    private func send(
        _ breaker: inout CircuitBreaker,
        _ result: CircuitBreaker.Result,
        at seconds: Double = 0
    ) throws {
        guard case .send(let permit) = breaker.admit(at: at(seconds)) else {
            throw Refused()
        }
        breaker.report(result, for: permit, at: at(seconds))
    }

    private struct Refused: Error {}

    private func opened() throws -> CircuitBreaker {
        var breaker = CircuitBreaker()
        for _ in 0..<5 { try send(&breaker, .failure) }
        return breaker
    }

    @Test func `opens after five failures in a row`() throws {
        var breaker = CircuitBreaker()
        for _ in 0..<4 { try send(&breaker, .failure) }
        try send(&breaker, .success)
        for _ in 0..<4 { try send(&breaker, .failure) }
        try send(&breaker, .ignored)
        try send(&breaker, .failure)
        #expect(breaker.admit(at: at(1)) == .refuse(until: at(2)))
    }

    @Test func `never opens by what it ignores`() throws {
        var breaker = CircuitBreaker()
        for _ in 0..<1000 { try send(&breaker, .ignored) }
        #expect(breaker.state == .closed(failures: 0))
    }

    @Test func `lets one probe through, and closes when it succeeds`() throws {
        var breaker = try opened()
        guard case .send(let probe) = breaker.admit(at: at(2)) else {
            Issue.record("no probe")
            return
        }
        #expect(breaker.admit(at: at(2)) == .refuse(until: at(2)))
        #expect(breaker.admit(at: at(9)) == .refuse(until: at(9)))
        breaker.report(.success, for: probe, at: at(10))
        try send(&breaker, .success, at: 10)
        #expect(breaker.state == .closed(failures: 0))
    }

    @Test func `waits longer after every probe that fails, up to 30 s`() throws {
        var breaker = try opened()
        var now = 0.0
        var waits: [Double] = []
        for _ in 0..<6 {
            guard case .open(let until, _) = breaker.state else {
                Issue.record("not open")
                return
            }
            let wait = at(now).duration(to: until) / .seconds(1)
            waits.append(wait)
            now += wait
            try send(&breaker, .failure, at: now)
        }
        #expect(waits == [2, 4, 8, 16, 30, 30])
    }

    @Test func `gives the probe to another call when it says nothing`() throws {
        var breaker = try opened()
        try send(&breaker, .ignored, at: 2)
        try send(&breaker, .success, at: 2)
        #expect(breaker.state == .closed(failures: 0))
    }

    @Test func `is not moved by late results of calls sent before it opened`() throws {
        var breaker = CircuitBreaker()
        guard case .send(let late) = breaker.admit(at: at(0)) else { return }
        for _ in 0..<5 { try send(&breaker, .failure) }
        breaker.report(.success, for: late, at: at(1))
        #expect(breaker.admit(at: at(1)) == .refuse(until: at(2)))
        guard case .send = breaker.admit(at: at(2)) else {
            Issue.record("no probe")
            return
        }
        breaker.report(.success, for: late, at: at(2))
        #expect(breaker.admit(at: at(2)) == .refuse(until: at(2)), "only the probe itself can close it")
    }

    @Test(arguments: [
        (TransportFailure.Reason.connect, CircuitBreaker.Result.failure), (.connectTimeout, .failure), (.tls, .failure),
        (.proxy, .failure), (.reset, .failure), (.pool, .ignored), (.cancelled, .ignored), (.aborted, .ignored),
        (.malformed, .ignored), (.headersTooLarge, .ignored), (.bodyTooLarge, .ignored), (.shutDown, .ignored),
    ])
    func `counts what speaks against Mosaic`(reason: TransportFailure.Reason, result: CircuitBreaker.Result) {
        let failure = APIFailure(TransportFailure(reason, mayHaveBeenSent: false))
        #expect(CircuitBreaker.result(of: failure, patience: .seconds(10)) == result)
    }

    @Test func `ignores a time-out that a caller's own short deadline brought about`() {
        let failure = APIFailure(TransportFailure(.deadline, mayHaveBeenSent: true))
        #expect(CircuitBreaker.result(of: failure, patience: .seconds(4.9)) == .ignored)
        #expect(CircuitBreaker.result(of: failure, patience: .seconds(5)) == .failure)
    }

    @Test(arguments: [
        (500, "", CircuitBreaker.Result.failure), (503, "<html>", .failure),
        (503, #"{"error_code":503,"message":"x"}"#, .failure),
        (503, #"{"error_code":"system_service_unavailable"}"#, .ignored),
        (429, "", .success), (408, "", .success), (401, "", .success), (403, "", .success),
    ])
    func `ignores 5xx answers with a symbolic code`(status: Int, body: String, result: CircuitBreaker.Result) {
        let refusal = Refusal(UpstreamResponse(status, body), wallClock: 0)
        #expect(CircuitBreaker.result(of: refusal.failure(.unavailable), patience: .seconds(10)) == result)
    }
}
