import Synchronization

/// The token sources of resources other than the client's usual one: made when first asked for, and given up when no caller
/// has asked for an hour, so that no token is renewed for ever because it was wanted once.
///
/// There is room for ``maximumCount``. A uid that asks for a further resource gets a place as long as it has fewer than are
/// free; some places are root's. Beyond that a source that has no token, or the least recently used one, of a uid
/// that has more makes room; for the uid that has most, its own least recently used one. A source without a token, of a
/// resource that Mosaic does not know, is given up after seconds. One that a caller waits for is never given up, so a
/// uid that waits for as many as it may have is refused another one, and other uids are not.
final class ResourceTokenSources: Sendable {
    /// One try to get a token for a resource.
    typealias Fetch = @Sendable (_ resource: String?) async -> Result<ClientTokenGrant, APIFailure>

    /// More resources than this are not served at the same time.
    static let maximumCount = 32
    /// Places that only root can take.
    static let placesOfRoot = 2
    /// How long a source is kept that is not asked.
    static let idleTime = Duration.seconds(3600)
    /// How long a source is kept that is not asked and has no token.
    static let idleTimeWithoutToken = Duration.seconds(10)

    private struct Entry: Sendable {
        let source: ClientTokenSource
        /// Who asked first.
        let uid: UInt32
        var lastUse: ContinuousClock.Instant
        /// Callers that wait for its token.
        var waiting = 0
        /// Ends with the entry.
        let end: AsyncStream<Void>.Continuation

        var hasToken: Bool { source.withMachine { $0.token != nil } }
    }

    private let entries = Mutex<[String: Entry]>([:])
    private let clock: any AgentClock
    private let random: @Sendable () -> Double
    private let background: BackgroundWork
    private let fetch: Fetch

    init(
        clock: any AgentClock,
        random: @escaping @Sendable () -> Double,
        background: BackgroundWork,
        fetch: @escaping Fetch
    ) {
        self.clock = clock
        self.random = random
        self.background = background
        self.fetch = fetch
    }

    /// Asks the source of a resource for a token.
    ///
    /// - Parameters:
    ///   - uid: Who asks; places are shared out by it.
    ///   - ask: Runs while the source is sure to stay.
    /// - Throws: `unavailable` when there is no place for a further resource of this uid.
    func token(
        for resource: String,
        uid: UInt32,
        _ ask: (ClientTokenSource) async throws(APIFailure) -> ClientToken
    ) async throws(APIFailure) -> ClientToken {
        let source = try enter(resource, uid: uid)
        defer {
            let now = clock.now
            entries.withLock { entries in
                guard entries[resource]?.source === source else { return }
                entries[resource]?.waiting -= 1
                entries[resource]?.lastUse = now
            }
        }
        return try await ask(source)
    }

    private func enter(_ resource: String, uid: UInt32) throws(APIFailure) -> ClientTokenSource {
        let now = clock.now
        if let known = entries.withLock({ Self.join(resource, in: &$0, at: now) }) { return known }
        let source = ClientTokenSource(clock: clock, random: random) { [fetch] in await fetch(resource) }
        let (end, input) = AsyncStream<Void>.makeStream()
        let (found, isNew) = entries.withLock { entries -> (ClientTokenSource?, Bool) in
            if let known = Self.join(resource, in: &entries, at: now) { return (known, false) }
            guard Self.makeRoom(for: uid, in: &entries) else { return (nil, false) }
            entries[resource] = Entry(source: source, uid: uid, lastUse: now, waiting: 1, end: input)
            return (source, true)
        }
        guard let found else {
            throw APIFailure(.unavailable, outcome: .notSent, retryAfter: Self.idleTimeWithoutToken)
        }
        if isNew, !background.start({ await self.run(source, for: resource, until: end) }) {
            throw APIFailure(.shuttingDown, outcome: .notSent)
        }
        return found
    }

    /// The source that there is for a resource, with a further caller that waits for its token.
    private static func join(
        _ resource: String,
        in entries: inout [String: Entry],
        at now: ContinuousClock.Instant
    ) -> ClientTokenSource? {
        guard let source = entries[resource]?.source else { return nil }
        entries[resource]?.waiting += 1
        entries[resource]?.lastUse = now
        return source
    }

    /// Finds a place for a further resource of a uid, if need be another one's.
    private static func makeRoom(for uid: UInt32, in entries: inout [String: Entry]) -> Bool {
        let counts = Dictionary(entries.values.map { ($0.uid, 1) }, uniquingKeysWith: +)
        let own = counts[uid] ?? 0
        let free = maximumCount - (uid == 0 ? 0 : placesOfRoot) - entries.count
        if own < free { return true }
        let idle = entries.filter { $0.value.waiting == 0 }
        let others = idle.filter { $0.value.uid != uid }
        let most = others.map { counts[$0.value.uid] ?? 0 }.max() ?? 0
        let evicted =
            if own < most {
                oldest(in: others.filter { !$0.value.hasToken })
                    ?? oldest(in: others.filter { counts[$0.value.uid] == most })
            } else {
                // A caller's own bogus resources take up its share until they are forgotten, so that it cannot have Mosaic
                // asked for one after the other without end.
                oldest(in: idle.filter { $0.value.uid == uid && $0.value.hasToken })
            }
        guard let evicted else { return false }
        remove(evicted, from: &entries)
        return true
    }

    private static func oldest(in entries: [String: Entry]) -> String? {
        entries.min { $0.value.lastUse < $1.value.lastUse }?.key
    }

    private static func remove(_ key: String, from entries: inout [String: Entry]) {
        entries.removeValue(forKey: key)?.end.finish()
    }

    private func run(_ source: ClientTokenSource, for resource: String, until end: AsyncStream<Void>) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await source.run() }
            group.addTask { await self.untilIdle(resource, source) }
            group.addTask { for await _ in end {} }
            await group.next()
            group.cancelAll()
        }
    }

    /// Returns when the resource has not been asked for for a while, or when the task is cancelled.
    private func untilIdle(_ resource: String, _ source: ClientTokenSource) async {
        while true {
            let now = clock.now
            let wakeAt = entries.withLock { entries -> ContinuousClock.Instant? in
                guard let entry = entries[resource], entry.source === source else { return nil }
                let end = entry.lastUse + (entry.hasToken ? Self.idleTime : Self.idleTimeWithoutToken)
                // A caller that waits is bounded by its deadline.
                if end > now || entry.waiting > 0 { return max(end, now + Self.idleTimeWithoutToken) }
                Self.remove(resource, from: &entries)
                return nil
            }
            guard let wakeAt else { return }
            do {
                try await clock.sleep(until: wakeAt, tolerance: nil)
            } catch {
                return
            }
        }
    }
}
