package import Logging
package import MosaicAPI
import Synchronization

/// Limits attempts on users and messages to them, in memory.
///
/// One for the whole process, whatever configuration is in force. Every call of it is short and waits for nothing, but for
/// ``end(of:)``, which holds no thread.
package final class Throttle: Sendable {
    private let state: Mutex<State>
    private let capacity: ThrottleCapacity
    private let clock: any AgentClock
    private let logger: Logger?

    /// An empty throttle.
    ///
    /// - Parameter logger: told when records have to go for want of room; it should limit repeated warnings.
    package init(
        limits: ThrottleLimits = ThrottleLimits(),
        capacity: ThrottleCapacity = ThrottleCapacity(),
        clock: any AgentClock,
        logger: Logger? = nil
    ) {
        state = Mutex(State(limits, capacity, nil))
        self.capacity = capacity
        self.clock = clock
        self.logger = logger
    }

    /// A throttle that writes its records to memory that outlives the process, and begins with those that are there.
    init(
        limits: ThrottleLimits,
        capacity: ThrottleCapacity,
        clock: any AgentClock,
        logger: Logger,
        memory: consuming ThrottleMemory?
    ) {
        var state = State(limits, capacity, memory)
        state.restore(at: clock.now)
        let (failures, sends) = (state.attempts.table.count, state.sends.table.count)
        if failures + sends > 0 {
            logger.info(
                "throttle records taken over from before the restart",
                metadata: ["failures": "\(failures)", "sends": "\(sends)"]
            )
        }
        self.state = Mutex(state)
        self.capacity = capacity
        self.clock = clock
        self.logger = logger
    }

    /// The limits in force.
    package var limits: ThrottleLimits { state.withLock { $0.limits } }

    /// Applies other limits to what is known, from now on.
    package func change(_ limits: ThrottleLimits) {
        let ended = change { state, now in
            let decided = state.attempts.change(
                budget: limits.attemptBudget,
                window: limits.attemptWindow,
                at: now
            )
            state.sends.change(limits, at: now)
            state.rates.change(budget: limits.callerSendBudget, window: limits.sendWindow, at: now)
            return state.take(decided)
        }
        for wait in ended { wait.notify() }
    }

    /// Asks to make an attempt on a target.
    ///
    /// - Returns: the ticket to release it with, by ``release(_:at:_:)``, exactly once and whatever happens; or the attempt
    ///   as one that waits for others of the same caller, to be awaited with ``end(of:)``.
    package func requestAttempt(
        at target: ThrottleTarget,
        by caller: ThrottleCaller
    ) throws(ThrottleRejection) -> AttemptAdmission {
        let ticket = AttemptTicket(target: target, caller: caller)
        let (result, ended) = change { state, now -> (Result<AttemptAdmission, ThrottleRejection>, [EndedWait]) in
            state.lastWaiter += 1
            let number = state.lastWaiter
            let (decision, before) = state.attempts.request(at: target, by: caller, waiter: number, now: now)
            let ended = state.take(before)
            switch decision {
            case .admitted: return (.success(.admitted(ticket)), ended)
            case .waiting:
                let attempt = WaitingAttempt(number, ticket)
                state.waiting[number] = attempt
                return (.success(.waiting(attempt)), ended)
            case .refused(let refusal):
                state.refused[refusal.budget, default: 0] += 1
                return (.failure(refusal), ended)
            }
        }
        for wait in ended { wait.notify() }
        return try result.get()
    }

    /// Waits until an attempt is admitted or refused, or the task is cancelled.
    package func end(of attempt: WaitingAttempt) async -> WaitingAttempt.End {
        await withTaskCancellationHandler {
            await attempt.value()
        } onCancel: {
            leave(attempt)
        }
    }

    /// Gives up an attempt that waits. One that has been admitted meanwhile stays so.
    package func leave(_ attempt: WaitingAttempt) {
        let hasLeft = change { state, _ in
            state.waiting[attempt.number] = nil
            return state.attempts.leave(attempt.number)
        }
        if hasLeft { attempt.end(.left) }
    }

    /// Ends an attempt whose answer is released: what it changes is seen from now on.
    ///
    /// - Parameter target: the user it was about. Its application may have become known only since the attempt began.
    /// - Returns: whether this used up the budget of the target.
    @discardableResult
    package func release(_ ticket: AttemptTicket, at target: ThrottleTarget, _ end: AttemptEnd) -> Bool {
        let (isExhausted, ended) = change { state, now in
            let (isExhausted, decided) = state.attempts.release(
                of: ticket.target,
                by: ticket.caller,
                at: target,
                end,
                now: now
            )
            return (isExhausted, state.take(decided))
        }
        for wait in ended { wait.notify() }
        return isExhausted
    }

    /// Counts a send to a target, or says how long to wait.
    ///
    /// - Parameter kind: what is sent; each kind has an interval of its own.
    package func beginSend(
        to target: ThrottleTarget,
        by caller: ThrottleCaller,
        _ kind: SendKind
    ) throws(ThrottleRejection) -> SendTicket {
        let pair = ThrottleRecord.Pair(target: target, caller: caller)
        return try change { state, now throws(ThrottleRejection) in
            if let wait = state.sends.wait(for: pair, kind, now: now) {
                state.refused[.sends, default: 0] += 1
                throw ThrottleRejection(budget: .sends, retryAfter: wait)
            }
            if let wait = state.rates.wait(for: caller.uid, now: now) {
                state.refused[.callerSends, default: 0] += 1
                throw ThrottleRejection(budget: .callerSends, retryAfter: wait)
            }
            state.rates.record(caller.uid, now: now)
            let (slot, serial) = state.sends.record(pair, kind, now: now)
            return SendTicket(caller: caller, slot: slot, serial: serial)
        }
    }

    /// Takes back a send that has not happened, and of which the caller was told so; at most once.
    package func giveBack(_ ticket: SendTicket) {
        change { state, _ in
            state.sends.giveBack(slot: ticket.slot, serial: ticket.serial)
            state.rates.giveBack(ticket.caller.uid)
        }
    }

    /// What is known, for people. Looks at every record, so not for every call.
    ///
    /// - Parameter limit: entries of each list at most.
    package func report(_ selection: ThrottleSelection, limit: Int) -> ThrottleReport {
        change { state, now in
            state.attempts.expire(at: now)
            state.sends.expire(at: now)
            let (attempts, attemptCount) = state.attempts.report(selection, limit: limit, now: now)
            let (sends, sendCount) = state.sends.report(selection, limit: limit, now: now)
            let (callers, callerCount) = state.rates.report(selection, limit: limit, now: now)
            return ThrottleReport(
                attempts: attempts,
                attemptCount: attemptCount,
                sends: sends,
                sendCount: sendCount,
                callers: callers,
                callerCount: callerCount
            )
        }
    }

    /// Forgets records. Attempts under way stay; those that wait are decided again.
    package func clear(_ selection: ThrottleSelection) -> ThrottleCleared {
        let (cleared, ended) = change { state, now in
            state.attempts.expire(at: now)
            state.sends.expire(at: now)
            let cleared = ThrottleCleared(
                failures: state.attempts.clear(selection),
                sends: state.sends.clear(selection),
                rates: state.rates.clear(selection, now: now)
            )
            return (cleared, state.take(state.attempts.decideWaiting()))
        }
        for wait in ended { wait.notify() }
        return cleared
    }

    /// How full it is, and what it has done.
    package var totals: ThrottleTotals {
        change { state, now in
            state.attempts.expire(at: now)
            state.sends.expire(at: now)
            return ThrottleTotals(
                failures: .init(state.attempts.table, capacity.failures),
                undecided: .init(state.attempts.undecided, capacity.undecided),
                sends: .init(state.sends.table, capacity.sends),
                rates: .init(
                    count: state.rates.uids(at: now).count,
                    capacity: capacity.rates,
                    evicted: state.rates.evicted
                ),
                attemptsInFlight: state.attempts.attemptsInFlight,
                attemptsWaiting: state.attempts.waiting.count,
                exhaustedTargets: state.attempts.exhaustedTargets,
                refused: state.refused
            )
        }
    }

    /// Changes the state under the lock, by a clock that is read under it so that instants are in order, and tells of
    /// records that had to go after it.
    private func change<Result, Failure: Error>(
        _ body: (inout State, ContinuousClock.Instant) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let (result, evicted) = try state.withLock { state throws(Failure) in
            let before = state.evicted
            defer { state.writeChanges() }
            let result = try body(&state, clock.now)
            return (result, state.evicted > before)
        }
        if evicted {
            logger?.warning("The throttle is full: the oldest records of the uid that has most are forgotten")
        }
        return result
    }
}

