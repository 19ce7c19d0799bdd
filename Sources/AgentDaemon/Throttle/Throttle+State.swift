extension Throttle {
    /// All that the throttle knows, in values, and the memory that has a copy of it.
    struct State: ~Copyable {
        var attempts: AttemptThrottle
        var sends: SendThrottle
        var rates: SendRates
        var refused: [ThrottleRefusal.Budget: Int] = [:]
        var memory: ThrottleMemory?

        init(_ limits: ThrottleLimits, _ capacity: ThrottleCapacity, _ memory: consuming ThrottleMemory?) {
            self.memory = memory
            attempts = AttemptThrottle(
                budget: limits.attemptBudget,
                window: limits.attemptWindow,
                capacity: capacity.failures
            )
            sends = SendThrottle(limits: limits, capacity: capacity.sends)
            rates = SendRates(
                budget: limits.callerSendBudget,
                window: limits.sendWindow,
                capacity: capacity.rates
            )
        }

        var limits: ThrottleLimits { sends.limits }
        var evicted: Int { attempts.table.evicted + sends.table.evicted + rates.evicted }
    }
}

extension Throttle.State {
    /// Begins with the records that are in the memory, as far as they are sound and still count under the limits of now.
    /// The others are removed from it: under other limits they would come back to life.
    mutating func restore(at now: ContinuousClock.Instant) {
        guard let epoch = memory?.epoch, let found = memory?.takeFound() else { return }
        func records(_ table: ThrottleSlot.Table) -> [(slot: Int, record: ThrottleRecord)] {
            (found[table] ?? []).compactMap { slot, words in
                guard let (pair, nanoseconds) = slot.record(words), let instant = epoch.instant(nanoseconds) else {
                    return nil
                }
                return (slot.number, ThrottleRecord(pair: pair, instant: instant))
            }
        }
        attempts.restore(records(.failures), at: now)
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
        record.map { slot.words($0.pair, nanoseconds: epoch.nanoseconds($0.instant)) } ?? ThrottleSlot.empty
    }
}
