import AgentProtocol

extension Call {
    /// How long the token in a credential should still be good, as a unit reads it once, at its start.
    fileprivate static let minimumValiditySeconds = 600

    /// The call that a request for a credential amounts to: `client_token.get` by the unit.
    ///
    /// - Parameters:
    ///   - request: what the peer's address says; nil if that is no request.
    ///   - peer: who is at the other end, as the kernel says.
    ///   - user: who may ask; anybody else's call is refused, whatever the address says.
    ///   - connection: the connection's number.
    static func credential(
        _ request: CredentialRequest?,
        peer: Caller,
        user: UInt32,
        connection: UInt64,
        now: ContinuousClock.Instant
    ) -> Call {
        let mayAsk = peer.uid == user
        var metadata = CallMetadata()
        if case .named(let name)? = request?.client { metadata.client = name }
        let refusal: CallFailure? =
            if !mayAsk {
                .credential("only the service manager may ask for credentials", reason: "peer_not_root")
            } else if request == nil {
                .credential("the address of the peer is no request for a credential", reason: "peer_address")
            } else if request?.client == nil {
                .credential("there is no such credential", reason: "unknown_credential")
            } else {
                nil
            }
        return Call(
            request: Request(tokenWith: metadata),
            socket: .main,
            caller: mayAsk ? request.map { peer.asking(forUnit: $0.unit) } ?? peer : peer,
            connection: connection,
            arrival: now,
            deadline: now + metadata.deadline,
            control: CallLifecycle(),
            entrance: .credential,
            refusal: refusal
        )
    }
}

extension Request {
    /// The request of `client_token.get` that such a call makes.
    fileprivate init(tokenWith metadata: CallMetadata) {
        let parameters = ClientTokenGet.Parameters(minimumValiditySeconds: Call.minimumValiditySeconds)
        guard let id = RequestID(1),
            case .request(let request) = IncomingLine(
                parsing: ClientTokenGet.requestLine(id: id, parameters: parameters, metadata: metadata)
            )
        else { preconditionFailure("the protocol's own request line is no request") }
        self = request
    }
}

extension CallFailure {
    /// The refusal of a request for a credential. Only its reason gets anywhere: into the audit record.
    fileprivate static func credential(_ message: String, reason: String) -> CallFailure {
        CallFailure(.forbidden, message, reason: reason)
    }
}
