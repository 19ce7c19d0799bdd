package import AgentProtocol

/// An `[Access NAME]` section: who may do what, as which client, to which users.
package struct AccessRule: Sendable, Hashable {
    /// One condition on the caller; all conditions of a rule must hold.
    package enum Condition: Sendable, Hashable {
        /// `any`: every caller that can connect.
        case any
        /// `uid:N`, or `user:NAME` resolved when the configuration was read.
        case uid(UInt32)
        /// `gid:N`, or `group:NAME` resolved when the configuration was read.
        case gid(UInt32)
        /// `unit:PATTERN`: a unit of the system's manager.
        case unit(UnitPattern)
        /// `user_unit:PATTERN`: a unit of the manager of the caller's own user. Worth only as much as that user, who can
        /// give any unit any name; so it stands beside a uid.
        case userUnit(UnitPattern)
    }

    /// The section's name.
    package var name: String
    /// `Match=`: never empty.
    package var conditions: [Condition]
    /// `Clients=`: names of configured clients, never empty.
    package var clients: [String]
    /// `Allow=`: what it grants, names expanded.
    package var grants: AccessGrants
    /// `Users=`: limits on the target; empty means none.
    package var users: [TargetPattern]
    /// `Details=`: whether the caller learns the reason beside the verdict.
    package var details: Bool
    /// `TrustClientIP=`: whether the caller is believed where the person it acts for comes from.
    package var trustsClientIP: Bool

    /// A rule from its parts.
    package init(
        name: String,
        conditions: [Condition],
        clients: [String],
        grants: AccessGrants,
        users: [TargetPattern] = [],
        details: Bool = false,
        trustsClientIP: Bool = false
    ) {
        self.name = name
        self.conditions = conditions
        self.clients = clients
        self.grants = grants
        self.users = users
        self.details = details
        self.trustsClientIP = trustsClientIP
    }
}

/// How far a call came with a rule that does not decide it, in the order of the checks.
package enum RuleDenyCause: Sendable, Hashable {
    case caller
    case unit(CallerUnitProblem)
    case uncheckable
    case method
    case targetless
    case field(right: Right)
    case client
    case target

    private var depth: Int {
        switch self {
        case .caller: 0
        case .unit: 1
        case .uncheckable: 2
        case .method: 3
        case .targetless: 4
        case .field: 5
        case .client: 6
        case .target: 7
        }
    }

    /// The one of the two that came further; of equals, the earlier.
    func further(_ other: RuleDenyCause) -> RuleDenyCause {
        other.depth > depth ? other : self
    }

    var refusal: DenyCause {
        switch self {
        case .caller: .caller
        case .unit(let problem): .unit(problem)
        case .uncheckable: .uncheckable
        case .method: .method
        case .targetless: .targetless
        case .field(let right): .field(right: right)
        case .client: .client
        case .target: .target
        }
    }
}

/// What one rule says to one call.
package enum RuleOutcome: Sendable, Hashable {
    /// The rule does not apply; the next one is tried.
    case passes(RuleDenyCause)
    /// The rule applies and ends the search.
    case decides(AccessDecision)
}

extension AccessRule {
    /// Whether the rule is for this caller: all its conditions hold.
    package func matches(_ caller: Caller) -> Bool {
        fit(of: caller) == .fits
    }

    /// Whether the conditions hold for this caller; one that certainly does not outweighs any that is not known to.
    ///
    /// A manager that asks for a unit is let in only where a rule names units: ``Condition/any`` is for processes.
    func fit(of caller: Caller) -> MatchResult {
        guard !caller.isManager || conditions.contains(where: \.namesUnit) else { return .misses }
        var fit = conditions.isEmpty ? MatchResult.misses : .fits
        for condition in conditions where fit != .misses {
            let next = condition.fit(of: caller)
            if next != .fits { fit = next }
        }
        return fit
    }

    /// What can be told without the call's parameters: why the rule does not apply, or nil.
    func mismatch(caller: Caller, method: String, isTargetless: Bool) -> RuleDenyCause? {
        switch fit(of: caller) {
        case .fits: break
        case .misses: return .caller
        case .unknown(let problem):
            // What the rule does not allow anybody, no unit would bring.
            return mismatch(method: method, isTargetless: isTargetless) == nil ? .unit(problem) : .caller
        case .uncheckable: return .uncheckable
        }
        return mismatch(method: method, isTargetless: isTargetless)
    }

    /// The same of a caller that the rule is for.
    func mismatch(method: String, isTargetless: Bool) -> RuleDenyCause? {
        guard grants.methods.contains(method) else { return .method }
        if isTargetless, !users.isEmpty { return .targetless }
        return nil
    }

    /// What the rule says to a call.
    func outcome(of question: AccessQuestion, isTargetless: Bool) -> RuleOutcome {
        if let early = mismatch(caller: question.caller, method: question.method, isTargetless: isTargetless) {
            return .passes(early)
        }
        return outcomeForCaller(of: question)
    }

    /// What it says to a call that it allows as far as can be told without parameters.
    private func outcomeForCaller(of question: AccessQuestion) -> RuleOutcome {
        if let right = question.fieldRights.first(where: { !grants.rights.contains($0) }) {
            return .passes(.field(right: right))
        }
        if let client = question.client, !clients.contains(client) {
            return .passes(.client)
        }
        if !users.isEmpty {
            guard let target = question.target, admits(target), question.furtherTargets.allSatisfy(admits) else {
                return .passes(.target)
            }
        }
        guard let client = question.client ?? implicitClient else {
            return .decides(.refused(.clientRequired(rule: name, clients: clients)))
        }
        return .decides(
            .allowed(AccessPermit(rule: name, client: client, details: details, trustsClientIP: trustsClientIP))
        )
    }

    /// Whether `Users=` admits a user that is named so.
    func admits(_ target: Target) -> Bool {
        users.isEmpty || users.contains { $0.matches(target) }
    }

    /// Whether the rule would decide the call if the caller's unit were the right one.
    func decidesButForUnit(_ question: AccessQuestion, isTargetless: Bool) -> Bool {
        guard mismatch(method: question.method, isTargetless: isTargetless) == nil,
            case .decides = outcomeForCaller(of: question)
        else { return false }
        return true
    }

    /// The client of a call that names none: the only one, else `default` if it is among them.
    private var implicitClient: String? {
        if clients.count == 1 { return clients.first }
        return clients.contains("default") ? "default" : nil
    }
}
