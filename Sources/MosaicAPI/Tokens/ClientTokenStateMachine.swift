/// Decides when a client token is fetched, who waits for it, and what a failed fetch means.
///
/// At most one fetch is under way at any time. A fetch is up to three tries with short waits between them, during which
/// the callers keep waiting. When it is given up, the callers waiting get its failure, and later ones get it at once
/// until another fetch may begin; a token that has not expired serves on meanwhile.
///
/// No answer of an endpoint takes a token away: one that an endpoint dislikes is replaced when a fetch has brought another
/// one, and until then serves all other calls. Such fetches are few, see ``BearerFetchAllowance``.
///
/// Pure: no clock, no randomness, no I/O. Timers are hints; every event looks at the instant it is given.
package struct ClientTokenStateMachine: Sendable {
    package typealias Instant = ContinuousClock.Instant

    enum Phase: Sendable, Hashable {
        /// Nothing under way. With a token: until its replacement is due.
        case idle
        /// A fetch is under way; `attempt` counts its tries from zero.
        case fetching(attempt: Int)
        /// Between two tries of one fetch.
        case pausing(until: Instant, attempt: Int)
        /// A fetch was given up. The next is due at `until`; at `demand` already if a caller has no token.
        case cooling(until: Instant, demand: Instant, APIFailure)
        /// The credential was refused; it is not tried again before `until`, except by hand.
        case rejected(until: Instant, APIFailure)
        /// Shut down for good.
        case stopped
    }

    /// Tries of one fetch.
    static let attemptsPerFetch = 3
    /// The longest wait between two tries of one fetch; if more is asked for, the fetch is given up.
    static let longestPause = Duration.seconds(2)
    /// Waits after the credential was refused: between half and all of 60 s, doubling up to 15 min.
    static let rejectionHoldOff = Backoff(base: .seconds(60), cap: .seconds(900))
    /// A younger token is not replaced because it is not good for long enough: the next one would be no better.
    static let shortestReplacementAge = Duration.seconds(60)
    /// The longest time for which a caller without a token is refused one after a fetch was given up, unless the server
    /// asked for more. Short, so that calls work again soon after the token service does.
    static let longestDemandWait = Duration.seconds(1)

    private(set) var phase = Phase.idle
    private(set) var token: ClientToken?
    /// Whether there has ever been a token.
    private(set) var hasHadToken = false
    private(set) var lastFailure: (failure: APIFailure, at: Instant)?
    private var failedFetches = 0
    private var bearerFetches = BearerFetchAllowance()
    private var nextIdentity: UInt64 = 1

    /// A machine that has no token yet, or one from before.
    ///
    /// - Parameter token: A token that was fetched with the same credential.
    package init(token: ClientToken? = nil) {
        self.token = token
        hasHadToken = token != nil
        nextIdentity = (token?.identity ?? 0) + 1
    }

    /// The answer to a caller that needs a token.
    package enum Need: Sendable, Hashable {
        /// Send this one.
        case use(ClientToken)
        /// Send this one, and begin a fetch behind it.
        case useAndFetch(ClientToken)
        /// Wait for the fetch under way.
        case wait
        /// Begin a fetch and wait for it.
        case fetchAndWait
        /// There is none to be had.
        case fail(APIFailure)
    }

    /// The service begins to run.
    ///
    /// - Returns: Whether to begin a fetch.
    package mutating func start() -> Bool {
        guard case .idle = phase, token == nil else { return false }
        phase = .fetching(attempt: 0)
        return true
    }

    /// The token that can be used at `now` without any further ado, if there is one.
    package func tokenAtHand(at now: Instant) -> ClientToken? {
        guard let token, token.isUsable(at: now), now < token.refreshAt, phase != .stopped else { return nil }
        return token
    }

    /// A call needs a token.
    package mutating func needToken(at now: Instant) -> Need {
        if let token, token.isUsable(at: now), phase != .stopped {
            guard now >= token.refreshAt, isFetchDue(at: now) else { return .use(token) }
            phase = .fetching(attempt: 0)
            return .useAndFetch(token)
        }
        if let need = needWithoutFetch(at: now) { return need }
        phase = .fetching(attempt: 0)
        return .fetchAndWait
    }

    /// A caller needs a token that is good for a while yet.
    ///
    /// - Parameter minimum: How long it should be good. A shorter one is handed out when a new one would be no better,
    ///   because this one has just been fetched, or when none can be fetched at the moment.
    package mutating func needToken(validFor minimum: Duration, at now: Instant) -> Need {
        guard let token, token.isUsable(at: now), phase != .stopped, now.duration(to: token.usableUntil) < minimum,
            token.age(at: now) >= Self.shortestReplacementAge
        else { return needToken(at: now) }
        switch phase {
        case .fetching, .pausing:
            return joinFetch(at: now)
        case .cooling(let until, _, _) where now < until, .rejected(let until, _) where now < until:
            return .use(token)
        case .idle, .cooling, .rejected, .stopped:
            phase = .fetching(attempt: 0)
            return .fetchAndWait
        }
    }

    /// What becomes of a caller that needs a new token while no fetch may begin; nil when one may.
    private mutating func needWithoutFetch(at now: Instant) -> Need? {
        switch phase {
        case .fetching, .pausing:
            joinFetch(at: now)
        case .stopped:
            .fail(APIFailure(.shuttingDown, outcome: .notSent))
        case .cooling(_, let instant, let failure) where now < instant,
            .rejected(let instant, let failure) where now < instant:
            .fail(failure.with(retryAfter: now.duration(to: instant)))
        case .idle, .cooling, .rejected:
            nil
        }
    }

    /// Waits for the fetch under way, whose next try begins here when its timer is late.
    private mutating func joinFetch(at now: Instant) -> Need {
        guard case .pausing(let until, let attempt) = phase, now >= until else { return .wait }
        phase = .fetching(attempt: attempt)
        return .fetchAndWait
    }

    /// An administrator asks for a new token, whatever the state of the present one.
    package mutating func refreshByHand() -> Need {
        switch phase {
        case .fetching:
            return .wait
        case .stopped:
            return .fail(APIFailure(.shuttingDown, outcome: .notSent))
        case .idle, .pausing, .cooling, .rejected:
            phase = .fetching(attempt: 0)
            return .fetchAndWait
        }
    }

    /// An API call was refused because of its bearer token, or may have been.
    ///
    /// The token stays in use for others: one endpoint's dislike, or one caller's wrong password, costs no other a token
    /// that is good.
    ///
    /// - Parameters:
    ///   - identity: The token that the call was sent with. If another one is in use by now, that one is the answer.
    ///   - now: When the answer came.
    package mutating func bearerRejected(identity: UInt64, at now: Instant) -> Need {
        guard token?.identity == identity else { return needToken(at: now) }
        if let need = needWithoutFetch(at: now) { return need }
        if let wait = bearerFetches.take(at: now) {
            return .fail(APIFailure(.unavailable, outcome: .notSent, retryAfter: wait))
        }
        phase = .fetching(attempt: 0)
        return .fetchAndWait
    }
}

