@testable import AgentDaemon

/// What the throttle is to do, told without regard to cost: all that ever happened, and nothing else.
struct NaiveThrottle {
    typealias Instant = ContinuousClock.Instant

    struct Event: Equatable {
        let target: ThrottleTarget
        let caller: ThrottleCaller
        let instant: Instant
        var number = 0
        var kind = SendKind.none
    }

    /// What became of an attempt that was asked for.
    enum Decision: Equatable {
        case admitted
        case waiting
        case refused(ThrottleRejection)
    }

    var limits: ThrottleLimits
    let capacity: ThrottleCapacity
    var failures: [Event] = []
    var undecided: [Event] = []
    var inFlight: [Event] = []
    /// In the order of their arrival, of all callers.
    var waiting: [Event] = []
    var sends: [Event] = []
    /// How long it takes until what a uid has sent is refilled, and when that was so.
    var debts: [UInt32: (debt: Duration, at: Instant)] = [:]
    private(set) var evicted = 0
    private var sent = 0

    init(limits: ThrottleLimits, capacity: ThrottleCapacity) {
        self.limits = limits
        self.capacity = capacity
    }

    // MARK: attempts

    func failures(at target: ThrottleTarget, now: Instant) -> [Event] {
        failures.filter { $0.target == target && now < $0.instant + limits.attemptWindow }
    }

    /// What becomes of an attempt, found by trying all instants at which anything changes.
    func decision(at target: ThrottleTarget, by caller: ThrottleCaller, now: Instant) -> Decision {
        func isOfPair(_ event: Event) -> Bool { event.target == target && event.caller == caller }
        func refused(_ budget: ThrottleRejection.Budget, until isFree: (Instant) -> Bool, _ events: [Event]) -> Decision
        {
            let expiries = events.map { $0.instant + limits.attemptWindow }.sorted()
            return .refused(ThrottleRejection(budget: budget, retryAfter: (expiries.first(where: isFree) ?? now) - now))
        }
        let there = failures(at: target, now: now)
        if there.contains(where: isOfPair), there.count >= limits.attemptBudget {
            return refused(.attempts, until: { failures(at: target, now: $0).count < limits.attemptBudget }, there)
        }
        let answers = undecided.filter(isOfPair)
        func counting(_ instant: Instant) -> Int { answers.count { instant < $0.instant + limits.attemptWindow } }
        if counting(now) >= 16 { return refused(.undecided, until: { counting($0) < 16 }, answers) }
        let known = failures.filter { now < $0.instant + limits.attemptWindow }
        let own = known.filter { $0.caller.uid == caller.uid }
        let most = Dictionary(grouping: known, by: \.caller.uid).values.map(\.count).max() ?? 0
        let free = capacity.failures - known.count
        if let oldest = own.first, own.count == most, free <= inFlight.count(where: { $0.caller.uid == caller.uid }) {
            let wait = oldest.instant + limits.attemptWindow - now
            return .refused(ThrottleRejection(budget: .callerAttempts, retryAfter: wait))
        }
        let mine = inFlight.count(where: isOfPair)
        return mine > 0 && there.count + mine >= limits.attemptBudget ? .waiting : .admitted
    }

    /// An attempt is asked for; answers what becomes of it and of those of the same caller that wait.
    mutating func request(_ attempt: Event, now: Instant) -> (Decision, before: [(Event, Decision)]) {
        let before = decideWaiting(at: attempt.target, by: attempt.caller, now: now)
        let ahead = waiting.count { $0.target == attempt.target && $0.caller == attempt.caller }
        var decision = ahead > 0 ? .waiting : decision(at: attempt.target, by: attempt.caller, now: now)
        if decision == .waiting, ahead >= 16 {
            decision = .refused(ThrottleRejection(budget: .inFlight, retryAfter: .seconds(1)))
        }
        switch decision {
        case .admitted: inFlight.append(attempt)
        case .waiting: waiting.append(attempt)
        case .refused: break
        }
        return (decision, before)
    }

    mutating func decideWaiting(
        at target: ThrottleTarget,
        by caller: ThrottleCaller,
        now: Instant
    ) -> [(Event, Decision)] {
        var decided: [(Event, Decision)] = []
        while let index = waiting.firstIndex(where: { $0.target == target && $0.caller == caller }) {
            let decision = decision(at: target, by: caller, now: now)
            if decision == .waiting { break }
            let attempt = waiting.remove(at: index)
            if decision == .admitted { inFlight.append(attempt) }
            decided.append((attempt, decision))
        }
        return decided
    }

    /// Decides all that wait, after other limits and forgotten records.
    mutating func decideWaiting(now: Instant) -> [(Event, Decision)] {
        var heads: [Event] = []
        for attempt in waiting
        where !heads.contains(where: { $0.target == attempt.target && $0.caller == attempt.caller }) {
            heads.append(attempt)
        }
        var decided: [(Event, Decision)] = []
        for head in heads { decided += decideWaiting(at: head.target, by: head.caller, now: now) }
        return decided
    }

