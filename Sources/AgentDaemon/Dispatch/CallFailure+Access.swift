import AgentProtocol

extension CallFailure {
    /// The failure of a call that the access policy refuses.
    ///
    /// All refusals look alike to the caller, whichever rule came how far; the reason is for the audit record. Only a
    /// missing choice of client is the caller's to mend, and says so.
    package init(_ refusal: AccessRefusal) {
        switch refusal {
        case .clientRequired(_, let clients):
            self.init(
                .invalidParams,
                "name a client in meta.client, one of: \(clients.joined(separator: ", "))",
                parameter: "meta.client",
                reason: refusal.code
            )
        case .caller, .unit, .uncheckable, .method, .targetless, .field, .client, .target:
            self.init(.forbidden, "the local policy does not allow this call", reason: refusal.code)
        }
    }
}
