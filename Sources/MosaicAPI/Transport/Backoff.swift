/// How long to wait before trying again: exponential growth with full jitter.
///
/// The wait before repetition `n` is drawn evenly from zero to `min(cap, base × 2ⁿ)`, so that many agents that
/// failed together do not come back together. With the values used here:
///
/// | n | within one operation (base 100 ms, cap 1 s) | between token fetches (base 1 s, cap 60 s) |
/// |---|---|---|
/// | 0 | 0 – 100 ms | 0 – 1 s |
/// | 1 | 0 – 200 ms | 0 – 2 s |
/// | 2 | 0 – 400 ms | 0 – 4 s |
/// | 3 | 0 – 800 ms | 0 – 8 s |
/// | 4 | 0 – 1 s | 0 – 16 s |
/// | 6 | 0 – 1 s | 0 – 60 s |
package struct Backoff: Sendable, Hashable {
    /// The upper bound of the first wait.
    package let base: Duration
    /// The upper bound of every wait.
    package let cap: Duration

    /// Waits between the tries of one operation.
    package static let withinOperation = Backoff(base: .milliseconds(100), cap: .seconds(1))
    /// Waits between token fetches that failed.
    package static let betweenFetches = Backoff(base: .seconds(1), cap: .seconds(60))

    /// A backoff.
    package init(base: Duration, cap: Duration) {
        self.base = base
        self.cap = cap
    }

    /// The longest wait before repetition `attempt`, counted from zero.
    package func bound(attempt: Int) -> Duration {
        var bound = base
        for _ in 0..<max(attempt, 0) {
            guard bound < cap else { break }
            bound *= 2
        }
        return min(bound, cap)
    }

    /// The wait before repetition `attempt`, counted from zero.
    ///
    /// - Parameter random: A number from 0 up to 1.
    package func delay(attempt: Int, random: Double) -> Duration {
        bound(attempt: attempt) * min(max(random, 0), 1)
    }
}
