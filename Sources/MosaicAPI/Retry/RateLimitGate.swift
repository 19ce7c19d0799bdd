/// Remembers for how long Mosaic asked a client not to call, per endpoint.
///
/// A 429 binds the endpoint it came from. Only after 429s on three endpoints within 10 s is the whole client bound, since
/// then the limit is evidently not one endpoint's.
package struct RateLimitGate<Endpoint: Hashable & Sendable>: Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// Endpoints with a 429 within the window that bind the whole client.
    static var endpointsThatBindAll: Int { 3 }
    /// The window.
    static var window: Duration { .seconds(10) }
    /// Waits when Mosaic names none: 1 s, doubling with every further 429 in a row up to 60 s.
    static var unnamedWait: Backoff { Backoff(base: .seconds(1), cap: .seconds(60)) }

    private struct Limit: Sendable {
        var until: Instant
        var lastSeen: Instant
        var inARow: Int
    }

    private var limits: [Endpoint: Limit] = [:]
    private var allUntil: Instant?

    /// A gate that lets everything through.
    package init() {}

    /// When calls to the endpoint are possible again, or `nil` when they are possible at `now`.
    package func closedUntil(_ endpoint: Endpoint, at now: Instant) -> Instant? {
        let until = [limits[endpoint]?.until, allUntil].compactMap(\.self).max()
        return until.flatMap { $0 > now ? $0 : nil }
    }

    /// An endpoint has answered 429.
    ///
    /// - Returns: How long its callers have to wait.
    package mutating func limited(_ endpoint: Endpoint, retryAfter: Duration?, at now: Instant) -> Duration {
        let inARow = limits[endpoint]?.inARow ?? 0
        let wait = min(retryAfter ?? Self.unnamedWait.bound(attempt: inARow), RetryAfter.cap)
        limits[endpoint] = Limit(until: now + wait, lastSeen: now, inARow: inARow + 1)
        let recent = limits.values.filter { $0.lastSeen.duration(to: now) <= Self.window }
        if recent.count >= Self.endpointsThatBindAll { allUntil = recent.map(\.until).max() }
        return wait
    }

    /// An endpoint has answered something else.
    package mutating func answered(_ endpoint: Endpoint) {
        limits[endpoint]?.inARow = 0
    }
}
