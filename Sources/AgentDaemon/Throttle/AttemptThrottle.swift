/// Counts failed attempts on targets and decides who may make another: the state, without waiting and without a clock.
///
/// The failures of all callers on a target are held against one budget; a caller that has not failed there passes all the
/// same, so that no caller locks a user out for others. A caller's own attempts under way are taken as if they were going
/// to fail: an attempt that has room only if some of them do not waits until one of them is released. Attempts of other
/// callers under way hold up no one.
///
/// ```
///           ┌▶ admitted ──▶ released: counts, forgives or leaves no trace,
/// request ──┼▶ waiting ─┐             and those that wait are decided again
///           │           ├──▶ admitted or refused, in the order of arrival
///           └▶ refused  └──▶ gone
/// ```
struct AttemptThrottle: Sendable {
    typealias Instant = ContinuousClock.Instant
    typealias Pair = ThrottleRecord.Pair

    /// What becomes of an attempt that is to be made.
    enum Decision: Sendable, Hashable {
        /// It may be made, and ends with ``release(of:by:at:_:now:)``.
        case admitted
        /// It waits until an attempt of the same caller on the same target is released, or until ``leave(_:)``.
        case waiting
        /// It must not be made.
        case refused(ThrottleRejection)
    }

    /// An attempt that has waited, and what became of it: never ``Decision/waiting``.
    struct Decided: Sendable, Hashable {
        let waiter: UInt64
        let decision: Decision
    }

    struct TargetState: Sendable {
        var failures = IntrusiveList()
        /// Records in ``AttemptThrottle/undecided``.
        var undecided = 0
        var inFlight = 0
    }

    /// Attempts of one caller on one target that wait at most.
    static let maximumWaiting = 16
    /// Answers without a decision, to one caller about one target, that hold up the caller there.
    static let undecidedBudget = 16

    /// The failures.
    private(set) var table: EvictingTable
    /// The attempts that Mosaic answered without deciding anything.
    private(set) var undecided: EvictingTable
    private(set) var targets: [ThrottleTarget: TargetState] = [:]
    private var targetLinks = IntrusiveList.Links()
    private var inFlight: [Pair: Int] = [:]
    private var inFlightOfUID: [UInt32: Int] = [:]
    private(set) var waiting = WaitingAttempts()
    private(set) var budget: Int
    private(set) var window: Duration
    private var latest: Instant?

    init(budget: Int, window: Duration, capacity: Int, undecidedCapacity: Int? = nil) {
        self.budget = budget
        self.window = window
        table = EvictingTable(capacity: capacity)
        undecided = EvictingTable(capacity: undecidedCapacity ?? capacity)
    }

    /// Applies other limits to what is known.
    ///
    /// - Returns: those that have waited and are decided by this.
    mutating func change(budget: Int, window: Duration, at now: Instant) -> [Decided] {
        expire(at: now)
        self.budget = budget
        self.window = window
        expire(at: now)
        return decideWaiting()
    }

    /// An attempt is to be made.
    ///
    /// - Parameter waiter: a number of its own, by which it is called if it has to wait.
    /// - Returns: what becomes of it, and those that waited before it and are decided first.
    mutating func request(
        at target: ThrottleTarget,
        by caller: ThrottleCaller,
        waiter: UInt64,
        now: Instant
    ) -> (Decision, before: [Decided]) {
        expire(at: now)
        let pair = Pair(target: target, caller: caller)
        // Failures may have expired since they were looked at last, and none overtakes those that wait.
        let before = decideWaiting(of: pair)
        let decision = waiting.count(of: pair) > 0 ? .waiting : decide(pair)
        switch decision {
        case .admitted: begin(pair)
        case .waiting where waiting.count(of: pair) >= Self.maximumWaiting:
            return (.refused(ThrottleRejection(budget: .inFlight, retryAfter: .seconds(1))), before)
        case .waiting: waiting.append(waiter, to: pair)
        case .refused: break
        }
        return (decision, before)
    }

    /// An attempt that waits is given up; false if it waits no more.
    mutating func leave(_ waiter: UInt64) -> Bool { waiting.remove(waiter) }

