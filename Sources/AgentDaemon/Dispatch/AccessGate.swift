package import AgentProtocol

/// The two questions that the access policy is asked about a call: before its parameters are looked at, and with all of
/// them known.
package struct AccessGate: Sendable {
    private let policy: AccessPolicy

    /// A gate that asks `policy`.
    package init(policy: AccessPolicy) {
        self.policy = policy
    }

    /// Lets the caller at the method, or not: nobody learns what parameters a method wants who may not call it.
    package func admit(_ caller: Caller, to method: MethodDescriptor) throws(CallFailure) {
        guard case .right = method.requirement, let refusal = policy.refusal(of: method.name, to: caller) else {
            return
        }
        throw CallFailure(refusal)
    }

    /// Decides the call with its client, target and fields.
    ///
    /// - Returns: the terms, or nil for methods that need no right.
    package func permit(
        _ caller: Caller,
        _ method: MethodDescriptor,
        client: String?,
        target: Target?,
        fieldRights: [Right]
    ) throws(CallFailure) -> AccessPermit? {
        guard case .right = method.requirement else { return nil }
        let question = AccessQuestion(
            caller: caller,
            method: method.name,
            client: client,
            target: target,
            fieldRights: fieldRights
        )
        switch policy.decide(question) {
        case .allowed(let permit): return permit
        case .refused(let refusal): throw CallFailure(refusal)
        }
    }
}
