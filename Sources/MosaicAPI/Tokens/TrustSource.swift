import Synchronization

/// Keeps the keys and the issuer that tokens are checked against: the driver around ``TrustCache``.
///
/// Any number of callers cost one fetch; while it runs, a caller waits no longer than its own deadline.
final class TrustSource: Sendable {
    /// One fetch, repetitions included.
    typealias Fetch = @Sendable (UpstreamCall) async -> Result<TrustAnchors, APIFailure>

    private struct Sole: Hashable, Sendable {}

    /// How long a fetch may take.
    static let fetchTimeout = Duration.seconds(10)

    private let cache = Mutex(TrustCache())
    private let fetches: SingleFlight<Sole, TrustCache.Entry>
    private let clock: any AgentClock
    private let background: BackgroundWork

    init(clock: any AgentClock, background: BackgroundWork) {
        self.clock = clock
        self.background = background
        fetches = SingleFlight(clock: clock, background: background, timeLimit: Self.fetchTimeout)
    }

    /// What to check a token against.
    ///
    /// - Throws: ``APIFailure`` with outcome `notSent`: `unavailable` when there is nothing and it cannot be fetched.
    func anchors(
        deadline: ContinuousClock.Instant,
        fetch: @escaping Fetch
    ) async throws(APIFailure) -> TrustCache.Entry {
        let now = clock.now
        switch cache.withLock({ $0.need(at: now) }) {
        case .use(let entry):
            return entry
        case .useAndFetch(let entry):
            cache.withLock { $0.fetchBegins(at: now) }
            _ = background.start {
                // A failure changes nothing: the set at hand serves on, and the next use tries again.
                _ = try? await self.fetched(since: now, deadline: self.clock.now + Self.fetchTimeout, fetch)
            }
            return entry
        case .fetch:
            return try await fetched(since: now, deadline: deadline, fetch)
        }
    }

    /// Something newer than `entry`, which a token could not be checked with; `nil` when there is nothing newer.
    func anchors(
        newerThan entry: TrustCache.Entry,
        deadline: ContinuousClock.Instant,
        fetch: @escaping Fetch
    ) async throws(APIFailure) -> TrustCache.Entry? {
        let now = clock.now
        switch cache.withLock({ $0.needNewer(than: entry.fetchedAt, at: now) }) {
        case .use(let newer), .useAndFetch(let newer): return newer
        case nil: return nil
        case .fetch:
            do {
                return try await fetched(since: now, deadline: deadline, fetch)
            } catch {
                // The caller has a set, and its answer stands; only its own end is worth telling.
                switch error.kind {
                case .deadlineExceeded, .cancelled, .shuttingDown: throw error
                default: return nil
                }
            }
        }
    }

    /// Fails all that still wait.
    func stop() { fetches.stop() }

    /// A set that was fetched at `decision` or later: when it was decided that one is needed.
    private func fetched(
        since decision: ContinuousClock.Instant,
        deadline: ContinuousClock.Instant,
        _ fetch: @escaping Fetch
    ) async throws(APIFailure) -> TrustCache.Entry {
        let failure: APIFailure
        do {
            return try await fetches.result(for: Sole(), call: UpstreamCall(deadline: deadline)) { call in
                // Another fetch may have begun and ended since the decision.
                if let entry = self.cache.withLock({ $0.entry }), entry.fetchedAt >= decision { return .success(entry) }
                self.cache.withLock { $0.fetchBegins(at: self.clock.now) }
                return await fetch(call).map { anchors in
                    self.cache.withLock { $0.fetched(anchors, at: self.clock.now) }
                }.mapError { Self.seenFromOutside($0) }
            }
        } catch {
            failure = error
        }
        throw failure.with(outcome: .notSent)
    }

    /// Whatever kept the keys away, to a caller with a token to check Mosaic is not available.
    private static func seenFromOutside(_ failure: APIFailure) -> APIFailure {
        switch failure.kind {
        case .shuttingDown, .cancelled: failure
        default: failure.with(kind: .unavailable)
        }
    }
}