extension ThrottleTotals.Records {
    fileprivate init(_ table: EvictingTable, _ capacity: Int) {
        self.init(count: table.count, capacity: capacity, evicted: table.evicted)
    }
}

extension Throttle {
    /// All that the throttle knows, in values, and the memory that has a copy of it.
    struct State: ~Copyable {
        var attempts: AttemptThrottle
        var sends: SendThrottle
        var rates: SendRates
        var refused: [ThrottleRejection.Budget: Int] = [:]
        var memory: ThrottleMemory?
        /// The attempts that wait, by the number that ``attempts`` knows them by.
        var waiting: [UInt64: WaitingAttempt] = [:]
        var lastWaiter: UInt64 = 0

        init(_ limits: ThrottleLimits, _ capacity: ThrottleCapacity, _ memory: consuming ThrottleMemory?) {
            self.memory = memory
            attempts = AttemptThrottle(
                budget: limits.attemptBudget,
                window: limits.attemptWindow,
                capacity: capacity.failures,
                undecidedCapacity: capacity.undecided
            )
            sends = SendThrottle(limits: limits, capacity: capacity.sends)
            rates = SendRates(
                budget: limits.callerSendBudget,
                window: limits.sendWindow,
                capacity: capacity.rates
            )
        }

        var limits: ThrottleLimits { sends.limits }
        var evicted: Int { attempts.table.evicted + attempts.undecided.evicted + sends.table.evicted + rates.evicted }
    }
}

