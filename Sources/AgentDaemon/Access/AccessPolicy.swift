package import AgentProtocol

/// The access rules in force: which caller may call what, as which client, about which user.
///
/// Rules are tried in file order. The first that matches the caller and allows method, field rights, client and target
/// decides; without one the call is refused. Root is a caller like others here. Methods that need no right
/// (`system.*`, `rpc.discover`) and the control socket's methods are not asked about.
package struct AccessPolicy: Sendable {
    /// The rules in the order in which they are tried.
    package let rules: [AccessRule]
    /// The user that each rule is for, where it is for one: most rules of a long list are for others, and need no look.
    private let users: [RequiredUser]
    private let catalogue: RightsCatalogue

    /// Which callers a rule can be for, as far as their users tell.
    private enum RequiredUser {
        case one(UInt32)
        case unrestricted

        init(_ rule: AccessRule) {
            self = .unrestricted
            for case .uid(let uid) in rule.conditions { self = .one(uid) }
        }

        /// Whether the rule can be for the caller. Where the service manager asks for a unit, its user is not known.
        func mayBe(_ caller: Caller) -> Bool {
            switch self {
            case .one(let user): user == caller.uid || caller.isManager
            case .unrestricted: true
            }
        }
    }

    /// A policy of these rules.
    package init(rules: [AccessRule], catalogue: RightsCatalogue) {
        self.rules = rules
        self.catalogue = catalogue
        users = rules.map { RequiredUser($0) }
    }

    /// The first step, before the parameters are looked at: nil when some rule may allow the caller the method.
    ///
    /// A call refused here is refused by ``decide(_:)`` as well, whatever its parameters.
    package func refusal(of method: String, to caller: Caller) -> DenyCause? {
        var furthest = RuleDenyCause.caller
        let targetless = isTargetless(method)
        // A rule that is for another user misses the caller, which is where ``furthest`` begins.
        for index in rules.indices where users[index].mayBe(caller) {
            let mismatch = rules[index].mismatch(caller: caller, method: method, isTargetless: targetless)
            guard let mismatch else { return nil }
            furthest = furthest.further(mismatch)
        }
        return furthest.refusal
    }

    /// The second step, with everything known: the decision.
    package func decide(_ question: AccessQuestion) -> AccessDecision {
        let targetless = isTargetless(question.method)
        var furthest = RuleDenyCause.caller
        for index in rules.indices where users[index].mayBe(question.caller) {
            switch rules[index].outcome(of: question, isTargetless: targetless) {
            case .decides(let decision): return decision
            case .passes(let mismatch): furthest = furthest.further(mismatch)
            }
        }
        return .refused(furthest.refusal)
    }

    /// What each rule says to the call, and the decision; the same evaluation as ``decide(_:)``, but of every rule.
    package func explain(_ question: AccessQuestion) -> PolicyExplanation {
        let targetless = isTargetless(question.method)
        let steps = rules.map { rule in
            PolicyExplanation.Step(rule: rule, outcome: rule.outcome(of: question, isTargetless: targetless))
        }
        return PolicyExplanation(question: question, decision: decide(question), steps: steps)
    }

    /// The rules that are for this caller, in order.
    package func rules(for caller: Caller) -> [AccessRule] {
        rules.filter { $0.matches(caller) }
    }

    /// Everything the caller holds under some rule: right groups, field rights, and methods allowed by name; sorted.
    ///
    /// For `system.hello`: what a certain call may do also depends on its client and target.
    package func rights(for caller: Caller) -> [String] {
        rules(for: caller).reduce(into: Set<String>()) { held, rule in
            held.formUnion(rule.grants.rights.map(\.name))
            held.formUnion(rule.grants.namedMethods)
        }.sorted()
    }

    /// The clients the caller may act as under some rule, sorted.
    package func clients(for caller: Caller) -> [String] {
        Set(rules(for: caller).flatMap(\.clients)).sorted()
    }

    func isTargetless(_ method: String) -> Bool {
        catalogue.method(named: method)?.hasTarget != true
    }
}

