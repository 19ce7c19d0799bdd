import AgentProtocol

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
        for rule in rules where rule.fit(of: caller) != .misses && applies(rule) {
            if rule.matches(caller) { return nil }
            if let depth = rule.neededUnit(from: caller) { return depth }
        }
        return nil
    }
}

extension AccessRule {
    /// What somebody must find out before it is clear whether the rule is for the caller; nil when it is.
    fileprivate func neededUnit(from caller: Caller) -> CallerUnit.Depth? {
        guard fit(of: caller) == .unknown(.unasked) else { return nil }
        let hasUserUnit = conditions.contains { if case .userUnit = $0 { true } else { false } }
        return hasUserUnit ? .userUnit : .unit
    }
}
