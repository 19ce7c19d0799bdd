package import Secrets

/// A client access token in use, with the instants that decide about it. One object, which the calls that are made with it share.
package final class ClientToken: Sendable, Hashable {
    /// The token itself.
    package let value: Secret
    /// Tells this token from its predecessors, so that a late complaint about an old one is recognised.
    package let identity: UInt64
    /// When the token arrived. Its age counts from here.
    package let receivedAt: ContinuousClock.Instant
    /// When it should be replaced.
    package let refreshAt: ContinuousClock.Instant
    /// When it must no longer be sent.
    package let usableUntil: ContinuousClock.Instant

    /// The share of the lifetime after which a token is replaced, before jitter.
    static let refreshShare = 0.75
    /// How far jitter moves that share, in either direction, as a part of it.
    static let refreshJitter = 0.10
    /// How long before its expiry a token is no longer sent, so that it is still good when it arrives.
    static let expiryMargin = Duration.seconds(5)
    /// The shortest time between a token's arrival and its replacement, whatever lifetime the server states.
    static let shortestRefreshInterval = Duration.seconds(1)

    /// A token just received.
    ///
    /// - Parameters:
    ///   - grant: What the server sent.
    ///   - identity: A number that no earlier token had.
    ///   - requestedAt: When the request left. The lifetime counts from here, since the server's clock started in between.
    ///   - receivedAt: When the answer was there.
    ///   - random: A number from 0 up to 1 that places the replacement within its jitter.
    package init(
        _ grant: ClientTokenGrant,
        identity: UInt64,
        requestedAt: ContinuousClock.Instant,
        receivedAt: ContinuousClock.Instant,
        random: Double
    ) {
        let share = Self.refreshShare * (1 + Self.refreshJitter * (2 * min(max(random, 0), 1) - 1))
        value = grant.accessToken
        self.identity = identity
        self.receivedAt = receivedAt
        refreshAt = max(requestedAt + grant.lifetime * share, receivedAt + Self.shortestRefreshInterval)
        usableUntil = requestedAt + grant.lifetime - min(Self.expiryMargin, grant.lifetime / 10)
    }

    /// A token from before, with the instants that were decided then.
    package init(
        value: Secret,
        identity: UInt64 = 0,
        receivedAt: ContinuousClock.Instant,
        refreshAt: ContinuousClock.Instant,
        usableUntil: ContinuousClock.Instant
    ) {
        self.value = value
        self.identity = identity
        self.receivedAt = receivedAt
        self.refreshAt = refreshAt
        self.usableUntil = usableUntil
    }

    /// Whether the token can be sent at `now`.
    package func isUsable(at now: ContinuousClock.Instant) -> Bool { now < usableUntil }

    /// How long ago the token arrived.
    package func age(at now: ContinuousClock.Instant) -> Duration { receivedAt.duration(to: now) }

    /// Whether both are the same token with the same instants.
    package static func == (left: ClientToken, right: ClientToken) -> Bool {
        left.value == right.value && left.identity == right.identity && left.receivedAt == right.receivedAt
            && left.refreshAt == right.refreshAt && left.usableUntil == right.usableUntil
    }

    /// Feeds what tells tokens apart.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(value)
        hasher.combine(identity)
    }
}
