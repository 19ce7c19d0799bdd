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
