/// Remembers sends by their keys, so that a repeat does not send again: the state, without waiting and without a clock.
///
/// A send that runs can be joined; what became of it is either remembered for a while or forgotten at once. Of a
/// forgotten one the oldest call that joined takes over, so that each key has at most one send under way.
///
/// ```
///            arrive                    finish(remembering:)
/// (unknown) ────────▶ running ─────────────────────────────▶ remembered ──▶ (unknown)
///                     │  ▲   finish(nil), with a waiter               10 min, or
///                     │  └──────────┘                                 no room left
///                     └────────────────▶ (unknown)
///                      finish(nil), without
/// ```
package struct IdempotencyState<Memory: Sendable>: Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// How much is remembered, and how long.
    package struct Limits: Sendable {
        /// From the end of a send on.
        package var lifetime: Duration
        /// Sends of one uid, running ones too. When more come, its oldest remembered one is forgotten.
        package var perCaller: Int
        /// Sends of all uids. When more come, the oldest remembered one of all is forgotten.
        package var total: Int

        /// The limits of the design; callers that are many share some 16 times what one may have.
        package init(lifetime: Duration = .seconds(600), perCaller: Int = 1024, total: Int = 16_384) {
            self.lifetime = lifetime
            self.perCaller = perCaller
            self.total = total
        }
    }

    /// What a call with a key is to do.
    package enum Arrival: Sendable {
        /// Send, and then tell of it with ``IdempotencyState/finish(_:remembering:at:)``, whatever happens.
        case send
        /// Wait: another call with this key is sending.
        case wait
        /// Answer with what became of an earlier one.
        case replay(Memory)
        /// Be refused: the key belongs to a call with other parameters.
        case conflict
        /// Be refused: there are too many sends under way to keep track of.
        case full
    }

    /// What the end of a send means for the calls that wait.
    package enum Completion: Sendable {
        /// These get what became of it.
        case answer(waiters: [UInt64], Memory)
        /// This one sends now; the others go on waiting.
        case passOn(to: UInt64)
        /// No call waits.
        case nothing
    }

    private enum Progress: Sendable {
        case running(waiters: [UInt64])
        case remembered(Memory)
    }

    private struct Entry: Sendable {
        let digest: ParameterDigest
        var progress: Progress
    }

    private struct Caller: Sendable {
        var entries: [SendKey: Entry] = [:]
        /// The remembered ones, oldest first.
        var remembered: [(key: SendKey, until: Instant)] = []
    }

    private let limits: Limits
    private var callers: [UInt32: Caller] = [:]
    private var nextSweep: Instant?

    /// Sends that are known, running and remembered ones.
    package private(set) var count = 0

    /// An empty ledger.
    package init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// A call with a key arrives.
    ///
    /// - Parameters:
    ///   - digest: of its parameters.
    ///   - waiter: a number of its own, by which it is called if it has to wait.
    package mutating func arrive(
        _ key: SendKey,
        digest: ParameterDigest,
        waiter: UInt64,
        at now: Instant
    ) -> Arrival {
        sweep(at: now)
        forgetExpired(of: key.callerUID, at: now)
        guard let entry = callers[key.callerUID]?.entries[key] else { return begin(key, digest) }
        guard entry.digest == digest else { return .conflict }
        switch entry.progress {
        case .remembered(let memory):
            return .replay(memory)
        case .running(let waiters):
            callers[key.callerUID]?.entries[key]?.progress = .running(waiters: waiters + [waiter])
            return .wait
        }
    }

    /// A send has ended.
    ///
    /// - Parameter memory: what repeats get; nil for a send that left no trace and may be made again.
    package mutating func finish(_ key: SendKey, remembering memory: Memory?, at now: Instant) -> Completion {
        guard case .running(let waiters)? = callers[key.callerUID]?.entries[key]?.progress else {
            preconditionFailure("a send ends that is not under way")
        }
        if let memory {
            let until = now + limits.lifetime
            callers[key.callerUID]?.entries[key]?.progress = .remembered(memory)
            callers[key.callerUID]?.remembered.append((key, until))
            return waiters.isEmpty ? .nothing : .answer(waiters: waiters, memory)
        }
        guard let next = waiters.first else {
            callers[key.callerUID]?.entries[key] = nil
            count -= 1
            dropIfEmpty(key.callerUID)
            return .nothing
        }
        callers[key.callerUID]?.entries[key]?.progress = .running(waiters: Array(waiters.dropFirst()))
        return .passOn(to: next)
    }

    /// A call that waits gives up.
    package mutating func leave(_ key: SendKey, waiter: UInt64) {
        guard case .running(let waiters)? = callers[key.callerUID]?.entries[key]?.progress else { return }
        callers[key.callerUID]?.entries[key]?.progress = .running(waiters: waiters.filter { $0 != waiter })
    }

    private mutating func begin(_ key: SendKey, _ digest: ParameterDigest) -> Arrival {
        if let caller = callers[key.callerUID], caller.entries.count >= limits.perCaller {
            guard forgetOldest(of: key.callerUID) else { return .full }
        }
        if count >= limits.total {
            let oldest = callers.min { left, right in
                guard let first = left.value.remembered.first else { return false }
                return right.value.remembered.first.map { first.until < $0.until } ?? true
            }
            guard let oldest, forgetOldest(of: oldest.key) else { return .full }
        }
        callers[key.callerUID, default: Caller()].entries[key] = Entry(
            digest: digest,
            progress: .running(waiters: [])
        )
        count += 1
        return .send
    }

    private mutating func forgetOldest(of uid: UInt32) -> Bool {
        guard let oldest = callers[uid]?.remembered.first else { return false }
        callers[uid]?.remembered.removeFirst()
        callers[uid]?.entries[oldest.key] = nil
        count -= 1
        dropIfEmpty(uid)
        return true
    }

    private mutating func forgetExpired(of uid: UInt32, at now: Instant) {
        let expired = callers[uid]?.remembered.prefix { $0.until <= now } ?? []
        guard !expired.isEmpty else { return }
        for (key, _) in expired { callers[uid]?.entries[key] = nil }
        callers[uid]?.remembered.removeFirst(expired.count)
        count -= expired.count
        dropIfEmpty(uid)
    }

    /// Looks after callers who do not come any more, once a minute.
    private mutating func sweep(at now: Instant) {
        guard nextSweep.map({ $0 <= now }) ?? true else { return }
        nextSweep = now + .seconds(60)
        for uid in Array(callers.keys) { forgetExpired(of: uid, at: now) }
    }

    private mutating func dropIfEmpty(_ uid: UInt32) {
        if callers[uid]?.entries.isEmpty ?? false { callers[uid] = nil }
    }
}