    /// The answer of an attempt that was admitted is released.
    ///
    /// - Parameters:
    ///   - begun: the target it was begun at.
    ///   - target: the target it turned out to be about: its application may become known only on the way.
    /// - Returns: whether the budget of the target was used up by this, and those that have waited and are decided by it.
    mutating func release(
        of begun: ThrottleTarget,
        by caller: ThrottleCaller,
        at target: ThrottleTarget,
        _ end: AttemptEnd,
        now: Instant
    ) -> (exhausted: Bool, decided: [Decided]) {
        expire(at: now)
        let pair = Pair(target: begun, caller: caller)
        finish(pair)
        let before = failures(at: target)
        let found = Pair(target: target, caller: caller)
        switch end {
        case .undecided: break
        case .succeeded:
            forgive(pair)
            forgive(found)
        case .failures(let count):
            for _ in 0..<count {
                if table.isFull, let evictionCandidate = table.evictionCandidate(toMakeRoomFor: caller.uid) {
                    remove(evictionCandidate, evicting: true)
                }
                list(table.insert(ThrottleRecord(pair: found, instant: latest ?? now)))
            }
        case .undecidedAnswer:
            if undecided.isFull, let evictionCandidate = undecided.evictionCandidate(toMakeRoomFor: caller.uid) {
                removeUndecided(evictionCandidate, evicting: true)
            }
            listUndecided(undecided.insert(ThrottleRecord(pair: found, instant: latest ?? now)))
        }
        return (before < budget && failures(at: target) >= budget, decideWaiting(of: pair))
    }

    /// How long the callers that failed on a target have to wait until enough failures have expired; nil if they need not.
    func wait(at target: ThrottleTarget, now: Instant) -> Duration? {
        guard let state = targets[target], state.failures.count >= budget else { return nil }
        // All but one of the budget's newest failures may still count.
        var blocking = state.failures.last
        for _ in 1..<max(1, budget) { blocking = targetLinks.before(blocking) ?? blocking }
        return table.record(blocking).instant + window - max(now, latest ?? now)
    }

    /// Attempts under way, on all targets.
    var attemptsInFlight: Int { inFlightOfUID.values.reduce(0, +) }

    /// The number of failures of all callers on a target.
    func failures(at target: ThrottleTarget) -> Int { Int(targets[target]?.failures.count ?? 0) }

    /// The slots of the failures on a target, newest first.
    func slots(at target: ThrottleTarget) -> IntrusiveList.NewestFirst {
        IntrusiveList.NewestFirst(targets[target]?.failures, targetLinks)
    }

    /// Forgets the failures in these slots.
    mutating func remove(_ slots: [Int32]) {
        for slot in slots { remove(slot) }
    }

    /// Forgets the answers without a decision in these slots.
    mutating func removeUndecided(_ slots: [Int32]) {
        for slot in slots { removeUndecided(slot) }
    }

    /// Forgets records that do not count any more.
    mutating func expire(at now: Instant) {
        let now = max(now, latest ?? now)
        latest = now
        while let oldest = table.oldest, table.record(oldest).instant + window <= now { remove(oldest) }
        while let oldest = undecided.oldest, undecided.record(oldest).instant + window <= now {
            removeUndecided(oldest)
        }
    }

    /// Takes back records of before, in their slots, as far as they still count.
    mutating func restore(
        _ failures: [(slot: Int, record: ThrottleRecord)],
        undecided answers: [(slot: Int, record: ThrottleRecord)],
        at now: Instant
    ) {
        func counts(_ entry: (slot: Int, record: ThrottleRecord)) -> Bool {
            entry.record.instant <= now && now < entry.record.instant + window
        }
        table.restore(failures.filter(counts))
        for slot in Array(table.slots).reversed() { list(slot) }
        undecided.restore(answers.filter(counts))
        for slot in Array(undecided.slots) { listUndecided(slot) }
        latest = now
    }

