package import Secrets

/// Remembers for how long Mosaic asked a client not to call, per endpoint.
///
/// A 429 binds the endpoint it came from; where the call was to send a message to somebody, only messages to the same
/// target, since Mosaic limits how many a user gets. Only after 429s on three endpoints within 10 s is the whole client bound, since
/// then the limit is evidently not one endpoint's.
package struct RateLimitGate<Endpoint: Hashable & Sendable>: Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// Endpoints with a 429 within the window that bind the whole client.
    static var endpointsThatBindAll: Int { 3 }
    /// The window.
    static var window: Duration { .seconds(10) }
    /// Waits when Mosaic names none: 1 s, doubling with every further 429 in a row up to 60 s.
    static var unnamedWait: Backoff { Backoff(base: .seconds(1), cap: .seconds(60)) }

    /// Limits that are remembered; beyond, the oldest ones are forgotten.
    static var capacity: Int { 4096 }

    private struct Scope: Hashable, Sendable {
        let endpoint: Endpoint
        let target: Secret?
    }

    private struct Limit: Sendable {
        var until: Instant
        var lastSeen: Instant
        var inARow: Int
    }

    private var limits: [Scope: Limit] = [:]
    private var allUntil: Instant?

    /// A gate that lets everything through.
    package init() {}

    /// When calls to the endpoint are possible again, or `nil` when they are possible at `now`.
    ///
    /// - Parameter target: Whom a message goes to, for calls that send one.
    package func closedUntil(_ endpoint: Endpoint, for target: Secret? = nil, at now: Instant) -> Instant? {
        let limit = limits[Scope(endpoint: endpoint, target: target)]
        let until = [limit?.until, allUntil].compactMap(\.self).max()
        return until.flatMap { $0 > now ? $0 : nil }
    }

    /// An endpoint has answered 429.
    ///
    /// - Returns: How long its callers have to wait.
    package mutating func limited(
        _ endpoint: Endpoint,
        for target: Secret? = nil,
        retryAfter: Duration?,
        at now: Instant
    ) -> Duration {
        let scope = Scope(endpoint: endpoint, target: target)
        let inARow = limits[scope]?.inARow ?? 0
        let wait = min(retryAfter ?? Self.unnamedWait.bound(attempt: inARow), RetryAfter.cap)
        if limits[scope] == nil { makeRoom() }
        limits[scope] = Limit(until: now + wait, lastSeen: now, inARow: inARow + 1)
        let recent = limits.filter { $0.value.lastSeen.duration(to: now) <= Self.window }
        if Set(recent.keys.map(\.endpoint)).count >= Self.endpointsThatBindAll {
            allUntil = recent.values.map(\.until).max()
        }
        return wait
    }

    /// An endpoint has answered something else.
    package mutating func answered(_ endpoint: Endpoint, for target: Secret? = nil) {
        limits[Scope(endpoint: endpoint, target: target)]?.inARow = 0
    }

    private mutating func makeRoom() {
        guard limits.count >= Self.capacity else { return }
        guard let oldest = limits.min(by: { $0.value.lastSeen < $1.value.lastSeen }) else { return }
        limits[oldest.key] = nil
    }
}
