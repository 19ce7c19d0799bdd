import AgentProtocol
import MosaicAPI

extension MethodRegistry {
    /// Adds the methods about what the throttle remembers.
    ///
    /// - Parameter digest: names users in the throttle, also where audit records have them as they are.
    mutating func addThrottleMethods(_ throttle: Throttle, clients: ClientDirectory, digest: TargetDigest) {
        on(ThrottleList.self) { parameters, _ in
            let report = throttle.report(
                parameters.subject.map { ThrottleSelection($0, digest: digest) } ?? .all,
                limit: parameters.limit ?? ThrottleList.Parameters.defaultLimit
            )
            let names = clients.namesByApplication
            var room = ResultRoom()
            // The shortest list first: it always has room.
            let callers = room.fitting(report.callers.lazy.map { ThrottleList.CallerSends($0) })
            let attempts = room.fitting(
                report.attempts.lazy.map { ThrottleList.Attempts($0, clients: names[$0.target.application] ?? []) }
            )
            let sends = room.fitting(
                report.sends.lazy.map { ThrottleList.Sends($0, clients: names[$0.target.application] ?? []) }
            )
            return Reply(
                ThrottleList.Result(
                    limits: ThrottleList.Limits(throttle.limits),
                    attempts: attempts,
                    sends: sends,
                    callers: callers,
                    totals: ThrottleList.Totals(report),
                    evicted: throttle.totals.evicted
                )
            )
        }
        on(ThrottleClear.self) { parameters, _ in
            guard let scope = parameters.scope else {
                throw CallFailure(.invalidParams, "nothing says what to forget", outcome: .notSent)
            }
            let selection: ThrottleSelection
            // A user who is named by the hash is named by it in the trail, too.
            var target: String?
            switch scope {
            case .everything: selection = .all
            case .only(let subject):
                selection = ThrottleSelection(subject, digest: digest)
                if case .target(let hash) = subject { target = hash.description }
            }
            return Reply(
                ThrottleClear.Result(throttle.clear(selection)),
                reason: scope.reason,
                target: target
            )
        }
    }
}

extension ThrottleClear.Scope {
    /// What was cleared, in one word, for the audit record.
    fileprivate var reason: String {
        switch self {
        case .everything: "all"
        case .only(.user): "user"
        case .only(.target): "target"
        case .only(.caller(let uid)): "uid_\(uid)"
        }
    }
}

extension ThrottleSelection {
    /// The records that a call on the control socket means.
    fileprivate init(_ subject: ThrottleSubject, digest: TargetDigest) {
        switch subject {
        case .user(let target): self = .digest(digest.value(of: target))
        case .target(let hash): self = .digest(hash)
        case .caller(let uid): self = .uid(uid)
        }
    }
}

extension ClientDirectory {
    /// The names of the clients of each application, by what stands for it in the throttle.
    ///
    /// Before the first token a client's application is known only by the client's own id, and records of that time
    /// keep it.
    var namesByApplication: [UInt64: [String]] {
        var names: [UInt64: [String]] = [:]
        for client in clients {
            for application in Set([client.applicationID, client.clientID]) {
                names[ThrottleTarget.hash(ofApplication: application), default: []].append(client.name)
            }
        }
        return names
    }
}

extension ThrottleList.Attempts {
    /// What is told of the failed attempts on a user.
    init(_ report: ThrottleReport.Attempts, clients: [String]) {
        self.init(
            target: report.target.digest,
            clients: clients,
            failures: report.failures,
            undecided: report.undecided > 0 ? report.undecided : nil,
            inFlight: report.inFlight,
            exhausted: report.isExhausted,
            retryAfterMilliseconds: report.retryAfter?.millisecondsRoundedUp,
            callers: report.callers.map { failures in
                ThrottleList.FailingCaller(
                    uid: failures.caller.uid,
                    address: failures.caller.address?.description,
                    failures: failures.failures
                )
            },
            callersTotal: report.callerCount
        )
    }
}

extension ThrottleList.Sends {
    /// What is told of the messages of a caller to a user.
    init(_ report: ThrottleReport.Sends, clients: [String]) {
        self.init(
            target: report.target.digest,
            clients: clients,
            uid: report.caller.uid,
            address: report.caller.address?.description,
            count: report.count,
            retryAfterMilliseconds: report.retryAfter?.millisecondsRoundedUp
        )
    }
}

extension ThrottleList.CallerSends {
    /// What is told of the messages of a caller.
    init(_ report: ThrottleReport.Rate) {
        self.init(
            uid: report.uid,
            used: report.used,
            retryAfterMilliseconds: report.retryAfter?.millisecondsRoundedUp
        )
    }
}

extension ThrottleList.Limits {
    /// The limits in the units of the protocol.
    init(_ limits: ThrottleLimits) {
        self.init()
        attemptBudget = limits.attemptBudget
        attemptWindowMilliseconds = Int(clamping: limits.attemptWindow.wholeMilliseconds)
        sendIntervalMilliseconds = Int(clamping: limits.sendInterval.wholeMilliseconds)
        sendBudget = limits.sendBudget
        sendWindowMilliseconds = Int(clamping: limits.sendWindow.wholeMilliseconds)
        callerSendBudget = limits.callerSendBudget
    }
}

extension ThrottleList.Totals {
    /// How many entries there are, listed or not.
    init(_ report: ThrottleReport) {
        self.init()
        attempts = report.attemptCount
        sends = report.sendCount
        callers = report.callerCount
    }
}

extension ThrottleClear.Result {
    /// How many records there were.
    init(_ cleared: ThrottleCleared) {
        self.init()
        failures = cleared.failures
        sends = cleared.sends
        callers = cleared.rates
    }
}

extension DaemonStatus.ThrottleStatus {
    /// The records now, and for how many there is room.
    init(_ totals: ThrottleTotals) {
        self.init()
        exhaustedTargets = totals.exhaustedTargets
        failures = totals.failures.count
        failuresCapacity = totals.failures.capacity
        sends = totals.sends.count
        sendsCapacity = totals.sends.capacity
        callers = totals.rates.count
        callersCapacity = totals.rates.capacity
        evicted = totals.evicted
    }
}