    /// Decides those that wait, after something has changed that may let them pass: the queue first whose first has waited
    /// longest.
    mutating func decideWaiting() -> [Decided] {
        let pairs = waiting.pairs.sorted { (waiting.first(of: $0) ?? 0) < (waiting.first(of: $1) ?? 0) }
        return pairs.flatMap { decideWaiting(of: $0) }
    }

    /// Forgets which slots have changed, after they have been copied.
    mutating func changesWereCopied() {
        table.changesWereCopied()
        undecided.changesWereCopied()
    }

    private mutating func decideWaiting(of pair: Pair) -> [Decided] {
        var decided: [Decided] = []
        while let waiter = waiting.first(of: pair) {
            let decision = decide(pair)
            if decision == .waiting { break }
            if decision == .admitted { begin(pair) }
            waiting.remove(waiter)
            decided.append(Decided(waiter: waiter, decision: decision))
        }
        return decided
    }

    private func decide(_ pair: Pair) -> Decision {
        func refused(_ budget: ThrottleRejection.Budget, _ wait: Duration) -> Decision {
            .refused(ThrottleRejection(budget: budget, retryAfter: wait))
        }
        guard let now = latest else { return .admitted }
        let failures = failures(at: pair.target)
        if failures >= budget, table.count(of: pair) > 0, let wait = wait(at: pair.target, now: now) {
            return refused(.attempts, wait)
        }
        if let wait = undecidedWait(of: pair, now: now) { return refused(.undecided, wait) }
        if let wait = callerWait(of: pair.caller.uid, now: now) { return refused(.callerAttempts, wait) }
        guard let own = inFlight[pair], failures + own >= budget else { return .admitted }
        return .waiting
    }

    /// How long a caller has to wait that had too many answers without a decision about a target; nil if it need not.
    private func undecidedWait(of pair: Pair, now: Instant) -> Duration? {
        guard undecided.count(of: pair) >= Self.undecidedBudget else { return nil }
        let blocking = undecided.slots(of: pair).dropFirst(Self.undecidedBudget - 1).first { _ in true }
        return blocking.map { undecided.record($0).instant + window - now }
    }

    /// How long a uid has to wait whose next failure would cost it a record of its own; nil if it would not.
    ///
    /// Its attempts under way have the first claim on places that are free.
    private func callerWait(of uid: UInt32, now: Instant) -> Duration? {
        guard table.freeCount <= inFlightOfUID[uid] ?? 0,
            let evictionCandidate = table.evictionCandidate(toMakeRoomFor: uid)
        else {
            return nil
        }
        let record = table.record(evictionCandidate)
        return record.pair.caller.uid == uid ? record.instant + window - now : nil
    }

    private mutating func begin(_ pair: Pair) {
        targets[pair.target, default: TargetState()].inFlight += 1
        inFlight[pair, default: 0] += 1
        inFlightOfUID[pair.caller.uid, default: 0] += 1
    }

    private mutating func finish(_ pair: Pair) {
        guard let count = inFlight[pair], let ofUID = inFlightOfUID[pair.caller.uid] else {
            preconditionFailure("an attempt ends that is not under way")
        }
        inFlight[pair] = count > 1 ? count - 1 : nil
        inFlightOfUID[pair.caller.uid] = ofUID > 1 ? ofUID - 1 : nil
        targets[pair.target]?.inFlight -= 1
        dropIfIdle(pair.target)
    }

    private mutating func forgive(_ pair: Pair) {
        remove(Array(table.slots(of: pair)))
        removeUndecided(Array(undecided.slots(of: pair)))
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

    private mutating func listUndecided(_ slot: Int32) {
        targets[undecided.record(slot).pair.target, default: TargetState()].undecided += 1
    }

    private mutating func removeUndecided(_ slot: Int32, evicting: Bool = false) {
        let target = undecided.remove(slot, evicting: evicting).pair.target
        targets[target]?.undecided -= 1
        dropIfIdle(target)
    }

    private mutating func dropIfIdle(_ target: ThrottleTarget) {
        guard let state = targets[target], state.inFlight == 0, state.undecided == 0, state.failures.isEmpty else {
            return
        }
        targets[target] = nil
    }
}
