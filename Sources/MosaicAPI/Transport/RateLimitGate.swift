/// Remembers for how long Mosaic asked not to call, per endpoint: what a 429 binds.
///
/// | answer | binds | for |
/// |---|---|---|
/// | a 429 to a call that names a user | calls to this endpoint that name the same user | `Retry-After` (1 s to 60 s), else 1 s doubling to 60 s with every further 429 in a row |
/// | a 429 to any other call | calls of the same uid to this endpoint that name no user | " |
/// | 429s of many, see ``EndpointRate`` | all calls to this endpoint | by rate, shared out among the uids |
///
/// Nothing that one endpoint answers binds another. The tables are bounded: the limit seen longest ago is forgotten first,
/// at the cost of one more request and its 429.
package struct RateLimitGate<Endpoint: Hashable & Sendable>: Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// What a call counts under.
    package struct Call: Sendable, Hashable {
        /// Where it goes.
        package let endpoint: Endpoint
        /// The user that it names.
        package let target: UpstreamTarget?
        /// Whose call it is.
        package let uid: UInt32

        /// A call.
        package init(_ endpoint: Endpoint, target: UpstreamTarget? = nil, uid: UInt32 = 0) {
            self.endpoint = endpoint
            self.target = target
            self.uid = uid
        }
    }

    /// Why a call may not be sent.
    package enum Bound: Sendable, Hashable {
        /// The user that it names, or the caller where it names none.
        case ownScope
        /// The endpoint.
        case endpoint
    }

    /// A call that may not be sent yet.
    package struct Rejection: Error, Sendable, Hashable {
        /// When it may.
        package let until: Instant
        /// What is bound.
        package let bound: Bound
    }

    /// Waits when Mosaic names none: 1 s, doubling with every further 429 in a row up to 60 s.
    static var unnamedWait: Backoff { Backoff(base: .seconds(1), cap: .seconds(60)) }
    /// The shortest wait, whatever Mosaic names: `Retry-After: 0`, or a date that has passed, is no leave to send without end.
    static var minimumWait: Duration { .seconds(1) }
    /// Limits that are remembered; beyond, the oldest ones are forgotten.
    static var capacity: Int { 4096 }
    /// How long an answer tells that other users get through.
    static var outcomeMemory: Duration { .seconds(60) }
    /// Users per endpoint whose last answer is remembered for that.
    static var rememberedOutcomes: Int { 16 }

    private enum Scope: Hashable, Sendable {
        case target(Endpoint, UpstreamTarget)
        case caller(Endpoint, UInt32)
    }

    private struct Limit: Sendable {
        var until: Instant
        var inARow: Int
    }

    /// The last answer to a call that named a user.
    private struct Outcome: Sendable {
        let target: UpstreamTarget
        let isLimited: Bool
        let at: Instant
    }

    private var limits = LRUTable<Scope, Limit>(capacity: Self.capacity)
    private var rates: [Endpoint: EndpointRate] = [:]
    /// Per endpoint the last answer to each of the last users, oldest first.
    private var outcomes: [Endpoint: [Outcome]] = [:]

    /// A gate that lets everything through.
    package init() {}

    private static func scope(of call: Call) -> Scope {
        call.target.map { .target(call.endpoint, $0) } ?? .caller(call.endpoint, call.uid)
    }

    /// A call is about to be sent.
    ///
    /// - Throws: ``Rejection`` when it may not.
    package mutating func admit(_ call: Call, at now: Instant) throws(Rejection) {
        if let until = limits[Self.scope(of: call)]?.until, until > now {
            throw Rejection(until: until, bound: .ownScope)
        }
        if let until = rates[call.endpoint]?.take(for: call.uid, at: now) {
            throw Rejection(until: until, bound: .endpoint)
        }
    }

    /// A call was answered 429.
    ///
    /// - Returns: How long its like have to wait.
    package mutating func limited(_ call: Call, retryAfter: Duration?, at now: Instant) -> Duration {
        let scope = Self.scope(of: call)
        let inARow = limits[scope]?.inARow ?? 0
        let named = retryAfter ?? Self.unnamedWait.bound(attempt: inARow)
        let wait = min(max(named, Self.minimumWait), RetryAfter.cap)
        limits.set(scope, to: Limit(until: now + wait, inARow: inARow + 1))
        rates[call.endpoint, default: EndpointRate()].record(
            isLimited: true,
            target: call.target,
            uid: call.uid,
            at: now
        )
        remember(call, isLimited: true, at: now)
        return wait
    }

    /// A call was answered 408 or 5xx: that is one of the endpoint's answers, but neither a limit nor a sign that others get
    /// through.
    package mutating func failed(_ call: Call, at now: Instant) {
        rates[call.endpoint, default: EndpointRate()].record(
            isLimited: false,
            target: call.target,
            uid: call.uid,
            at: now
        )
    }

    /// A call was answered something else.
    package mutating func answered(_ call: Call, at now: Instant) {
        limits.update(Self.scope(of: call)) { $0.inARow = 0 }
        rates[call.endpoint, default: EndpointRate()].record(
            isLimited: false,
            target: call.target,
            uid: call.uid,
            at: now
        )
        remember(call, isLimited: false, at: now)
    }

    /// Whether a limit of the call's user is that user's alone: other users of the endpoint get through.
    ///
    /// They do when, of the other users with an answer in the last 60 s (at most 16), at least one and at least half had
    /// another answer than a 429, and the endpoint itself is not bound.
    package mutating func othersGetThrough(_ call: Call, at now: Instant) -> Bool {
        guard rates[call.endpoint]?.isBound(at: now) != true else { return false }
        var seen = 0
        var through = 0
        for outcome in outcomes[call.endpoint] ?? []
        where outcome.target != call.target && outcome.at + Self.outcomeMemory > now {
            seen += 1
            if !outcome.isLimited { through += 1 }
        }
        return through > 0 && through * 2 >= seen
    }

    private mutating func remember(_ call: Call, isLimited: Bool, at now: Instant) {
        guard let target = call.target else { return }
        let outcome = Outcome(target: target, isLimited: isLimited, at: now)
        Self.add(outcome, to: &outcomes[call.endpoint, default: []])
    }

    /// Changes the list in its place: a copy of it for each call would be most of the work.
    private static func add(_ outcome: Outcome, to list: inout [Outcome]) {
        list.removeAll { $0.target == outcome.target }
        if list.count >= rememberedOutcomes { list.removeFirst() }
        list.append(outcome)
    }
}
