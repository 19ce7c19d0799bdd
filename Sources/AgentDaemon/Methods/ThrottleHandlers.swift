import AgentProtocol
import MosaicAPI

/// Carries out `throttle.list`.
struct ThrottleListHandler: MethodHandler {
    typealias Method = ThrottleList

    let throttle: Throttle
    let clients: ClientDirectory
    /// Names users in the throttle, also where audit records have them as they are.
    let digest: TargetDigest

    func handle(
        _ parameters: ThrottleList.Parameters,
        in context: CallContext
    ) async throws -> Reply<ThrottleList.Result> {
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
}

/// Carries out `throttle.clear`.
struct ThrottleClearHandler: MethodHandler {
    typealias Method = ThrottleClear

    let throttle: Throttle
    /// Names users in the throttle, also where audit records have them as they are.
    let digest: TargetDigest

    func handle(
        _ parameters: ThrottleClear.Parameters,
        in context: CallContext
    ) async throws -> Reply<ThrottleClear.Result> {
        let selection: ThrottleSelection
        // A user who is named by the hash is named by it in the trail, too.
        var target: String?
        switch parameters.scope {
        case .everything: selection = .all
        case .only(let subject):
            selection = ThrottleSelection(subject, digest: digest)
            if case .target(let hash) = subject { target = hash.description }
        }
        return Reply(
            ThrottleClear.Result(throttle.clear(selection)),
            reason: parameters.scope.reason,
            target: target
        )
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
