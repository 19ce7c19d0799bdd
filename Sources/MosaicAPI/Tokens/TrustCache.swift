/// What tokens are checked against, with its age: decides when it is fetched again.
///
/// Pure: every event is given its instant.
///
/// | age | at use |
/// |---|---|
/// | none | fetched and waited for |
/// | up to 1 h | served |
/// | up to 24 h | served, and fetched behind the caller's back, at most once a minute |
/// | more | fetched and waited for |
///
/// A key that is not in the set has it fetched at most once a minute, however often one is asked for.
struct TrustCache: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// How long a set is served without a look for a newer one: a withdrawn key is trusted no longer than that.
    static let freshness = Duration.seconds(3600)
    /// How long a set is served while no newer one can be had.
    static let usefulness = Duration.seconds(86_400)
    /// The shortest time between two fetches of a set while there is one.
    static let fetchInterval = Duration.seconds(60)

    /// A set and when it was fetched.
    struct Entry: Sendable {
        let anchors: TrustAnchors
        let fetchedAt: Instant
    }

    private(set) var entry: Entry?
    private var lastFetch: Instant?

    /// What a check of a token gets.
    enum Need: Sendable {
        /// This set.
        case use(Entry)
        /// This set, and a fetch is to begin.
        case useAndFetch(Entry)
        /// What a fetch brings.
        case fetch
    }

    /// A token is to be checked.
    mutating func need(at now: Instant) -> Need {
        guard let entry else { return .fetch }
        let age = entry.fetchedAt.duration(to: now)
        if age < Self.freshness { return .use(entry) }
        if age < Self.usefulness { return mayFetch(at: now) ? .useAndFetch(entry) : .use(entry) }
        return .fetch
    }

    /// A token could not be checked with the set fetched at `instant`: its key is missing, or its signature is wrong.
    ///
    /// - Returns: A set fetched since then, a fetch to wait for, or `nil` when the answer stands.
    mutating func needNewer(than instant: Instant, at now: Instant) -> Need? {
        if let entry, entry.fetchedAt > instant { return .use(entry) }
        return mayFetch(at: now) ? .fetch : nil
    }

    /// A fetch has begun. Any fetch counts towards the interval, and so does one that fails.
    mutating func fetchBegins(at now: Instant) { lastFetch = now }

    /// A fetch has brought a set.
    mutating func fetched(_ anchors: TrustAnchors, at now: Instant) -> Entry {
        let entry = Entry(anchors: anchors, fetchedAt: now)
        self.entry = entry
        return entry
    }

    private func mayFetch(at now: Instant) -> Bool {
        lastFetch.map { $0.duration(to: now) >= Self.fetchInterval } ?? true
    }
}

/// What makes a token one of this client's Mosaic: the keys and the issuer.
struct TrustAnchors: Sendable {
    /// The keys (E2).
    let keys: KeySet
    /// The `iss` claim: configured, the region's, or from the discovery document (E3).
    let issuer: String
}
