import Synchronization

/// The token sources of resources other than the client's usual one: made when first asked for, and given up when nobody
/// has asked for an hour, so that no token is renewed for ever because it was wanted once.
final class ResourceTokenSources: Sendable {
    /// One try to get a token for a resource.
    typealias Fetch = @Sendable (_ resource: String?) async -> Result<ClientTokenGrant, APIFailure>

    /// More resources than this are not served at the same time.
    static let maximumCount = 32
    /// How long a source is kept that nobody asks. Longer than any call can wait for its token.
    static let idleTime = Duration.seconds(3600)

    private struct Entry: Sendable {
        let source: ClientTokenSource
        var lastUse: ContinuousClock.Instant
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

    /// The source of a resource.
    ///
    /// - Throws: `unavailable` when too many others are in use.
    func source(for resource: String) throws(APIFailure) -> ClientTokenSource {
        let now = clock.now
        let (source, isNew) = entries.withLock { entries -> (ClientTokenSource?, Bool) in
            if let entry = entries[resource] {
                entries[resource]?.lastUse = now
                return (entry.source, false)
            }
            guard entries.count < Self.maximumCount else { return (nil, false) }
            let source = ClientTokenSource(clock: clock, random: random) { [fetch] in await fetch(resource) }
            entries[resource] = Entry(source: source, lastUse: now)
            return (source, true)
        }
        guard let source else { throw APIFailure(.unavailable, outcome: .notSent) }
        if isNew, !background.start({ await self.run(source, for: resource) }) {
            throw APIFailure(.shuttingDown, outcome: .notSent)
        }
        return source
    }

    private func run(_ source: ClientTokenSource, for resource: String) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await source.run() }
            group.addTask { await self.untilIdle(resource) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Returns when nobody has asked for the resource for a while, or when the task is cancelled.
    private func untilIdle(_ resource: String) async {
        while true {
            let now = clock.now
            let wakeAt = entries.withLock { entries -> ContinuousClock.Instant? in
                guard let lastUse = entries[resource]?.lastUse, lastUse + Self.idleTime > now else {
                    entries[resource] = nil
                    return nil
                }
                return lastUse + Self.idleTime
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
