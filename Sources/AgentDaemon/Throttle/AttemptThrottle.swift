/// Counts failed attempts on targets and decides who may make another: the state, without waiting and without a clock.
///
/// The failures of all callers on a target and the attempts under way there are held against one budget. A caller that has
/// neither failed there nor has an attempt under way passes all the same, so that nobody locks a user out for others.
struct AttemptThrottle: Sendable {
    typealias Instant = ContinuousClock.Instant
    typealias Pair = ThrottleRecord.Pair

    struct TargetState: Sendable {
        var failures = SlotList()
        var inFlight = 0
    }

    private(set) var table: RecordTable
    private(set) var targets: [ThrottleTarget: TargetState] = [:]
    private var targetLinks = SlotList.Links()
    private var inFlight: [Pair: Int] = [:]
    private(set) var budget: Int
    private(set) var window: Duration
    private var latest: Instant?

    init(budget: Int, window: Duration, capacity: Int) {
        self.budget = budget
        self.window = window
        table = RecordTable(capacity: capacity)
    }

    /// Applies other limits to what is known.
    mutating func change(budget: Int, window: Duration, at now: Instant) {
        expire(at: now)
        self.budget = budget
        self.window = window
        expire(at: now)
    }

    /// An attempt is to be made.
    ///
    /// - Returns: nil if it may, and then it ends with ``end(of:by:at:_:now:)``; else how long to wait.
    mutating func begin(at target: ThrottleTarget, by caller: ThrottleCaller, now: Instant) -> Duration? {
        expire(at: now)
        let pair = Pair(target: target, caller: caller)
        if inFlight[pair] != nil || table.count(of: pair) > 0, let wait = wait(at: target, now: now) { return wait }
        targets[target, default: TargetState()].inFlight += 1
        inFlight[pair, default: 0] += 1
        return nil
    }

    /// An attempt that was let through has ended.
    ///
    /// - Parameters:
    ///   - begun: the target it was begun at.
    ///   - target: the target it turned out to be about: its application may become known only on the way.
    /// - Returns: whether the budget of the target was used up by this.
    mutating func end(
        of begun: ThrottleTarget,
        by caller: ThrottleCaller,
        at target: ThrottleTarget,
        _ end: AttemptEnd,
        now: Instant
    ) -> Bool {
        expire(at: now)
        release(Pair(target: begun, caller: caller))
        switch end {
        case .undecided:
            return false
        case .succeeded:
            forgive(Pair(target: begun, caller: caller))
            forgive(Pair(target: target, caller: caller))
            return false
        case .failed, .failedTwice:
            let before = failures(at: target)
            for _ in 0..<(end == .failedTwice ? 2 : 1) {
                if table.isFull, let victim = table.victim(toMakeRoomFor: caller.uid) { remove(victim, evicting: true) }
                insert(ThrottleRecord(pair: Pair(target: target, caller: caller), instant: latest ?? now))
            }
            return before < budget && failures(at: target) >= budget
        }
    }

    /// How long the callers that failed on a target have to wait; nil if they need not.
    ///
    /// When the failures alone use the budget up, that is until enough of them have expired to let one more attempt in
    /// beside those under way. When it takes the attempts under way, they end in their own time.
    func wait(at target: ThrottleTarget, now: Instant) -> Duration? {
        let now = max(now, latest ?? now)
        guard let state = targets[target] else { return nil }
        let failures = Int(state.failures.count)
        guard failures + state.inFlight >= budget else { return nil }
        guard failures >= budget else { return .seconds(1) }
        // As many of the newest failures may still count as there is room for beside the attempts under way; the next
        // older one must not. If there is no room, not even the newest one may.
        var blocking = state.failures.last
        for _ in 0..<max(0, budget - 1 - state.inFlight) { blocking = targetLinks.before(blocking) ?? blocking }
        return table.record(blocking).instant + window - now
    }

    /// Attempts under way, on all targets.
    var attemptsInFlight: Int { inFlight.values.reduce(0, +) }

    /// The number of failures of all callers on a target.
    func failures(at target: ThrottleTarget) -> Int { Int(targets[target]?.failures.count ?? 0) }

    /// The slots of the failures on a target, newest first.
    func slots(at target: ThrottleTarget) -> SlotList.NewestFirst {
        SlotList.NewestFirst(targets[target]?.failures, targetLinks)
    }

    /// Forgets the failures in these slots.
    mutating func remove(_ slots: [Int32]) {
        for slot in slots { remove(slot) }
    }

    /// Forgets failures that do not count any more.
    mutating func expire(at now: Instant) {
        let now = max(now, latest ?? now)
        latest = now
        while let oldest = table.oldest, table.record(oldest).instant + window <= now { remove(oldest) }
    }

    /// Takes back failures of before, in their slots, as far as they still count.
    mutating func restore(_ records: [(slot: Int, record: ThrottleRecord)], at now: Instant) {
        table.restore(records.filter { $0.record.instant <= now && now < $0.record.instant + window })
        for slot in Array(table.slots).reversed() { list(slot) }
        latest = now
    }

    /// Forgets which slots have changed, after they have been copied.
    mutating func changesWereCopied() { table.changesWereCopied() }

    private mutating func release(_ pair: Pair) {
        guard let count = inFlight[pair] else { preconditionFailure("an attempt ends that is not under way") }
        inFlight[pair] = count > 1 ? count - 1 : nil
        targets[pair.target]?.inFlight -= 1
        dropIfIdle(pair.target)
    }

    private mutating func forgive(_ pair: Pair) {
        remove(Array(table.slots(of: pair)))
    }

    private mutating func insert(_ record: ThrottleRecord) {
        list(table.insert(record))
    }

    private mutating func list(_ slot: Int32) {
        targetLinks.grow(to: Int(slot) + 1)
        targetLinks.append(slot, to: &targets[table.record(slot).pair.target, default: TargetState()].failures)
    }

    private mutating func remove(_ slot: Int32, evicting: Bool = false) {
        let target = table.remove(slot, evicting: evicting).pair.target
        targetLinks.remove(slot, from: &targets[target, default: TargetState()].failures)
        dropIfIdle(target)
    }

    private mutating func dropIfIdle(_ target: ThrottleTarget) {
        if let state = targets[target], state.inFlight == 0, state.failures.isEmpty { targets[target] = nil }
    }
}
