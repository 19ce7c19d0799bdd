import AgentProtocol

extension CallFailure {
    /// The failure of a call that the access policy refuses.
    ///
    /// A missing right is named: which right a method or parameter needs is public. All other refusals look alike to the
    /// caller, however far a rule came, so that they tell nothing about the rules' clients and users; the reason is for the
    /// audit record. A missing choice of client is for the caller to make, and says so.
    init(_ refusal: DenyCause, of method: MethodDescriptor, for request: Request) {
        switch refusal {
        case .clientRequired(_, let clients):
            self.init(
                .invalidParams,
                "name a client in meta.client, one of: \(clients.joined(separator: ", "))",
                parameter: "meta.client",
                reason: refusal.code
            )
        case .caller, .unit, .uncheckable, .method:
            self.init(.forbidden, Self.message(lacking: method.right, neededBy: method.name), reason: refusal.code)
        case .field(let right):
            let use = method.useNeeding(right, in: request) ?? method.name
            self.init(.forbidden, Self.message(lacking: right, neededBy: use), reason: refusal.code)
        case .targetless, .client, .target:
            self.init(.forbidden, "the local policy does not allow this call", reason: refusal.code)
        }
    }

    private static func message(lacking right: Right?, neededBy use: String) -> String {
        guard let right else { return "the local policy does not allow this call" }
        return "the local policy does not give this caller the right \(right), which \(use) needs"
    }
}

extension MethodDescriptor {
    /// The right that opens the method.
    fileprivate var right: Right? {
        guard case .right(let right) = requirement else { return nil }
        return right
    }
}
