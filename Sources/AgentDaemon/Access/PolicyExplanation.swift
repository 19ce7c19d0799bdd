import AgentProtocol

/// Why the policy decides a call as it does, rule by rule.
package struct PolicyExplanation: Sendable, Hashable {
    /// What one rule said.
    package struct Step: Sendable, Hashable {
        /// The rule.
        package let rule: AccessRule
        /// What it says to the call, also when an earlier rule has already decided.
        package let outcome: RuleOutcome
    }

    /// The call.
    package let question: AccessQuestion
    /// What enforcement answers to it.
    package let decision: AccessDecision
    /// Every rule in the order in which they are tried.
    package let steps: [Step]
}

extension PolicyExplanation {
    /// The steps as sentences, one per rule, each beginning with the rule's name.
    package var sentences: [String] {
        var decided = false
        return steps.map { step in
            let verdict = sentence(of: step)
            guard case .decides = step.outcome else { return "\(step.rule.name): \(verdict)" }
            defer { decided = true }
            return "\(step.rule.name): \(verdict)" + (decided ? " (but an earlier rule has decided)" : "")
        }
    }

    private func sentence(of step: Step) -> String {
        let rule = step.rule
        switch step.outcome {
        case .passes(.caller):
            let caller = question.caller
            let groups = caller.groups.map(String.init).joined(separator: " ")
            return "is not for this caller (uid \(caller.uid), groups \(groups)\(caller.unit.clause))"
        case .passes(.unit(.unasked)):
            return "is for callers of certain units only, and the question names no unit"
        case .passes(.unit(let problem)):
            return "is for callers of certain units only, and this caller's unit is not known: \(problem.sentence)"
        case .passes(.uncheckable):
            return
                "is for the unit with a user or group, which are not known where the service manager asks for the unit"
        case .passes(.method):
            return "does not allow \(question.method)"
        case .passes(.targetless):
            return "limits the users, and \(question.method) has no target that could be checked"
        case .passes(.field(let right)):
            return "does not grant \(right), which a field of the call needs"
        case .passes(.client):
            return "does not allow this client; it allows \(rule.clients.joined(separator: " "))"
        case .passes(.target):
            guard let target = question.target else { return "limits the users, and the call names none" }
            guard rule.admits(target), let other = question.furtherTargets.first(where: { !rule.admits($0) }) else {
                return "does not admit this user"
            }
            return "does not admit the \(other.kind) that the call names, too"
        case .decides(.allowed(let permit)):
            return "allows the call as client \(permit.client)"
        case .decides(.refused):
            return "needs meta.client, one of \(rule.clients.joined(separator: " "))"
        }
    }
}

extension CallerUnit {
    /// What is known, to be put behind other facts of a caller.
    fileprivate var clause: String {
        guard case .known(let name, let user) = self else { return "" }
        guard case .known(let inner, let manager) = user else { return ", unit \(name)" }
        return ", unit \(name), user unit \(inner) of uid \(manager)"
    }
}