    mutating func release(
        _ attempt: Event,
        at target: ThrottleTarget,
        _ end: AttemptEnd,
        now: Instant
    ) -> (Bool, [(Event, Decision)]) {
        forgetExpired(now: now)
        if let index = inFlight.firstIndex(of: attempt) { inFlight.remove(at: index) }
        let before = failures(at: target, now: now).count
        let record = Event(target: target, caller: attempt.caller, instant: now)
        switch end {
        case .undecided: break
        case .failures(let count):
            for _ in 0..<count { Self.add(record, to: &failures, capacity.failures, &evicted) }
        case .undecidedAnswer: Self.add(record, to: &undecided, capacity.undecided, &evicted)
        case .succeeded:
            func isForgiven(_ event: Event) -> Bool {
                event.caller == attempt.caller && [target, attempt.target].contains(event.target)
            }
            failures.removeAll(where: isForgiven)
            undecided.removeAll(where: isForgiven)
        }
        let isExhausted =
            before < limits.attemptBudget
            && failures(at: target, now: now).count >= limits.attemptBudget
        return (isExhausted, decideWaiting(at: attempt.target, by: attempt.caller, now: now))
    }

    /// Takes a free place, or that of the oldest record of a uid that has most: the uid itself if it is among them.
    private static func add(_ record: Event, to records: inout [Event], _ capacity: Int, _ evicted: inout Int) {
        if records.count == capacity {
            let counts = Dictionary(grouping: records, by: \.caller.uid).mapValues(\.count)
            let most = counts.values.max() ?? 0
            // With two others that have the same number either may lose; the runs have two uids in all.
            let candidateUID =
                counts[record.caller.uid] == most ? record.caller.uid : counts.first { $0.value == most }?.key
            if let index = records.firstIndex(where: { $0.caller.uid == candidateUID }) { records.remove(at: index) }
            evicted += 1
        }
        records.append(record)
    }

    // MARK: sends

    func sends(_ target: ThrottleTarget, _ caller: ThrottleCaller, now: Instant) -> [Event] {
        sends.filter { $0.target == target && $0.caller == caller && now < $0.instant + limits.sendWindow }
    }

    private var refill: Duration { limits.sendWindow / limits.callerSendBudget }

    func debt(of uid: UInt32, now: Instant) -> Duration {
        debts[uid].map { max(.zero, $0.debt - (now - $0.at)) } ?? .zero
    }

    func waitForSend(
        to target: ThrottleTarget,
        by caller: ThrottleCaller,
        _ kind: SendKind,
        now: Instant
    ) -> ThrottleRejection? {
        let all = sends.filter { $0.target == target && $0.caller == caller }
        func isFree(_ instant: Instant) -> Bool {
            all.allSatisfy { $0.kind != kind || $0.instant + limits.sendInterval <= instant }
                && sends(target, caller, now: instant).count < limits.sendBudget
        }
        if !isFree(now) {
            let changes = all.flatMap { [$0.instant + limits.sendInterval, $0.instant + limits.sendWindow] }.sorted()
            let free = changes.first { $0 > now && isFree($0) } ?? now
            return ThrottleRejection(budget: .sends, retryAfter: free - now)
        }
        let excess = debt(of: caller.uid, now: now) + refill - refill * limits.callerSendBudget
        return excess > .zero ? ThrottleRejection(budget: .callerSends, retryAfter: excess) : nil
    }

    mutating func send(
        to target: ThrottleTarget,
        by caller: ThrottleCaller,
        _ kind: SendKind,
        now: Instant
    ) -> Event {
        sent += 1
        let event = Event(target: target, caller: caller, instant: now, number: sent, kind: kind)
        sends.append(event)
        debts[caller.uid] = (debt(of: caller.uid, now: now) + refill, now)
        return event
    }

    mutating func giveBack(_ send: Event, now: Instant) {
        sends.removeAll { $0 == send }
        guard debts[send.caller.uid] != nil else { return }
        debts[send.caller.uid] = (max(.zero, debt(of: send.caller.uid, now: now) - refill), now)
    }

    // MARK: both

    mutating func change(_ new: ThrottleLimits, now: Instant) {
        forgetExpired(now: now)
        let (old, oldRefill) = (debts, refill)
        limits = new
        for uid in old.keys {
            let debt = debts[uid].map { max(.zero, $0.debt - (now - $0.at)) } ?? .zero
            let scaled = Int128(debt.nanoseconds) * Int128(refill.nanoseconds) / Int128(oldRefill.nanoseconds)
            debts[uid] = (min(.nanoseconds(Int64(scaled)), limits.sendWindow), now)
        }
    }

    mutating func clear(_ selection: ThrottleSelection, now: Instant) -> ThrottleCleared {
        forgetExpired(now: now)
        let before = (failures.count + undecided.count, sends.count, debts.count)
        func isSelected(_ event: Event) -> Bool {
            switch selection {
            case .all: true
            case .targets(let targets): targets.contains(event.target)
            case .digest(let digest): event.target.digest == digest
            case .uid(let uid): event.caller.uid == uid
            }
        }
        failures.removeAll(where: isSelected)
        undecided.removeAll(where: isSelected)
        sends.removeAll(where: isSelected)
        switch selection {
        case .all: debts = [:]
        case .uid(let uid): debts[uid] = nil
        case .targets, .digest: break
        }
        return ThrottleCleared(
            failures: before.0 - failures.count - undecided.count,
            sends: before.1 - sends.count,
            rates: before.2 - debts.count
        )
    }

    /// Under other limits what has expired would not come back to life.
    mutating func forgetExpired(now: Instant) {
        failures.removeAll { $0.instant + limits.attemptWindow <= now }
        undecided.removeAll { $0.instant + limits.attemptWindow <= now }
        sends.removeAll { $0.instant + max(limits.sendWindow, limits.sendInterval) <= now }
        debts = debts.filter { $0.value.debt > now - $0.value.at }
    }
}