/// A call as the policy sees it once its parameters are decoded.
package struct AccessQuestion: Sendable, Hashable {
    /// Who calls.
    package let caller: Caller
    /// The method's name.
    package let method: String
    /// `meta.client`, if given.
    package let client: String?
    /// The user the call is about; nil when it names none.
    package let target: Target?
    /// The users that the call names beside that: addresses to send to, identifiers to be set.
    package let furtherTargets: [Target]
    /// The rights that fields of this call need beside the method's own.
    package let fieldRights: [Right]

    /// A question.
    package init(
        caller: Caller,
        method: String,
        client: String? = nil,
        target: Target? = nil,
        furtherTargets: [Target] = [],
        fieldRights: [Right] = []
    ) {
        self.caller = caller
        self.method = method
        self.client = client
        self.target = target
        self.furtherTargets = furtherTargets
        self.fieldRights = fieldRights
    }
}

extension AccessPolicy {
    /// Whether any rule goes by the caller's unit.
    package var hasUnitRules: Bool {
        rules.contains { rule in rule.conditions.contains { $0.isAboutUnit } }
    }

    /// How much of the caller's unit must be known before ``refusal(of:to:)`` can be asked; nil when it is enough already.
    package func neededUnit(for method: String, from caller: Caller) -> CallerUnit.Depth? {
        let isTargetless = isTargetless(method)
        return neededUnit(from: caller) { $0.mismatch(method: method, isTargetless: isTargetless) == nil }
    }

    /// How much of the caller's unit must be known before ``decide(_:)`` can be asked; nil when it is enough already: an
    /// earlier rule decides, or no rule with another unit would.
    package func neededUnit(for question: AccessQuestion) -> CallerUnit.Depth? {
        let isTargetless = isTargetless(question.method)
        return neededUnit(from: question.caller) { $0.decidesButForUnit(question, isTargetless: isTargetless) }
    }

    /// How much of the caller's unit must be known to tell which rules are for the caller.
    package func neededUnit(from caller: Caller) -> CallerUnit.Depth? {
        rules.compactMap { $0.neededUnit(from: caller) }.max()
    }

    private func neededUnit(from caller: Caller, where applies: (AccessRule) -> Bool) -> CallerUnit.Depth? {
        for index in rules.indices where users[index].mayBe(caller) {
            let rule = rules[index]
            guard rule.fit(of: caller) != .misses, applies(rule) else { continue }
            if rule.matches(caller) { return nil }
            if let depth = rule.neededUnit(from: caller) { return depth }
        }
        return nil
    }
}

extension AccessRule {
    /// What must be found out before it is clear whether the rule is for the caller; nil when it is.
    fileprivate func neededUnit(from caller: Caller) -> CallerUnit.Depth? {
        guard fit(of: caller) == .unknown(.unasked) else { return nil }
        let hasUserUnit = conditions.contains { if case .userUnit = $0 { true } else { false } }
        return hasUserUnit ? .userUnit : .unit
    }
}

/// What a rule's `Allow=` grants, with every group expanded to its methods.
package struct AccessGrants: Sendable, Hashable {
    /// The wildcard: every group that is not a takeover right, and no field right.
    package static let wildcard = "*"

    /// Every method that may be called.
    package let methods: Set<String>
    /// Every right held as such: groups, takeover groups and field rights.
    package let rights: Set<Right>
    /// Methods that were allowed by their own names.
    package let namedMethods: Set<String>

    /// What these words grant; words that the catalogue does not know grant nothing.
    ///
    /// - Parameter words: methods, rights and ``wildcard``, as written in `Allow=`.
    package init(_ words: some Sequence<String>, in catalogue: RightsCatalogue) {
        let words = Set(words)
        let all = words.contains(Self.wildcard)
        let held = catalogue.entries.filter { words.contains($0.right.name) || (all && $0.kind == .group) }
        let rights = Set(held.map(\.right))
        let named = catalogue.methods.filter { words.contains($0.name) }
        let opened = catalogue.methods.filter { rights.contains($0.right) }
        self.rights = rights
        self.namedMethods = Set(named.map(\.name))
        self.methods = Set((named + opened).map(\.name))
    }
}
