import StrictJSON

/// What any call may say about itself in `params.meta`.
public struct CallMetadata: Hashable, Sendable {
    /// Milliseconds the whole call may take; 10,000 when it does not say.
    public var deadlineMilliseconds = ProtocolLimits.defaultDeadlineMilliseconds
    /// Makes repeats of a send one send.
    public var idempotencyKey: ByteText?
    /// Which of the configured Mosaic clients to use.
    public var client: String?
    /// The caller's own name for the call, echoed in the audit record.
    public var traceID: ByteText?

    /// What a call says that leaves everything out.
    public init() {}

    /// What a call says about itself; everything may be left out.
    public init(
        deadlineMilliseconds: Int? = nil,
        idempotencyKey: ByteText? = nil,
        client: String? = nil,
        traceID: ByteText? = nil
    ) {
        self.deadlineMilliseconds = deadlineMilliseconds ?? ProtocolLimits.defaultDeadlineMilliseconds
        self.idempotencyKey = idempotencyKey
        self.client = client
        self.traceID = traceID
    }

    /// The whole time the call may take, from its arrival.
    public var deadline: Duration { .milliseconds(deadlineMilliseconds) }

    /// Whether nothing differs from a call without `meta`.
    public var isDefault: Bool { self == CallMetadata() }
}

extension CallMetadata: WireObject {
    /// The members.
    public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
        try members.optional(
            "deadline_ms",
            &deadlineMilliseconds,
            usually: ProtocolLimits.defaultDeadlineMilliseconds,
            .integer(ProtocolLimits.deadlineMilliseconds),
            doc: "Milliseconds the whole call may take from its arrival. Default 10000."
        )
        try members.optional(
            "idempotency_key",
            &idempotencyKey,
            .text(ProtocolLimits.idempotencyKeyBytes),
            doc: "Makes repeats of a send within ten minutes one send; the answers of the repeats have `replayed`."
        )
        try members.optional(
            "client",
            &client,
            .text(ProtocolLimits.clientNameBytes),
            doc: "The configured Mosaic client to use; needed when the access rule allows several."
        )
        try members.optional(
            "trace_id",
            &traceID,
            .text(ProtocolLimits.traceIDBytes),
            doc: "The caller's own name for the call, kept in the audit record."
        )
    }

    /// The members, described once.
    static let knownFields = fields
}

extension CallMetadata {
    /// The member `meta` of parameters, the defaults when there is none.
    init(inside params: JSONValue) throws(SchemaViolation) {
        guard let meta = params.member("meta") else {
            self.init()
            return
        }
        do throws(SchemaViolation) {
            try Schema.checkMembers(of: meta, against: CallMetadata.knownFields, as: .parameters)
            try self.init(reading: ObjectReader(meta))
        } catch {
            throw error.inside("meta")
        }
    }
}

extension Request {
    /// What the call says about itself, the defaults when nothing.
    ///
    /// - Throws: `invalid_params` with `meta` or `meta.NAME`, or without a parameter when `params` is no object.
    public func metadata() throws(ProtocolError) -> CallMetadata {
        guard let params else { return CallMetadata() }
        guard params.kind == .object else { throw paramsAreNoObject }
        do throws(SchemaViolation) {
            return try CallMetadata(inside: params)
        } catch {
            throw invalidParams(error)
        }
    }

    /// The time the call may take, the default one when its `meta` is malformed (it will be refused for that anyway).
    public var deadline: Duration {
        do throws(ProtocolError) {
            return try metadata().deadline
        } catch {
            return CallMetadata().deadline
        }
    }

    var paramsAreNoObject: ProtocolError {
        ProtocolError(.invalidParams, "params must be an object", id: id, outcome: .notSent)
    }

    func invalidParams(_ violation: SchemaViolation) -> ProtocolError {
        ProtocolError(.invalidParams, violation.description, id: id, outcome: .notSent, parameter: violation.path)
    }
}

extension Request {
    /// Whether its method, on that socket, goes on until it is cancelled.
    package func isOpenEnded(on socket: SocketKind) -> Bool {
        // Only the control socket has such methods; the calls of the other one need not be looked up for that.
        socket == .control && MethodTable.control.descriptor(named: method)?.isOpenEnded == true
    }

    /// The time the call may take on that socket; nil for a call that goes on until it is cancelled and sets no deadline.
    package func timeLimit(on socket: SocketKind) -> Duration? {
        isOpenEnded(on: socket) && params?.member("meta")?.member("deadline_ms") == nil ? nil : deadline
    }
}
