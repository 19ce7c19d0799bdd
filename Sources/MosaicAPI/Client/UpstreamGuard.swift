import Synchronization

/// What a client remembers about its calls: rate limits, circuit breakers, the last success and the last failure.
final class UpstreamGuard: Sendable {
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

    /// Whether a call may be sent.
    enum Admission: Sendable {
        /// It may; its end is to be reported.
        case send(CircuitBreaker.Permit)
        /// It may not, and fails with this.
        case refuse(APIFailure)
        /// The end of its own uid's probe decides: see ``UpstreamGuard/wait(for:_:deadline:clock:)``.
        case wait(ProbeWait)
    }

    /// What a call waits for.
    struct ProbeWait: Sendable {
        fileprivate let probe: CircuitBreaker.OwnProbe
        /// When its uid can have another probe.
        fileprivate let retryAt: Instant

        fileprivate func refusal(at now: Instant) -> APIFailure { UpstreamGuard.refusal(until: retryAt, at: now) }
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

        /// Hashes the group only: it tells circuits apart but for hosts, which are few, and hashing their names takes longer
        /// than to compare them.
        func hash(into hasher: inout Hasher) {
            // Sound: an enumeration of at most 256 cases without values is one byte.
            hasher.combine(unsafe unsafeBitCast(group, to: UInt8.self))
        }
    }

    private struct State {
        var rateLimits = RateLimitGate<APIEndpoint>()
        var breakers: [Circuit: CircuitBreaker] = [:]
        var lastSuccess: Instant?
        var lastFailure: (failure: APIFailure, at: Instant)?
        var lastWithheld: Instant?
        /// Circuits with calls that wait.
        var queues: [Circuit: ProbeQueue<Waiter>] = [:]
        var nextNumber: UInt64 = 0

        /// Tells the circuit's breaker.
        ///
        /// - Returns: The calls whose wait is over.
        mutating func report(
            _ result: CircuitBreaker.Result,
            _ call: Call,
            _ permit: CircuitBreaker.Permit,
            at now: Instant
        ) -> [Resumption] {
            let circuit = call.circuit
            breakers[circuit, default: CircuitBreaker()]
                .report(result, for: permit, uid: call.limit.uid, target: call.limit.target, at: now)
            guard !queues.isEmpty, var queue = queues.removeValue(forKey: circuit) else { return [] }
            guard result == .success else {
                let ended = queue.remove(waitingFor: permit)
                if queue.count > 0 { queues[circuit] = queue }
                return ended.map { Resumption(waiter: $0.waiter, permit: nil) }
            }
            return queue.removeAll().map { entry in
                Resumption(waiter: entry.waiter, permit: admit(to: circuit, uid: entry.uid, at: now))
            }
        }

        /// Leave of a breaker to send, if it is closed.
        mutating func admit(to circuit: Circuit, uid: UInt32, at now: Instant) -> CircuitBreaker.Permit? {
            guard case .send(let permit) = breakers[circuit, default: CircuitBreaker()].admit(uid: uid, at: now) else {
                return nil
            }
            return permit
        }
    }

    /// Resumed with leave to send; with nil for a call that is refused or has given up.
    private typealias Waiter = CheckedContinuation<CircuitBreaker.Permit?, Never>

    /// A call that waits no longer.
    private struct Resumption {
        let waiter: Waiter
        let permit: CircuitBreaker.Permit?
    }

    private let state = Mutex(State())

    /// Leave to send one call, or the failure that the call gets without being sent, or what it has to wait for.
    func admit(_ call: Call, at now: Instant) -> Admission {
        state.withLock { state in
            do throws(RateLimitGate<APIEndpoint>.Rejection) {
                try state.rateLimits.admit(call.limit, at: now)
            } catch {
                let isTargets =
                    error.bound == .ownScope && call.limit.target != nil
                    && state.rateLimits.othersGetThrough(call.limit, at: now)
                return .refuse(
                    APIFailure(.rateLimited, outcome: .notSent, retryAfter: now.duration(to: error.until))
                        .with(limitsTargetOnly: isTargets)
                )
            }
            switch state.breakers[call.circuit, default: CircuitBreaker()].admit(uid: call.limit.uid, at: now) {
            case .send(let permit):
                return .send(permit)
            case .refuse(let until, let probe?):
                return .wait(ProbeWait(probe: probe, retryAt: until))
            case .refuse(let until, nil):
                return .refuse(Self.refusal(until: until, at: now))
            }
        }
    }

