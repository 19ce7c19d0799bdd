public import StrictJSON

/// What any call may say about itself in `params.meta`.
public struct CallMetadata: Hashable, Sendable {
    /// Milliseconds the whole call may take; 10,000 when it does not say.
    public var deadlineMilliseconds: Int
    /// Makes repeats of a send one send.
    public var idempotencyKey: ByteText?
    /// Which of the configured Mosaic clients to use.
    public var client: String?
    /// The caller's own name for the call, echoed in the audit record.
    public var traceID: ByteText?

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
    /// The schema of `meta`.
    public static let fields: [Field] = [
        Field(
            "deadline_ms",
            .integer(ProtocolLimits.deadlineMilliseconds),
            doc: "Milliseconds the whole call may take from its arrival. Default 10000."
        ),
        Field(
            "idempotency_key",
            .text(ProtocolLimits.idempotencyKeyBytes),
            doc: "Makes repeats of a send within ten minutes one send; the answers of the repeats have `replayed`."
        ),
        Field(
            "client",
            .text(ProtocolLimits.clientNameBytes),
            doc: "The configured Mosaic client to use; needed when the access rule allows several."
        ),
        Field(
            "trace_id",
            .text(ProtocolLimits.traceIDBytes),
            doc: "The caller's own name for the call, kept in the audit record."
        ),
    ]

    /// Takes the values of a `meta` object.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        self.init(
            deadlineMilliseconds: try object.optionalInteger("deadline_ms").map { Int($0) },
            idempotencyKey: try object.optionalByteText("idempotency_key"),
            client: try object.optionalText("client"),
            traceID: try object.optionalByteText("trace_id")
        )
    }

    /// Writes the members; a default deadline is left out.
    public func encodeMembers(to writer: inout JSONWriter) {
        if deadlineMilliseconds != ProtocolLimits.defaultDeadlineMilliseconds {
            writer.member("deadline_ms", deadlineMilliseconds)
        }
        writer.member("idempotency_key", idempotencyKey)
        writer.member("client", client)
        writer.member("trace_id", traceID)
    }
}

extension CallMetadata {
    /// The member `meta` of parameters, the defaults when there is none.
    init(inside params: JSONValue) throws(SchemaViolation) {
        guard let meta = params.member("meta") else {
            self.init()
            return
        }
        do throws(SchemaViolation) {
            try Schema.checkMembers(of: meta, against: CallMetadata.fields, as: .parameters)
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
