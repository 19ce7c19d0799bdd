package import AgentProtocol
import StrictJSON
import Systemd

/// Explains the policy that decides real calls.
package struct PolicyExplainer: Sendable {
    private let policy: AccessPolicy

    /// Explains `policy`.
    package init(policy: AccessPolicy) {
        self.policy = policy
    }

    /// What the policy says about the call that the parameters imagine.
    ///
    /// - Throws: `invalid_params` for a method, a unit or parameters that there cannot be.
    package func explain(_ parameters: PolicyExplain.Parameters) throws(CallFailure) -> PolicyExplain.Result {
        guard let method = MethodTable.main.descriptor(named: parameters.method) else {
            throw CallFailure(
                .invalidParams,
                "method must be one of the main socket's; rpc.discover lists them there",
                outcome: .notSent,
                parameter: "method"
            )
        }
        guard case .right = method.requirement else {
            return PolicyExplain.Result(
                allowed: true,
                reason: "everyone who can connect to the main socket may call it"
            )
        }
        return PolicyExplain.Result(policy.explain(try question(parameters, of: method)))
    }

    private func question(
        _ parameters: PolicyExplain.Parameters,
        of method: MethodDescriptor
    ) throws(CallFailure) -> AccessQuestion {
        let caller = Caller(imaginedUID: parameters.uid, groups: parameters.gids, unit: try unit(parameters))
        guard let params = parameters.params?.value else {
            return AccessQuestion(
                caller: caller,
                method: method.name,
                client: parameters.client,
                target: parameters.target,
                fieldRights: parameters.fieldRights
            )
        }
        let metadata: CallMetadata
        do throws(SchemaViolation) {
            metadata = try method.check(partial: params)
        } catch {
            throw CallFailure(
                .invalidParams,
                "in params: \(error)",
                outcome: .notSent,
                parameter: error.path.map { "params.\($0)" } ?? "params"
            )
        }
        return AccessQuestion(
            caller: caller,
            method: method.name,
            client: metadata.client ?? parameters.client,
            target: method.target(in: params),
            furtherTargets: method.furtherTargets(in: params),
            fieldRights: method.fieldRights(usedBy: params)
        )
    }

    private func unit(_ parameters: PolicyExplain.Parameters) throws(CallFailure) -> CallerUnit {
        let manager = "user@\(parameters.uid).service"
        guard let inner = parameters.userUnit else {
            guard let name = parameters.unit else { return .unasked }
            // Who is of a user's manager is of some unit in it.
            return .known(
                try unit(name, "unit"),
                user: ControlGroupPath.manager(inUnit: name) == nil ? .none : .unasked
            )
        }
        guard parameters.unit ?? manager == manager else {
            throw mistake("unit", "must be \(manager) beside user_unit, or not given")
        }
        return .known(manager, user: .known(try unit(inner, "user_unit"), manager: parameters.uid))
    }

    private func unit(_ name: String, _ parameter: String) throws(CallFailure) -> String {
        guard UnitName(name)?.canHaveProcesses == true else {
            throw mistake(
                parameter,
                "must be the full name of a unit that can have processes, such as storefront.service"
            )
        }
        return name
    }

    private func mistake(_ parameter: String, _ what: String) -> CallFailure {
        CallFailure(.invalidParams, "\(parameter) \(what)", outcome: .notSent, parameter: parameter)
    }
}

extension Caller {
    /// A caller who does not exist, in exactly these groups and perhaps in none.
    fileprivate init(imaginedUID uid: UInt32, groups: [UInt32], unit: CallerUnit) {
        self.uid = uid
        // The kernel's "no group" ((gid_t)-1, chown(2)); rules look at `groups` only.
        self.gid = groups.first ?? UInt32.max
        self.pid = 0
        self.groups = Set(groups).sorted()
        self.unit = unit
    }
}

extension PolicyExplain.Result {
    /// The explanation as it is told on the control socket.
    fileprivate init(_ explanation: PolicyExplanation) {
        let outcomes = zip(explanation.steps, explanation.sentences).map { step, sentence in
            PolicyExplain.RuleOutcome(
                rule: step.rule.name,
                matches: step.rule.matches(explanation.question.caller),
                allows: step.isAllowing,
                reason: String(sentence.dropFirst(step.rule.name.count + 2))
            )
        }
        switch explanation.decision {
        case .allowed(let permit):
            self.init(
                allowed: true,
                reason: "rule \(permit.rule) allows it",
                rule: permit.rule,
                client: permit.client,
                details: permit.details,
                trustsClientIP: permit.trustsClientIP,
                rules: outcomes
            )
        case .refused(.clientRequired(let rule, let clients)):
            self.init(
                allowed: false,
                reason: "rule \(rule) leaves a choice of clients: meta.client must name one of "
                    + clients.joined(separator: ", "),
                rule: rule,
                rules: outcomes
            )
        case .refused(let refusal):
            self.init(allowed: false, reason: "forbidden: \(refusal.sentence)", rules: outcomes)
        }
    }
}

extension PolicyExplanation.Step {
    fileprivate var isAllowing: Bool {
        guard case .decides(.allowed) = outcome else { return false }
        return true
    }
}

extension DenyCause {
    fileprivate var sentence: String {
        switch self {
        case .caller: "no rule is for this caller"
        case .unit(.unasked): "rules go by the caller's unit, and the question names none"
        case .unit(let problem): "the caller's unit is not known, and rules go by it: \(problem.sentence)"
        case .uncheckable:
            "a rule is for the unit with a user or group, which are not known where the service manager asks for the unit"
        case .method: "no rule for this caller allows the method"
        case .targetless: "the rules limit the users, and the method has no target that could be checked"
        case .field(let right): "no rule that allows the method grants \(right.name), which a field of the call needs"
        case .client: "no rule that allows the method allows this client"
        case .target: "no rule that allows the method admits this user"
        case .clientRequired: "the call must name a client"
        }
    }
}
