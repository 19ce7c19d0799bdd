extension AttemptThrottle {
    /// What the selection says of attempts: the first `limit` targets, and how many there are.
    func report(_ selection: ThrottleSelection, limit: Int, now: Instant) -> ([ThrottleReport.Attempts], Int) {
        let ranked = selected(selection)
            .map { target in
                (target, isExhausted(target), slots(at: target).first { _ in true })
            }
            .sorted { left, right in
                guard left.1 == right.1 else { return left.1 }
                return (left.2.map(instant) ?? now) > (right.2.map(instant) ?? now)
            }
        return (ranked.prefix(limit).map { report($0.0, limit: limit, now: now) }, ranked.count)
    }

    /// How many targets have their budget used up.
    var exhaustedTargets: Int { targets.keys.count(where: isExhausted) }

    /// Forgets the failures and answers without a decision of a selection; answers how many.
    mutating func clear(_ selection: ThrottleSelection) -> Int {
        let targets = Set(selected(selection))
        let failures: [Int32] =
            switch selection {
            case .uid(let uid): Array(table.slots(of: uid))
            case .all, .targets, .digest: targets.flatMap { slots(at: $0) }
            }
        let answers: [Int32] =
            switch selection {
            case .uid(let uid): Array(undecided.slots(of: uid))
            case .all: Array(undecided.slots)
            case .targets, .digest: undecided.slots.filter { targets.contains(undecided.record($0).pair.target) }
            }
        remove(failures)
        removeUndecided(answers)
        return failures.count + answers.count
    }

    private func selected(_ selection: ThrottleSelection) -> [ThrottleTarget] {
        switch selection {
        case .all: Array(targets.keys)
        case .targets(let asked): Set(asked).filter { targets[$0] != nil }
        case .digest(let digest): targets.keys.filter { $0.digest == digest }
        case .uid(let uid):
            Array(
                Set(
                    table.slots(of: uid).map { table.record($0).pair.target }
                        + undecided.slots(of: uid).map { undecided.record($0).pair.target }
                )
            )
        }
    }

    private func inFlight(at target: ThrottleTarget) -> Int { targets[target]?.inFlight ?? 0 }

    private func isExhausted(_ target: ThrottleTarget) -> Bool {
        failures(at: target) >= budget
    }

    private func instant(_ slot: Int32) -> Instant { table.record(slot).instant }

    private func report(_ target: ThrottleTarget, limit: Int, now: Instant) -> ThrottleReport.Attempts {
        var callers: [ThrottleCaller] = []
        var known: [ThrottleCaller: (count: Int, oldest: Instant, newest: Instant)] = [:]
        for slot in slots(at: target) {
            let record = table.record(slot)
            let caller = record.pair.caller
            if known[caller] == nil { callers.append(caller) }
            known[caller, default: (0, record.instant, record.instant)].count += 1
            known[caller]?.oldest = record.instant
        }
        let failures = failures(at: target)
        return ThrottleReport.Attempts(
            target: target,
            failures: failures,
            undecided: targets[target]?.undecided ?? 0,
            inFlight: inFlight(at: target),
            isExhausted: isExhausted(target),
            retryAfter: wait(at: target, now: now),
            newestAge: callers.first.flatMap { known[$0] }.map { now - $0.newest },
            callerCount: callers.count,
            callers: callers.prefix(limit).compactMap { caller in
                known[caller].map { known in
                    ThrottleReport.Failures(
                        caller: caller,
                        failures: known.count,
                        oldestAge: now - known.oldest,
                        newestAge: now - known.newest
                    )
                }
            }
        )
    }
}

extension SendThrottle {
    /// What the selection says of sends: the first `limit` callers and targets, and how many there are.
    func report(_ selection: ThrottleSelection, limit: Int, now: Instant) -> ([ThrottleReport.Sends], Int) {
        let reports = selected(selection)
            .map { pair in
                ThrottleReport.Sends(
                    target: pair.target,
                    caller: pair.caller,
                    count: count(of: pair, now: now),
                    newestAge: table.slots(of: pair).first { _ in true }.map { now - table.record($0).instant }
                        ?? .zero,
                    retryAfter: remaining(of: pair, now: now)
                )
            }
            .sorted { left, right in
                guard left.retryAfter == right.retryAfter else {
                    return (left.retryAfter ?? .zero) > (right.retryAfter ?? .zero)
                }
                return left.newestAge < right.newestAge
            }
        return (Array(reports.prefix(limit)), reports.count)
    }

    /// Forgets the sends of a selection; answers how many.
    mutating func clear(_ selection: ThrottleSelection) -> Int {
        let slots: [Int32] =
            switch selection {
            case .all: Array(table.slots)
            case .uid(let uid): Array(table.slots(of: uid))
            case .targets, .digest: selected(selection).flatMap { table.slots(of: $0) }
            }
        remove(slots)
        return slots.count
    }

    private func selected(_ selection: ThrottleSelection) -> [Pair] {
        switch selection {
        case .all: return Array(table.pairs)
        case .uid(let uid): return Array(Set(table.slots(of: uid).map { table.record($0).pair }))
        case .digest(let digest): return table.pairs.filter { $0.target.digest == digest }
        case .targets(let targets):
            let targets = Set(targets)
            return table.pairs.filter { targets.contains($0.target) }
        }
    }
}

extension SendRates {
    /// What the selection says of uids: the first `limit` of them, and how many there are.
    func report(_ selection: ThrottleSelection, limit: Int, now: Instant) -> ([ThrottleReport.Rate], Int) {
        let reports = selected(selection, now: now)
            .map { ThrottleReport.Rate(uid: $0, used: used(by: $0, now: now), retryAfter: wait(for: $0, now: now)) }
            .sorted { left, right in
                guard left.retryAfter == right.retryAfter else {
                    return (left.retryAfter ?? .zero) > (right.retryAfter ?? .zero)
                }
                return (left.used, right.uid) > (right.used, left.uid)
            }
        return (Array(reports.prefix(limit)), reports.count)
    }

    /// Forgets the rates of a selection; answers how many.
    mutating func clear(_ selection: ThrottleSelection, now: Instant) -> Int {
        selected(selection, now: now).filter { remove($0, now: now) }.count
    }

    private func selected(_ selection: ThrottleSelection, now: Instant) -> [UInt32] {
        switch selection {
        case .all: uids(at: now)
        case .uid(let uid): uids(at: now).filter { $0 == uid }
        // What a uid has sent to all targets says nothing of one of them.
        case .targets, .digest: []
        }
    }
}