    /// What a call gets that an open breaker does not let pass.
    private static func refusal(until: Instant, at now: Instant) -> APIFailure {
        let wait = max(now.duration(to: until), .zero)
        return APIFailure(.unavailable, outcome: .notSent, retryAfter: wait > .zero ? wait : nil)
    }

    // MARK: Waiting for a probe

    /// Waits until the probe of the call's uid has ended: two logins of one caller both pass when the first shows that Mosaic
    /// is back.
    ///
    /// - Returns: Leave to send; the breaker has closed.
    /// - Throws: ``APIFailure`` with outcome `notSent`: `unavailable` when the probe fails or its place ends, or too many calls
    ///   of the uid wait; `deadlineExceeded`; `cancelled`.
    func wait(
        for wait: ProbeWait,
        _ call: Call,
        deadline: Instant,
        clock: any AgentClock
    ) async throws(APIFailure) -> CircuitBreaker.Permit {
        let number = state.withLock { state in
            defer { state.nextNumber += 1 }
            return state.nextNumber
        }
        let permit = await withDeadline(min(wait.probe.end, deadline), clock: clock) {
            await self.join(number, call, waitingFor: wait.probe.permit, clock: clock)
        }
        if let permit { return permit }
        if Task.isCancelled { throw APIFailure(.cancelled, outcome: .notSent) }
        let now = clock.now
        throw now < deadline ? wait.refusal(at: now) : APIFailure(.deadlineExceeded, outcome: .notSent)
    }

    /// How many calls wait for probes at the moment.
    var waitingCount: Int { state.withLock { state in state.queues.values.reduce(0) { $0 + $1.count } } }

    private func join(
        _ number: UInt64,
        _ call: Call,
        waitingFor probe: CircuitBreaker.Permit,
        clock: any AgentClock
    ) async -> CircuitBreaker.Permit? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: Waiter) in
                let resumption: Resumption? = state.withLock { state in
                    let refused = Resumption(waiter: waiter, permit: nil)
                    // The cancellation handler may have run already; it found no call to resume then.
                    if Task.isCancelled { return refused }
                    // The probe may have ended since it was seen.
                    let breaker = state.breakers[call.circuit, default: CircuitBreaker()]
                    guard breaker.isOnTheWay(probe) else {
                        guard case .closed = breaker.state else { return refused }
                        let permit = state.admit(to: call.circuit, uid: call.limit.uid, at: clock.now)
                        return Resumption(waiter: waiter, permit: permit)
                    }
                    let isIn = state.queues[call.circuit, default: ProbeQueue()]
                        .add(.init(number: number, uid: call.limit.uid, probe: probe, waiter: waiter))
                    return isIn ? nil : refused
                }
                if let resumption { Self.resume([resumption]) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.queues[call.circuit]?.remove(number) }
            waiter?.resume(returning: nil)
        }
    }

    private static func resume(_ resumptions: [Resumption]) {
        for resumption in resumptions { resumption.waiter.resume(returning: resumption.permit) }
    }

    // MARK: Ends of calls

    /// A call was answered with a status that shows Mosaic at work.
    func succeeded(_ call: Call, permit: CircuitBreaker.Permit, at now: Instant) {
        let resumptions = state.withLock { state in
            state.rateLimits.answered(call.limit, at: now)
            state.lastSuccess = now
            state.lastFailure = nil
            return state.report(.success, call, permit, at: now)
        }
        Self.resume(resumptions)
    }

    /// A call failed.
    ///
    /// - Parameter patience: How long it had when it was sent.
    /// - Returns: The failure, with the time to wait if it was a 429, and whether that is about its user alone.
    func failed(
        _ call: Call,
        permit: CircuitBreaker.Permit,
        failure: APIFailure,
        timeout: Duration,
        at now: Instant
    ) -> APIFailure {
        let verdict = CircuitBreaker.result(of: failure, timeout: timeout)
        let (failure, resumptions) = state.withLock { state in
            let resumptions = state.report(verdict, call, permit, at: now)
            var failure = failure
            if failure.kind != .rateLimited, failure.status != nil { state.rateLimits.failed(call.limit, at: now) }
            if failure.kind == .rateLimited {
                let wait = state.rateLimits.limited(call.limit, retryAfter: failure.retryAfter, at: now)
                let isTargets = call.limit.target != nil && state.rateLimits.othersGetThrough(call.limit, at: now)
                failure = failure.with(retryAfter: wait).with(limitsTargetOnly: isTargets)
            }
            if verdict == .failure || failure.kind == .rateLimited { state.lastFailure = (failure, now) }
            return (failure, resumptions)
        }
        Self.resume(resumptions)
        return failure
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
