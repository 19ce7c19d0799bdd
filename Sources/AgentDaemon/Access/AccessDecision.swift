package import AgentProtocol

/// What the policy says to one call.
package enum AccessDecision: Sendable, Hashable {
    /// It may go on.
    case allowed(AccessPermit)
    /// It must be refused.
    case refused(DenyCause)
}

/// A call that may go on, and on what terms.
package struct AccessPermit: Sendable, Hashable {
    /// The rule that allowed it.
    package let rule: String
    /// The configured client it acts as.
    package let client: String
    /// Whether the caller learns the reason beside the verdict.
    package let details: Bool
    /// Whether the throttle tells people apart by the address that the caller states.
    package var trustsClientIP = false
}

/// Why a call is refused: how far it came with the rule that it came furthest with.
///
/// Callers learn only `forbidden` (or, of ``clientRequired(rule:clients:)``, invalid params); the reason is for the journal
/// and for `policy.explain`.
package enum DenyCause: Sendable, Hashable {
    /// No rule is for this caller.
    case caller
    /// A rule is for this caller if the caller is of a certain unit, and the caller's unit is not known.
    case unit(CallerUnitProblem)
    /// A rule is for this unit, but only with a user or group beside it, and the service manager asks for the unit before
    /// any process of it exists.
    case uncheckable
    /// None of the caller's rules allows the method.
    case method
    /// The rules that allow the method limit the users, and the method has no target to check.
    case targetless
    /// A field of the call needs this right, which none of these rules grants.
    case field(right: Right)
    /// None of these rules allows the client, or there is no such client.
    case client
    /// The rules that come so far limit the users, and the target is not among them or was not given.
    case target
    /// The rule leaves a choice of clients, none of them `default`: the call must name one in `meta.client` (-32602).
    case clientRequired(rule: String, clients: [String])

    /// One word for the journal, of a unit that is not known two with a dot between, and for machines.
    package var code: String {
        switch self {
        case .caller: "no_rule_for_caller"
        case .unit(let problem): "caller_unit_unknown.\(problem.code)"
        case .uncheckable: "condition_not_checkable"
        case .method: "method_not_allowed"
        case .targetless: "target_not_checkable"
        case .field: "field_not_allowed"
        case .client: "client_not_allowed"
        case .target: "target_not_allowed"
        case .clientRequired: "client_required"
        }
    }
}
