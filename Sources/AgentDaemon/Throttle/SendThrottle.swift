/// Counts sends of callers to targets and decides who may make another: the state, without waiting and without a clock.
struct SendThrottle: Sendable {
    typealias Instant = ContinuousClock.Instant
    typealias Pair = ThrottleRecord.Pair

    private(set) var table: EvictingTable
    private(set) var limits: ThrottleLimits
    private var latest: Instant?

    init(limits: ThrottleLimits, capacity: Int) {
        self.limits = limits
        table = EvictingTable(capacity: capacity)
    }

    /// Applies other limits to what is known.
    mutating func change(_ limits: ThrottleLimits, at now: Instant) {
        expire(at: now)
        self.limits = limits
        expire(at: now)
    }

    /// How long a caller has to wait before another send of this kind to a target; nil if it need not.
    mutating func wait(for pair: Pair, _ kind: SendKind, now: Instant) -> Duration? {
        expire(at: now)
        return remaining(of: pair, kind, now: now)
    }

    /// Counts a send, whether or not there was room for it.
    mutating func record(_ pair: Pair, _ kind: SendKind, now: Instant) -> (slot: Int, serial: UInt64) {
        expire(at: now)
        if table.isFull, let evictionCandidate = table.evictionCandidate(toMakeRoomFor: pair.caller.uid) {
            table.remove(evictionCandidate, evicting: true)
        }
        let slot = table.insert(ThrottleRecord(pair: pair, instant: latest ?? now, kind: kind))
        return (Int(slot), table.serial(of: slot))
    }

    /// A send has not happened.
    mutating func giveBack(slot: Int, serial: UInt64) {
        if let slot = table.slot(slot, serial: serial) { table.remove(slot) }
    }

    /// ``wait(for:_:now:)`` of sends that have been looked through already; without a kind, how long until every kind may be
    /// sent again.
    ///
    /// The interval is that of the kind, the budget that of all kinds together.
    func remaining(of pair: Pair, _ kind: SendKind? = nil, now: Instant) -> Duration? {
        let now = max(now, latest ?? now)
        var freeAt = now
        var hasNewest = false
        for (number, slot) in table.slots(of: pair).enumerated() {
            let record = table.record(slot)
            if !hasNewest, kind == nil || record.kind == kind {
                freeAt = max(freeAt, record.instant + limits.sendInterval)
                hasNewest = true
            }
            if number == limits.sendBudget - 1 { freeAt = max(freeAt, record.instant + limits.sendWindow) }
            if number >= limits.sendBudget - 1, hasNewest || record.instant + limits.sendInterval <= now { break }
        }
        return freeAt > now ? freeAt - now : nil
    }

    /// The number of sends of a caller to a target that count against its budget.
    func count(of pair: Pair, now: Instant) -> Int {
        table.slots(of: pair).prefix { table.record($0).instant + limits.sendWindow > now }.count
    }

    /// Forgets the sends in these slots.
    mutating func remove(_ slots: [Int32]) {
        for slot in slots { table.remove(slot) }
    }

    /// Forgets sends that do not count any more.
    mutating func expire(at now: Instant) {
        let now = max(now, latest ?? now)
        latest = now
        while let oldest = table.oldest, table.record(oldest).instant + limits.sendLifetime <= now {
            table.remove(oldest)
        }
    }

    /// Takes back sends of before, in their slots, as far as they still count.
    mutating func restore(_ records: [(slot: Int, record: ThrottleRecord)], at now: Instant) {
        table.restore(records.filter { $0.record.instant <= now && now < $0.record.instant + limits.sendLifetime })
        latest = now
    }

    /// Forgets which slots have changed, after they have been copied.
    mutating func changesWereCopied() { table.changesWereCopied() }
}
