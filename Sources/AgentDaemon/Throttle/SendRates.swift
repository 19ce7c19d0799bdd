/// How fast uids send, over all targets: a budget that refills evenly, by the generic cell rate algorithm (ITU-T I.371).
///
/// Of each uid only one instant is known: when its budget will be whole again. A send moves it on by the time in which one
/// send refills, and is let through as long as that is no further ahead than the time in which all of them do.
struct SendRates: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// What is known of a uid.
    struct Rate: Sendable, Hashable {
        let uid: UInt32
        /// When its budget is whole again.
        var wholeAt: Instant
    }

    /// What happened to a slot, for holders of a copy of it.
    private(set) var changedSlots: [Int] = []
    /// Rates that had to go for want of room.
    private(set) var evicted = 0
    /// The slots, as far as they have been used; they are handed out lowest first.
    private(set) var rates: [Rate?] = []
    private(set) var budget: Int
    /// In what time one send refills.
    private(set) var refill: Duration

    private let capacity: Int
    private var slots: [UInt32: Int] = [:]
    private var free: [Int] = []

    init(budget: Int, window: Duration, capacity: Int) {
        self.budget = budget
        self.capacity = capacity
        refill = Self.refill(budget, window)
    }

    /// Applies another budget: who has used up so many sends still has.
    mutating func change(budget: Int, window: Duration, at now: Instant) {
        let newRefill = Self.refill(budget, window)
        guard (newRefill, budget) != (refill, self.budget) else { return }
        for (slot, rate) in rates.enumerated() {
            guard let rate else { continue }
            rates[slot]?.wholeAt = now + Self.scale(rate.wholeAt - now, from: refill, to: newRefill, budget)
            changedSlots.append(slot)
        }
        (self.budget, refill) = (budget, newRefill)
    }

    /// Takes back rates of before, in their slots, as far as they are not whole again. What refilled in another time then
    /// refills as it does now.
    mutating func restore(_ old: [(slot: Int, rate: Rate, refill: Duration)], at now: Instant) {
        precondition(rates.isEmpty, "rates are restored before there are others")
        rates = Array(repeating: nil, count: (old.map(\.slot).max() ?? -1) + 1)
        for (slot, rate, oldRefill) in old where rate.wholeAt > now && slots[rate.uid] == nil {
            let wholeAt = now + Self.scale(rate.wholeAt - now, from: oldRefill, to: refill, budget)
            rates[slot] = Rate(uid: rate.uid, wholeAt: wholeAt)
            slots[rate.uid] = slot
            if oldRefill != refill { changedSlots.append(slot) }
        }
        free = rates.indices.reversed().filter { rates[$0] == nil }
    }

    /// The time in which as much refills at another speed; never more than it takes to refill everything.
    private static func scale(_ ahead: Duration, from old: Duration, to new: Duration, _ budget: Int) -> Duration {
        let scaled = Int128(max(.zero, ahead).nanoseconds) * Int128(new.nanoseconds) / Int128(old.nanoseconds)
        return .nanoseconds(Int64(min(scaled, Int128((new * budget).nanoseconds))))
    }

    /// How long a uid has to wait before another send; nil if it need not.
    func wait(for uid: UInt32, now: Instant) -> Duration? {
        guard let rate = rate(of: uid) else { return nil }
        let excess = max(rate.wholeAt, now) + refill - (now + refill * budget)
        return excess > .zero ? excess : nil
    }

    /// The number of sends of a uid that have not refilled yet.
    func used(by uid: UInt32, now: Instant) -> Int {
        guard let rate = rate(of: uid), rate.wholeAt > now else { return 0 }
        return Int(((rate.wholeAt - now).nanoseconds + refill.nanoseconds - 1) / refill.nanoseconds)
    }

    /// Counts a send, whether or not there was room for it.
    mutating func record(_ uid: UInt32, now: Instant) {
        let slot = slots[uid] ?? makeRoom(for: uid, now: now)
        let wholeAt = max(rates[slot]?.wholeAt ?? now, now)
        rates[slot]?.wholeAt = wholeAt + refill
        changedSlots.append(slot)
    }

    /// A send has not happened.
    mutating func giveBack(_ uid: UInt32) {
        guard let slot = slots[uid] else { return }
        rates[slot]?.wholeAt -= refill
        changedSlots.append(slot)
    }

    /// Forgets a uid; answers whether anything was known of it.
    mutating func remove(_ uid: UInt32, now: Instant) -> Bool {
        guard let slot = slots.removeValue(forKey: uid), let rate = rates[slot] else { return false }
        rates[slot] = nil
        free.append(slot)
        changedSlots.append(slot)
        return rate.wholeAt > now
    }

    /// The uids that have not refilled yet.
    func uids(at now: Instant) -> [UInt32] {
        rates.compactMap { rate in rate.flatMap { $0.wholeAt > now ? $0.uid : nil } }
    }

    /// Forgets which slots have changed, after they have been copied.
    mutating func changesWereCopied() { changedSlots.removeAll(keepingCapacity: true) }

    /// In whole nanoseconds, so that instants can be written down as they are.
    private static func refill(_ budget: Int, _ window: Duration) -> Duration {
        .nanoseconds(window.nanoseconds / Int64(budget))
    }

    private func rate(of uid: UInt32) -> Rate? { slots[uid].flatMap { rates[$0] } }

    /// A slot for a uid that is new. When all are taken, the uid goes that has least to lose: one look at each of them, but
    /// there are few, and it takes many uids to come here.
    private mutating func makeRoom(for uid: UInt32, now: Instant) -> Int {
        if free.isEmpty, rates.count == capacity {
            let least = rates.lazy.compactMap(\.self).min { $0.wholeAt < $1.wholeAt }
            if let least, remove(least.uid, now: now) { evicted += 1 }
        }
        let slot: Int
        if let freed = free.popLast() {
            slot = freed
        } else {
            slot = rates.count
            rates.append(nil)
        }
        rates[slot] = Rate(uid: uid, wholeAt: now)
        slots[uid] = slot
        return slot
    }
}
