import Synchronization

/// What a client remembers about its calls: rate limits, circuit breakers, the last success and the last failure.
final class TrafficControl: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// What a call counts under.
    struct Call: Sendable {
        /// The host that it goes to.
        let host: String
        /// Endpoint, user and caller.
        let limit: RateLimitGate<APIEndpoint>.Call

        /// A call.
        init(_ endpoint: APIEndpoint, host: String, target: UpstreamTarget?, uid: UInt32) {
            self.host = host
            limit = .init(endpoint, target: target, uid: uid)
        }

        fileprivate var circuit: Circuit { Circuit(host: host, group: limit.endpoint.group) }
    }

    /// A snapshot for the status page.
    struct Snapshot: Sendable {
        var lastSuccess: Instant?
        var lastFailure: (failure: APIFailure, at: Instant)?
        /// When a message was last withheld because Mosaic limits its recipient.
        var lastWithheld: Instant?
        /// Of a group with several hosts, the worst state.
        var breakers: [APIEndpoint.Group: CircuitBreaker.State] = [:]
    }

    /// What stands and falls together. The hosts are those of the configuration, so there are few.
    fileprivate struct Circuit: Hashable, Sendable {
        let host: String
        let group: APIEndpoint.Group
    }

    private struct State {
        var rateLimits = RateLimitGate<APIEndpoint>()
        var breakers: [Circuit: CircuitBreaker] = [:]
        var lastSuccess: Instant?
        var lastFailure: (failure: APIFailure, at: Instant)?
        var lastWithheld: Instant?

        mutating func report(
            _ result: CircuitBreaker.Result,
            _ call: Call,
            _ permit: CircuitBreaker.Permit,
            at now: Instant
        ) {
            breakers[call.circuit, default: CircuitBreaker()]
                .report(result, for: permit, uid: call.limit.uid, target: call.limit.target, at: now)
        }
    }

    private let state = Mutex(State())

    /// Leave to send one call, or the failure that the call gets without being sent.
    func admit(_ call: Call, at now: Instant) -> Result<CircuitBreaker.Permit, APIFailure> {
        state.withLock { state in
            do throws(RateLimitGate<APIEndpoint>.Refusal) {
                try state.rateLimits.admit(call.limit, at: now)
            } catch {
                let isTargets =
                    error.bound == .ownScope && call.limit.target != nil
                    && state.rateLimits.othersGetThrough(call.limit, at: now)
                return .failure(
                    APIFailure(.rateLimited, outcome: .notSent, retryAfter: now.duration(to: error.until))
                        .with(limitsTargetOnly: isTargets)
                )
            }
            switch state.breakers[call.circuit, default: CircuitBreaker()].admit(uid: call.limit.uid, at: now) {
            case .send(let permit):
                return .success(permit)
            case .refuse(let until):
                let wait = max(now.duration(to: until), .zero)
                return .failure(APIFailure(.unavailable, outcome: .notSent, retryAfter: wait > .zero ? wait : nil))
            }
        }
    }

    /// A call was answered with a status that shows Mosaic at work.
    func succeeded(_ call: Call, permit: CircuitBreaker.Permit, at now: Instant) {
        state.withLock { state in
            state.report(.success, call, permit, at: now)
            state.rateLimits.answered(call.limit, at: now)
            state.lastSuccess = now
            state.lastFailure = nil
        }
    }

    /// A call failed.
    ///
    /// - Parameter patience: How long it had when it was sent.
    /// - Returns: The failure, with the time to wait if it was a 429, and whether that is about its user alone.
    func failed(
        _ call: Call,
        permit: CircuitBreaker.Permit,
        failure: APIFailure,
        patience: Duration,
        at now: Instant
    ) -> APIFailure {
        let verdict = CircuitBreaker.result(of: failure, patience: patience)
        return state.withLock { state in
            state.report(verdict, call, permit, at: now)
            var failure = failure
            if failure.kind == .rateLimited {
                let wait = state.rateLimits.limited(call.limit, retryAfter: failure.retryAfter, at: now)
                let isTargets = call.limit.target != nil && state.rateLimits.othersGetThrough(call.limit, at: now)
                failure = failure.with(retryAfter: wait).with(limitsTargetOnly: isTargets)
            }
            if verdict == .failure || failure.kind == .rateLimited { state.lastFailure = (failure, now) }
            return failure
        }
    }

    /// A call was answered, but not decided.
    func undecided(_ failure: APIFailure, at now: Instant) {
        state.withLock { $0.lastFailure = (failure, now) }
    }

    /// A message was not sent because Mosaic limits its recipient, and the caller is not told so.
    func withheld(at now: Instant) {
        state.withLock { $0.lastWithheld = now }
    }

    /// What there is to see at the moment.
    func snapshot() -> Snapshot {
        state.withLock { state in
            Snapshot(
                lastSuccess: state.lastSuccess,
                lastFailure: state.lastFailure,
                lastWithheld: state.lastWithheld,
                breakers: Dictionary(state.breakers.map { ($0.key.group, $0.value.state) }) { left, right in
                    if case .open = left { left } else { right }
                }
            )
        }
    }
}
