@testable import AgentDaemon

/// What the throttle is to do, told without regard to cost: all that ever happened, and nothing else.
struct NaiveThrottle {
    typealias Instant = ContinuousClock.Instant

    struct Event: Equatable {
        let target: ThrottleTarget
        let caller: ThrottleCaller
        let instant: Instant
        var number = 0
    }

    var limits: ThrottleLimits
    var failures: [Event] = []
    var inFlight: [Event] = []
    var sends: [Event] = []
    /// How long it takes until what a uid has sent is refilled, and when that was so.
    var debts: [UInt32: (debt: Duration, at: Instant)] = [:]
    private var sent = 0

    init(limits: ThrottleLimits) { self.limits = limits }

    // MARK: attempts

    func failures(at target: ThrottleTarget, now: Instant) -> [Event] {
        failures.filter { $0.target == target && now < $0.instant + limits.attemptWindow }
    }

    private func sum(at target: ThrottleTarget, now: Instant) -> Int {
        failures(at: target, now: now).count + inFlight.count { $0.target == target }
    }

    /// How long the caller has to wait, found by trying all instants at which anything changes.
    func waitForAttempt(at target: ThrottleTarget, by caller: ThrottleCaller, now: Instant) -> Duration? {
        let failures = failures(at: target, now: now)
        let isNew = !(failures + inFlight).contains { $0.target == target && $0.caller == caller }
        guard !isNew, sum(at: target, now: now) >= limits.attemptBudget else { return nil }
        guard failures.count >= limits.attemptBudget else { return .seconds(1) }
        let expiries = failures.map { $0.instant + limits.attemptWindow }.sorted()
        let free = expiries.first { sum(at: target, now: $0) < limits.attemptBudget }
        return (free ?? expiries[expiries.count - 1]) - now
    }

    mutating func end(_ attempt: Event, at target: ThrottleTarget, _ end: AttemptEnd, now: Instant) -> Bool {
        if let index = inFlight.firstIndex(of: attempt) { inFlight.remove(at: index) }
        let before = failures(at: target, now: now).count
        switch end {
        case .undecided: break
        case .failed: failures.append(Event(target: target, caller: attempt.caller, instant: now))
        case .failedTwice:
            for _ in 1...2 { failures.append(Event(target: target, caller: attempt.caller, instant: now)) }
        case .succeeded:
            failures.removeAll { $0.caller == attempt.caller && [target, attempt.target].contains($0.target) }
        }
        return before < limits.attemptBudget && failures(at: target, now: now).count >= limits.attemptBudget
    }

    // MARK: sends

    func sends(_ target: ThrottleTarget, _ caller: ThrottleCaller, now: Instant) -> [Event] {
        sends.filter { $0.target == target && $0.caller == caller && now < $0.instant + limits.sendWindow }
    }

    private var refill: Duration { limits.sendWindow / limits.callerSendBudget }

    func debt(of uid: UInt32, now: Instant) -> Duration {
        debts[uid].map { max(.zero, $0.debt - (now - $0.at)) } ?? .zero
    }

    func waitForSend(to target: ThrottleTarget, by caller: ThrottleCaller, now: Instant) -> ThrottleRefusal? {
        let all = sends.filter { $0.target == target && $0.caller == caller }
        func isFree(_ instant: Instant) -> Bool {
            all.allSatisfy { $0.instant + limits.sendInterval <= instant }
                && sends(target, caller, now: instant).count < limits.sendBudget
        }
        if !isFree(now) {
            let changes = all.flatMap { [$0.instant + limits.sendInterval, $0.instant + limits.sendWindow] }.sorted()
            let free = changes.first { $0 > now && isFree($0) } ?? now
            return ThrottleRefusal(budget: .sends, retryAfter: free - now)
        }
        let excess = debt(of: caller.uid, now: now) + refill - refill * limits.callerSendBudget
        return excess > .zero ? ThrottleRefusal(budget: .callerSends, retryAfter: excess) : nil
    }

    mutating func send(to target: ThrottleTarget, by caller: ThrottleCaller, now: Instant) -> Event {
        sent += 1
        let event = Event(target: target, caller: caller, instant: now, number: sent)
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
        let before = (failures.count, sends.count, debts.count)
        func isSelected(_ event: Event) -> Bool {
            switch selection {
            case .all: true
            case .targets(let targets): targets.contains(event.target)
            case .digest(let digest): event.target.digest == digest
            case .uid(let uid): event.caller.uid == uid
            }
        }
        failures.removeAll(where: isSelected)
        sends.removeAll(where: isSelected)
        switch selection {
        case .all: debts = [:]
        case .uid(let uid): debts[uid] = nil
        case .targets, .digest: break
        }
        return ThrottleCleared(
            failures: before.0 - failures.count,
            sends: before.1 - sends.count,
            rates: before.2 - debts.count
        )
    }

    /// Under other limits what has expired would not come back to life.
    mutating func forgetExpired(now: Instant) {
        failures.removeAll { $0.instant + limits.attemptWindow <= now }
        sends.removeAll { $0.instant + max(limits.sendWindow, limits.sendInterval) <= now }
        debts = debts.filter { $0.value.debt > now - $0.value.at }
    }
}