extension ClientTokenStateMachine {
    /// A fetch has brought a token.
    ///
    /// - Returns: The token for all that wait, and the instant at which ``timerFired(at:)`` is wanted; `nil`
    ///   after the machine was stopped.
    package mutating func fetchSucceeded(
        _ grant: ClientTokenGrant,
        requestedAt: Instant,
        at now: Instant,
        random: Double
    ) -> (token: ClientToken, wakeAt: Instant)? {
        switch phase {
        case .stopped: return nil
        case .fetching: break
        case .idle, .pausing, .cooling, .rejected: preconditionFailure("A fetch ended that was not under way.")
        }
        let token = ClientToken(
            grant,
            identity: nextIdentity,
            requestedAt: requestedAt,
            receivedAt: now,
            random: random
        )
        nextIdentity += 1
        self.token = token
        hasHadToken = true
        failedFetches = 0
        lastFailure = nil
        phase = .idle
        return (token, token.refreshAt)
    }

    /// What a failed try of a fetch leads to.
    package enum AfterFailure: Sendable, Hashable {
        /// Another try at this instant; all wait on.
        case pause(until: Instant)
        /// The fetch is given up: all that wait get the failure. The next one is due at the instant.
        case giveUp(APIFailure, wakeAt: Instant)
        /// Nothing; the machine was stopped.
        case none
    }

    /// A try of the fetch under way has failed.
    package mutating func fetchFailed(_ failure: APIFailure, at now: Instant, random: Double) -> AfterFailure {
        let attempt: Int
        switch phase {
        case .stopped: return .none
        case .fetching(let current): attempt = current
        case .idle, .pausing, .cooling, .rejected: preconditionFailure("A fetch ended that was not under way.")
        }
        lastFailure = (failure, now)
        if failure.kind == .credentialRejected {
            let bound = Self.rejectionHoldOff.bound(attempt: failedFetches)
            failedFetches += 1
            let until = now + bound / 2 + bound / 2 * random
            phase = .rejected(until: until, failure)
            return .giveUp(failure.with(retryAfter: now.duration(to: until)), wakeAt: until)
        }
        let asked = failure.retryAfter ?? .zero
        if attempt + 1 < Self.attemptsPerFetch, RetryRule.isWorthRepeating(failure) {
            let pause = max(asked, Backoff.withinOperation.delay(attempt: attempt, random: random))
            if pause <= Self.longestPause {
                phase = .pausing(until: now + pause, attempt: attempt + 1)
                return .pause(until: now + pause)
            }
        }
        let wait = max(asked, Backoff.betweenFetches.delay(attempt: failedFetches, random: random))
        let demandWait = max(asked, min(wait, Self.longestDemandWait))
        failedFetches += 1
        phase = .cooling(until: now + wait, demand: now + demandWait, failure)
        return .giveUp(failure.with(retryAfter: demandWait), wakeAt: now + wait)
    }

    /// A timer asked for earlier has fired; it may be out of date.
    ///
    /// - Returns: Whether to begin a try of a fetch.
    package mutating func timerFired(at now: Instant) -> Bool {
        switch phase {
        case .pausing(let until, let attempt):
            guard now >= until else { return false }
            phase = .fetching(attempt: attempt)
            return true
        case .idle:
            guard let token, now >= token.refreshAt else { return false }
        case .cooling, .rejected:
            guard isFetchDue(at: now) else { return false }
        case .fetching, .stopped:
            return false
        }
        phase = .fetching(attempt: 0)
        return true
    }

    /// The service stops. All that wait are to get the failure.
    package mutating func stop() -> APIFailure {
        phase = .stopped
        token = nil
        return APIFailure(.shuttingDown, outcome: .notSent)
    }

    private func isFetchDue(at now: Instant) -> Bool {
        switch phase {
        case .idle: true
        case .cooling(let until, _, _), .rejected(let until, _): now >= until
        case .fetching, .pausing, .stopped: false
        }
    }
}