extension Throttle.State {
    /// Begins with the records that are in the memory, as far as they are sound and still count under the limits of now.
    /// The others are removed from it: under other limits they would come back to life.
    mutating func restore(at now: ContinuousClock.Instant) {
        guard let epoch = memory?.epoch, let found = memory?.takeFound() else { return }
        func records(_ table: ThrottleSlot.Table) -> [(slot: Int, record: ThrottleRecord)] {
            (found[table] ?? []).compactMap { slot, words in
                guard let (pair, kind, nanoseconds) = slot.record(words), let instant = epoch.instant(nanoseconds)
                else {
                    return nil
                }
                return (slot.number, ThrottleRecord(pair: pair, instant: instant, kind: kind))
            }
        }
        attempts.restore(records(.failures), undecided: records(.undecided), at: now)
        sends.restore(records(.sends), at: now)
        let old = (found[.rates] ?? []).compactMap { slot, words -> (Int, SendRates.Rate, Duration)? in
            guard let rate = slot.rate(words), let wholeAt = epoch.instant(rate.nanoseconds) else { return nil }
            return (slot.number, SendRates.Rate(uid: rate.uid, wholeAt: wholeAt), .nanoseconds(rate.refill))
        }
        rates.restore(old, at: now)
        for (slot, _) in found.values.joined() where words(for: slot, epoch) == ThrottleSlot.empty {
            memory?.write(ThrottleSlot.empty, to: slot)
        }
        writeChanges()
    }

    /// Writes the slots that have changed to the memory, if there is one.
    mutating func writeChanges() {
        if let epoch = memory?.epoch {
            for number in attempts.table.changedSlots { write(ThrottleSlot(table: .failures, number: number), epoch) }
            for number in attempts.undecided.changedSlots {
                write(ThrottleSlot(table: .undecided, number: number), epoch)
            }
            for number in sends.table.changedSlots { write(ThrottleSlot(table: .sends, number: number), epoch) }
            for number in rates.changedSlots { write(ThrottleSlot(table: .rates, number: number), epoch) }
        }
        attempts.changesWereCopied()
        sends.changesWereCopied()
        rates.changesWereCopied()
    }

    private mutating func write(_ slot: ThrottleSlot, _ epoch: ThrottleMemory.Epoch) {
        let words = words(for: slot, epoch)
        memory?.write(words, to: slot)
    }

    private func words(for slot: ThrottleSlot, _ epoch: ThrottleMemory.Epoch) -> SIMD8<UInt64> {
        switch slot.table {
        case .failures: words(attempts.table.recordIfAny(slot.number), for: slot, epoch)
        case .undecided: words(attempts.undecided.recordIfAny(slot.number), for: slot, epoch)
        case .sends: words(sends.table.recordIfAny(slot.number), for: slot, epoch)
        case .rates:
            slot.number < rates.rates.count
                ? rates.rates[slot.number].map { rate in
                    slot.words(
                        uid: rate.uid,
                        nanoseconds: epoch.nanoseconds(rate.wholeAt),
                        refill: rates.refill.nanoseconds
                    )
                } ?? ThrottleSlot.empty
                : ThrottleSlot.empty
        }
    }

    private func words(
        _ record: ThrottleRecord?,
        for slot: ThrottleSlot,
        _ epoch: ThrottleMemory.Epoch
    ) -> SIMD8<UInt64> {
        record.map { slot.words($0.pair, kind: $0.kind, nanoseconds: epoch.nanoseconds($0.instant)) }
            ?? ThrottleSlot.empty
    }
}

/// An attempt that has waited, and what becomes of it; to be told outside the lock.
struct EndedWait: Sendable {
    let attempt: WaitingAttempt
    let end: WaitingAttempt.End

    func notify() { attempt.end(end) }
}

extension Throttle.State {
    /// Takes out those that have waited and are decided, and counts those that are refused.
    mutating func take(_ decided: [AttemptThrottle.Decided]) -> [EndedWait] {
        decided.compactMap { entry in
            guard let attempt = waiting.removeValue(forKey: entry.waiter) else { return nil }
            switch entry.decision {
            case .admitted: return EndedWait(attempt: attempt, end: .admitted(attempt.ticket))
            case .refused(let refusal):
                refused[refusal.budget, default: 0] += 1
                return EndedWait(attempt: attempt, end: .refused(refusal))
            case .waiting: preconditionFailure("an attempt is decided that goes on waiting")
            }
        }
    }
}
