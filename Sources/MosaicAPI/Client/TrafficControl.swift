import Secrets
import Synchronization

/// What a client remembers about its calls: rate limits, circuit breakers, the last success and the last failure.
final class TrafficControl: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// A snapshot for the status page.
    struct Snapshot: Sendable {
        var lastSuccess: Instant?
        var lastFailure: (failure: APIFailure, at: Instant)?
        var breaker = CircuitBreaker.State.closed(failures: 0)
        var breakers: [APIEndpoint.Group: CircuitBreaker.State] = [:]
    }

    private struct State {
        var rateLimits = RateLimitGate<APIEndpoint>()
        var breakers: [APIEndpoint.Group: CircuitBreaker] = [:]
        var lastSuccess: Instant?
        var lastFailure: (failure: APIFailure, at: Instant)?
    }

    private let state = Mutex(State())

    /// Leave to send one call, or the failure that the call gets without being sent.
    ///
    /// - Parameter target: Whom a message goes to, for calls that send one.
    func admit(
        _ endpoint: APIEndpoint,
        for target: Secret? = nil,
        at now: Instant
    ) -> Result<CircuitBreaker.Permit, APIFailure> {
        state.withLock { state in
            if let until = state.rateLimits.closedUntil(endpoint, for: target, at: now) {
                return .failure(APIFailure(.rateLimited, outcome: .notSent, retryAfter: now.duration(to: until)))
            }
            switch state.breakers[endpoint.group, default: CircuitBreaker()].admit(at: now) {
            case .send(let permit):
                return .success(permit)
            case .refuse(let until):
                let wait = max(now.duration(to: until), .zero)
                return .failure(APIFailure(.unavailable, outcome: .notSent, retryAfter: wait > .zero ? wait : nil))
            }
        }
    }

    /// A call was answered with a status that shows Mosaic at work.
    func succeeded(
        _ endpoint: APIEndpoint,
        for target: Secret? = nil,
        permit: CircuitBreaker.Permit,
        at now: Instant
    ) {
        state.withLock { state in
            state.breakers[endpoint.group, default: CircuitBreaker()].report(.success, for: permit, at: now)
            state.rateLimits.answered(endpoint, for: target)
            state.lastSuccess = now
            state.lastFailure = nil
        }
    }

    /// A call failed.
    ///
    /// - Parameter patience: How long it had when it was sent.
    /// - Returns: The failure, with the time to wait if it was a 429.
    func failed(
        _ endpoint: APIEndpoint,
        for target: Secret? = nil,
        permit: CircuitBreaker.Permit,
        failure: APIFailure,
        patience: Duration,
        at now: Instant
    ) -> APIFailure {
        let verdict = CircuitBreaker.result(of: failure, patience: patience)
        return state.withLock { state in
            state.breakers[endpoint.group, default: CircuitBreaker()].report(verdict, for: permit, at: now)
            var failure = failure
            if failure.kind == .rateLimited {
                failure = failure.with(
                    retryAfter: state.rateLimits.limited(
                        endpoint,
                        for: target,
                        retryAfter: failure.retryAfter,
                        at: now
                    )
                )
            }
            if verdict == .failure || failure.kind == .rateLimited { state.lastFailure = (failure, now) }
            return failure
        }
    }

    /// A call was answered, but not decided.
    func undecided(_ failure: APIFailure, at now: Instant) {
        state.withLock { $0.lastFailure = (failure, now) }
    }

    /// What there is to see at the moment.
    func snapshot() -> Snapshot {
        state.withLock { state in
            Snapshot(
                lastSuccess: state.lastSuccess,
                lastFailure: state.lastFailure,
                breaker: state.breakers[.authentication]?.state ?? .closed(failures: 0),
                breakers: state.breakers.mapValues { $0.state }
            )
        }
    }
}
