import AgentProtocol

/// Sums up calls without effect, which anybody can make as fast as the agent answers.
///
/// A uid has an allowance of records of its own, and one more for what the policy forbids; what goes beyond is counted, and
/// told by one record per uid, unit, method and outcome every ``period``. A pure value: time comes from the caller. Its
/// memory is bounded: callers and outcomes beyond what it tells apart are counted together.
struct CallSummaries: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// What calls must have in common to be told by one record.
    struct Key: Sendable, Hashable {
        /// nil for callers that are not told apart any more.
        var uid: UInt32?
        var unit: String?
        var socket: String?
        var method: String
        var verdict: String
        var error: String?

        /// Stands for everything that there is no room to tell apart.
        static func others(of uid: UInt32?) -> Key { Key(uid: uid, method: "(various)", verdict: "various") }
    }

    /// Calls that were counted.
    struct Summary: Sendable, Hashable {
        let key: Key
        var count: UInt64
        var first: Instant
        var last: Instant
    }

    /// An allowance that refills evenly, kept as the one instant at which it will be whole again.
    private struct Allowance {
        var wholeAt: Instant

        mutating func take(now: Instant) -> Bool {
            let next = max(wholeAt, now) + CallSummaries.refill
            guard next <= now + CallSummaries.refill * CallSummaries.burst else { return false }
            wholeAt = next
            return true
        }
    }

    private struct Allowances {
        var general: Allowance
        var forbidden: Allowance
        var wholeAt: Instant { max(general.wholeAt, forbidden.wholeAt) }
    }

    /// How long calls are counted before they are told.
    static let period = Duration.seconds(10)
    /// The time in which an allowance grows by one record.
    static let refill = Duration.milliseconds(100)
    /// Records that an allowance lets through at once.
    static let burst = 100
    /// Uids whose allowances are known at a time; further ones have none.
    static let maximumUIDs = 4096
    /// Outcomes told apart at a time, and of these of one uid.
    static let maximumKeys = 4096
    static let maximumKeysPerUID = 64

    private var allowances: [UInt32: Allowances] = [:]
    private var summaries: [Key: Summary] = [:]
    private var keysOfUID: [UInt32: Int] = [:]
    private var nextDue: Instant?

    /// Whether nothing is counted that has not been told.
    var isEmpty: Bool { summaries.isEmpty }

    /// Whether a call of this uid gets a record of its own; what does not is to be counted by ``add(_:now:)``.
    mutating func admits(uid: UInt32, isForbidden: Bool, now: Instant) -> Bool {
        if allowances[uid] == nil {
            if allowances.count >= Self.maximumUIDs { allowances = allowances.filter { $0.value.wholeAt > now } }
            guard allowances.count < Self.maximumUIDs else { return false }
            allowances[uid] = Allowances(general: Allowance(wholeAt: now), forbidden: Allowance(wholeAt: now))
        }
        return isForbidden
            ? allowances[uid]?.forbidden.take(now: now) ?? false
            : allowances[uid]?.general.take(now: now) ?? false
    }

    /// Counts a call.
    mutating func add(_ key: Key, now: Instant) {
        let key = room(for: key)
        if summaries[key] == nil {
            summaries[key] = Summary(key: key, count: 0, first: now, last: now)
            if let uid = key.uid { keysOfUID[uid, default: 0] += 1 }
            nextDue = nextDue ?? now + Self.period
        }
        summaries[key]?.count += 1
        summaries[key]?.last = now
    }

    private func room(for key: Key) -> Key {
        guard summaries[key] == nil, let uid = key.uid else { return key }
        // The last key of a uid, and the one without uid, are beyond the limits: so they always find room.
        guard summaries.count < Self.maximumKeys else {
            let others = Key.others(of: uid)
            return summaries[others] == nil ? .others(of: nil) : others
        }
        return keysOfUID[uid, default: 0] < Self.maximumKeysPerUID ? key : .others(of: uid)
    }

    /// Whether something is to be told.
    func hasDue(now: Instant) -> Bool {
        nextDue.map { $0 <= now } ?? false
    }

    /// Takes out what is to be told, oldest first.
    ///
    /// - Parameter all: whether to take what was not counted for a whole period, too.
    mutating func takeDue(now: Instant, all: Bool = false) -> [Summary] {
        guard all || hasDue(now: now) else { return [] }
        let due = summaries.values.filter { all || $0.first + Self.period <= now }
        for summary in due {
            summaries[summary.key] = nil
            guard let uid = summary.key.uid else { continue }
            let left = (keysOfUID[uid] ?? 1) - 1
            keysOfUID[uid] = left == 0 ? nil : left
        }
        nextDue = summaries.values.map(\.first).min().map { $0 + Self.period }
        return due.sorted { $0.first < $1.first }
    }
}
