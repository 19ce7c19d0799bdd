/// How many token fetches refused bearer tokens may cause: three at once, and one more every 20 s.
///
/// A bucket that is full again at one known instant; each fetch puts that instant off.
struct BearerFetchAllowance: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// The fetches that a full bucket allows.
    static let capacity = 3
    /// The time in which one more is allowed.
    static let refillInterval = Duration.seconds(20)

    private var fullAt: Instant?

    /// Takes one fetch out.
    ///
    /// - Returns: `nil` when it was there; else the time until there is one again, and nothing is taken.
    mutating func take(at now: Instant) -> Duration? {
        let full = max(fullAt ?? now, now)
        let wait = now.duration(to: full) - Self.refillInterval * (Self.capacity - 1)
        if wait > .zero { return wait }
        fullAt = full + Self.refillInterval
        return nil
    }
}
