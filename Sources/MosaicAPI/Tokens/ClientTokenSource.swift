import Concurrency
import Synchronization

/// Keeps one client's access token and hands it out: the driver around ``ClientTokenStateMachine``.
///
/// Any number of callers that need a token cost one request. Each waits with a deadline of its own; when it passes, that
/// caller fails and the fetch goes on for the others. All fetches run inside ``run()``.
package final class ClientTokenSource: Sendable {
    /// One try to get a token from the server. It must end by itself within a bounded time.
    package typealias Fetch = @Sendable () async -> Result<ClientTokenGrant, APIFailure>

    private typealias TokenWaiter = Waiter<Result<ClientToken, APIFailure>?>

    private struct State {
        var machine: ClientTokenStateMachine
        var waiters = WaiterList<Result<ClientToken, APIFailure>?, Void>()
        var isRunning = false
    }

    private enum Order: Sendable {
        case fetch
        case wake(at: ContinuousClock.Instant)
    }

    private let state: Mutex<State>
    private let orders: AsyncStream<Order>
    private let orderInput: AsyncStream<Order>.Continuation
    private let fetch: Fetch
    private let onToken: @Sendable (ClientToken) -> Void
    private let clock: any AgentClock
    private let random: @Sendable () -> Double

    /// A source that does not run yet.
    ///
    /// - Parameters:
    ///   - token: A token that was fetched before with the same credential, to begin with; one that is too old is
    ///     replaced at once.
    ///   - clock: Measures ages and waits.
    ///   - random: Numbers from 0 up to 1, for jitter.
    ///   - onToken: Is told of every token that is fetched, before anybody gets it.
    ///   - fetch: Gets a token from the server.
    package init(
        token: ClientToken? = nil,
        clock: any AgentClock,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        onToken: @escaping @Sendable (ClientToken) -> Void = { _ in },
        fetch: @escaping Fetch
    ) {
        state = Mutex(State(machine: ClientTokenStateMachine(token: token)))
        self.fetch = fetch
        self.onToken = onToken
        self.clock = clock
        self.random = random
        (orders, orderInput) = AsyncStream.makeStream()
    }

    /// A token that can be sent now without waiting for one; nil if there is none.
    var tokenAtHand: ClientToken? {
        let now = clock.now
        return state.withLock { $0.machine.tokenAtHand(at: now) }
    }

    /// A token that can be sent now.
    ///
    /// - Throws: ``APIFailure`` with outcome `notSent`, when none can be had or none came before the deadline.
    package func token(deadline: ContinuousClock.Instant) async throws(APIFailure) -> ClientToken {
        if let tokenAtHand { return tokenAtHand }
        return try await obtain(deadline: deadline) { $0.needToken(at: $1) }
    }

    /// A token that is good for a while yet, or the one at hand when no better one can be had.
    ///
    /// - Parameters:
    ///   - minimum: How long it should be good.
    ///   - deadline: When the caller stops waiting.
    package func token(
        validFor minimum: Duration,
        deadline: ContinuousClock.Instant
    ) async throws(APIFailure) -> ClientToken {
        let now = clock.now
        let token = state.withLock { $0.machine.tokenAtHand(at: now) }
        if let token, now.duration(to: token.usableUntil) >= minimum { return token }
        do {
            return try await obtain(deadline: deadline) { $0.needToken(validFor: minimum, at: $1) }
        } catch {
            switch error.kind {
            case .deadlineExceeded, .cancelled, .shuttingDown: throw error
            default: break
            }
            let now = clock.now
            guard let token = state.withLock({ $0.machine.token }), token.isUsable(at: now) else { throw error }
            return token
        }
    }

    /// A token to repeat a call with whose bearer token was refused, or may have been.
    ///
    /// - Parameters:
    ///   - identity: The token that the call was sent with.
    ///   - deadline: When the caller stops waiting.
    /// - Throws: ``APIFailure`` with outcome `notSent`, and with the time to wait unless the caller's own time is over.
    package func token(
        insteadOf identity: UInt64,
        deadline: ContinuousClock.Instant
    ) async throws(APIFailure) -> ClientToken {
        try await obtain(deadline: deadline) { $0.bearerRejected(identity: identity, at: $1) }
    }

    /// Fetches a new token now, also while fetches are held off after failures.
    package func refreshByHand(deadline: ContinuousClock.Instant) async throws(APIFailure) {
        _ = try await obtain(deadline: deadline) { machine, _ in machine.refreshByHand() }
    }

    /// Fetches tokens until the task is cancelled; then all that still wait fail. To be called once.
    package func run() async {
        let isFirst = state.withLock { state in
            defer { state.isRunning = true }
            return !state.isRunning
        }
        precondition(isFirst, "A token source runs once.")
        let (isFetchDue, token) = state.withLock { ($0.machine.start(), $0.machine.token) }
        if isFetchDue { orderInput.yield(.fetch) } else if let token { orderInput.yield(.wake(at: token.refreshAt)) }
        await withDiscardingTaskGroup { group in
            // Ends when the task is cancelled. The children are cancelled along with it.
            for await order in orders {
                switch order {
                case .fetch:
                    group.addTask { await self.fetchOnce() }
                case .wake(let instant):
                    group.addTask { await self.wake(at: instant) }
                }
            }
            stop()
        }
    }

    /// Reads the machine's state, for a status snapshot.
    func withMachine<Value: Sendable>(_ read: (ClientTokenStateMachine) -> Value) -> Value {
        state.withLock { read($0.machine) }
    }

    // MARK: Waiting

    private func obtain(
        deadline: ContinuousClock.Instant,
        event:
            @escaping @Sendable (inout ClientTokenStateMachine, ContinuousClock.Instant) ->
            ClientTokenStateMachine.Need
    ) async throws(APIFailure) -> ClientToken {
        let result = await withDeadline(deadline, clock: clock) { await self.wait(after: event) }
        guard let result else {
            throw APIFailure(Task.isCancelled ? .cancelled : .deadlineExceeded, outcome: .notSent)
        }
        return try result.get()
    }

    /// Tells the machine of the event and waits as it says; `nil` when the task is cancelled first.
    private func wait(
        after event: @Sendable (inout ClientTokenStateMachine, ContinuousClock.Instant) -> ClientTokenStateMachine.Need
    ) async -> Result<ClientToken, APIFailure>? {
        await TokenWaiter.wait { waiter in
            let now = clock.now
            // The event and the entry into the list happen under one lock: no fetch can end in between unseen.
            let need: ClientTokenStateMachine.Need? = state.withLock { state in
                guard !Task.isCancelled else { return nil }
                let need = event(&state.machine, now)
                switch need {
                case .wait, .fetchAndWait: state.waiters.add(waiter)
                case .use, .useAndFetch, .fail: break
                }
                return need
            }
            switch need {
            case nil: waiter.resume(returning: nil)
            case .use(let token): waiter.resume(returning: .success(token))
            case .useAndFetch(let token):
                orderInput.yield(.fetch)
                waiter.resume(returning: .success(token))
            case .wait: break
            case .fetchAndWait: orderInput.yield(.fetch)
            case .fail(let failure): waiter.resume(returning: .failure(failure.with(outcome: .notSent)))
            }
        } leave: { id in
            self.state.withLock { $0.waiters.remove(id) }?.resume(returning: nil)
        }
    }

    private func resume(_ waiters: [TokenWaiter], with result: Result<ClientToken, APIFailure>) {
        for waiter in waiters { waiter.resume(returning: result) }
    }

    // MARK: Background work

    private func fetchOnce() async {
        let requestedAt = clock.now
        let result = await fetch()
        let now = clock.now
        switch result {
        case .success(let grant): succeed(grant, requestedAt: requestedAt, at: now)
        case .failure(let failure): fail(failure, at: now)
        }
    }

    private func succeed(
        _ grant: ClientTokenGrant,
        requestedAt: ContinuousClock.Instant,
        at now: ContinuousClock.Instant
    ) {
        let random = random()
        let (fetched, waiters) = state.withLock { state in
            let fetched = state.machine.fetchSucceeded(grant, requestedAt: requestedAt, at: now, random: random)
            return (fetched, fetched == nil ? [] : state.waiters.removeAll())
        }
        guard let fetched else { return }
        onToken(fetched.token)
        orderInput.yield(.wake(at: fetched.wakeAt))
        resume(waiters, with: .success(fetched.token))
    }

    private func fail(_ failure: APIFailure, at now: ContinuousClock.Instant) {
        let random = random()
        let (next, waiters) = state.withLock { state in
            let next = state.machine.fetchFailed(failure, at: now, random: random)
            if case .giveUp = next { return (next, state.waiters.removeAll()) }
            return (next, [])
        }
        switch next {
        case .pause(let until):
            orderInput.yield(.wake(at: until))
        case .giveUp(let failure, let wakeAt):
            orderInput.yield(.wake(at: wakeAt))
            resume(waiters, with: .failure(failure.with(outcome: .notSent)))
        case .none:
            break
        }
    }

    private func wake(at instant: ContinuousClock.Instant) async {
        do {
            try await clock.sleep(until: instant, tolerance: nil)
        } catch {
            return
        }
        let now = clock.now
        if state.withLock({ $0.machine.timerFired(at: now) }) { orderInput.yield(.fetch) }
    }

    private func stop() {
        let (failure, waiters) = state.withLock { state in (state.machine.stop(), state.waiters.removeAll()) }
        resume(waiters, with: .failure(failure))
    }
}
