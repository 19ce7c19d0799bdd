package import AgentProtocol

/// The two questions that the access policy is asked about a call: before its parameters are looked at, and with all of
/// them known.
package struct AccessGate: Sendable {
    private let policy: AccessPolicy

    /// A gate that asks `policy`.
    package init(policy: AccessPolicy) {
        self.policy = policy
    }

    /// Checks method-level access before the parameters are decoded, so that a caller who lacks it learns nothing about
    /// them.
    ///
    /// Waits for the caller's unit where that decides, and puts it into `caller`.
    @inline(__always) package func admit(
        _ call: Call,
        by caller: inout Caller,
        to method: MethodDescriptor
    ) async throws(CallFailure) {
        guard case .right = method.requirement else { return }
        if call.unit != nil, policy.neededUnit(for: method.name, from: caller) != nil {
            caller = try await withUnit(caller, of: call) { policy.neededUnit(for: method.name, from: $0) }
        }
        if let refusal = policy.refusal(of: method.name, to: caller) {
            throw CallFailure(refusal, of: method, for: call.request)
        }
    }

    /// Decides the call with its client, target and fields.
    ///
    /// Waits for the caller's unit where that decides, and puts it into `caller`.
    ///
    /// - Returns: the terms, or nil for methods that need no right.
    @inline(__always) package func permit(
        _ call: Call,
        by caller: inout Caller,
        _ method: MethodDescriptor,
        client: String?,
        target: Target?,
        furtherTargets: [Target],
        fieldRights: [Right]
    ) async throws(CallFailure) -> AccessPermit? {
        guard case .right = method.requirement else { return nil }
        func question(from caller: Caller) -> AccessQuestion {
            AccessQuestion(
                caller: caller,
                method: method.name,
                client: client,
                target: target,
                furtherTargets: furtherTargets,
                fieldRights: fieldRights
            )
        }
        if call.unit != nil, policy.neededUnit(for: question(from: caller)) != nil {
            caller = try await withUnit(caller, of: call) { policy.neededUnit(for: question(from: $0)) }
        }
        switch policy.decide(question(from: caller)) {
        case .allowed(let permit): return permit
        case .refused(let refusal): throw CallFailure(refusal, of: method, for: call.request)
        }
    }

    /// Has systemd asked for the caller's unit until `needed` says that enough is known.
    private func withUnit(
        _ caller: Caller,
        of call: Call,
        needed: (Caller) -> CallerUnit.Depth?
    ) async throws(CallFailure) -> Caller {
        var caller = caller
        while let source = call.unit, let depth = needed(caller) {
            caller.unit = await source.unit(depth)
            if let ending = call.control.ending { throw CallFailure(ending, progress: .notBegun) }
        }
        return caller
    }
}
