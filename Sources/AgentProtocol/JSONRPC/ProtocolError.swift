package import StrictJSON

/// An error answer: the agent could not decide, or the call was not permitted.
public struct ProtocolError: Error, Hashable, Sendable {
    /// JSON-RPC's integer code.
    public var code: Int
    /// The stable name that programs key on.
    public var kind: ErrorKind
    /// A sentence for people; never contains a parameter's value.
    public var message: String
    /// The id of the call, or nil where it could not be read or must not be used.
    public var id: RequestID?
    /// Whether the call may be sent again without risk of a double effect.
    public var retryable: Bool
    /// The agent's own name for the call, to find it in the journal.
    public var callID: String?
    /// Whether anything can have happened upstream; on every error of a method that acts upstream.
    public var outcome: Outcome?
    /// Milliseconds to wait before trying again.
    public var retryAfterMilliseconds: Int?
    /// The parameter at fault, `meta.NAME` inside `meta`.
    public var parameter: String?
    /// What Mosaic answered, for callers whose rule says `Details=yes`.
    public var upstream: Upstream?
    /// What is wrong with a new password.
    public var violations: [Violation]
    /// Whether it is the answer of an earlier call under the same `meta.idempotency_key`.
    public var replayed = false

    /// What Mosaic answered.
    public struct Upstream: Hashable, Sendable {
        /// The HTTP status.
        public var status: Int
        /// Mosaic's symbolic error code.
        public var code: String?

        /// An answer of Mosaic.
        public init(status: Int, code: String? = nil) {
            self.status = status
            self.code = code
        }
    }

    /// One thing that is wrong with a new password.
    public struct Violation: Hashable, Sendable {
        /// Mosaic's symbolic error code.
        public var code: String?
        /// Mosaic's text for people.
        public var message: String

        /// A violation of the password policy.
        public init(code: String? = nil, message: String) {
            self.code = code
            self.message = message
        }
    }

    /// An error of a known kind; code and `retryable` follow from the kind, the outcome and the method.
    ///
    /// For a kind that this version does not know, the code is that of `internal`.
    public init(
        _ kind: ErrorKind,
        _ message: String,
        id: RequestID? = nil,
        outcome: Outcome? = nil,
        retryClass: RetryClass = .local,
        retryAfterMilliseconds: Int? = nil,
        parameter: String? = nil,
        callID: String? = nil,
        upstream: Upstream? = nil,
        violations: [Violation] = []
    ) {
        self.code = kind.code ?? -32603
        self.kind = kind
        self.message = message
        self.id = id
        self.retryable = kind.isRetryable(outcome: outcome, retryClass: retryClass)
        self.callID = callID
        self.outcome = outcome
        self.retryAfterMilliseconds = retryAfterMilliseconds
        self.parameter = parameter
        self.upstream = upstream
        self.violations = violations
    }

    /// The same error as the answer to the call `id`.
    public func answering(_ id: RequestID?) -> ProtocolError {
        var copy = self
        copy.id = id
        return copy
    }
}

extension ProtocolError: CustomStringConvertible {
    /// Kind, code, message and parameter on one line.
    public var description: String {
        "\(kind) (\(code)): \(message)" + (parameter.map { " [\($0)]" } ?? "")
    }
}

extension ProtocolError {
    /// The answer to a line that exceeds `limit` bytes; the connection is closed behind it.
    public static func lineTooLong(limit: Int) -> ProtocolError {
        ProtocolError(.invalidRequest, "the line is longer than \(limit) bytes; the connection is closed")
    }

    /// The answer to a stream that ends inside a line.
    public static let unterminatedLine = ProtocolError(
        .parseError,
        "the last line does not end with a line feed; it was not read"
    )

    /// The answer to a line that is not complete in time; the connection is closed behind it.
    public static func lineTooSlow(limit: Duration) -> ProtocolError {
        ProtocolError(
            .invalidRequest,
            "a line must be complete \(limit.components.seconds) s after its first byte; the connection is closed"
        )
    }

    /// The answer to a new connection that sends no line in time; the connection is closed behind it.
    public static func noLine(limit: Duration) -> ProtocolError {
        ProtocolError(
            .invalidRequest,
            "a new connection must send a line within \(limit.components.seconds) s; the connection is closed"
        )
    }

    /// The answer to one line too many that is no request; the connection is closed behind it.
    public static let tooManyBadLines = ProtocolError(
        .invalidRequest,
        "too many lines that are no requests; the connection is closed"
    )

    /// The answer to an id that is in use; the call that uses it goes on.
    public static let idInFlight = ProtocolError(
        .invalidRequest,
        "another call with this id is in flight on this connection; it goes on"
    )

    /// The answer to a method that the socket does not have.
    public static func methodNotFound(on socket: SocketKind, id: RequestID) -> ProtocolError {
        ProtocolError(
            .methodNotFound,
            "the \(socket.rawValue) socket has no such method; rpc.discover lists what there is",
            id: id
        )
    }
}

extension ProtocolError {
    /// The complete answer line, without LF.
    public func line() -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.key("jsonrpc")
        writer.string("2.0")
        writer.key("id")
        if let id { id.encode(to: &writer) } else { writer.null() }
        writer.key("error")
        encode(to: &writer)
        writer.endObject()
        return writer.bytes
    }

    /// Writes the error object: code, message and data.
    package func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("code", code)
        writer.member("message", message)
        writer.key("data")
        writer.beginObject()
        writer.member("kind", kind.name)
        writer.member("retryable", retryable)
        writer.member("call_id", callID)
        writer.member("outcome", outcome?.rawValue)
        writer.member("retry_after_ms", retryAfterMilliseconds)
        writer.member("param", parameter)
        if let upstream {
            writer.key("upstream")
            writer.beginObject()
            writer.member("status", upstream.status)
            writer.member("code", upstream.code)
            writer.endObject()
        }
        if !violations.isEmpty {
            writer.key("violations")
            writer.beginArray()
            for violation in violations {
                writer.beginObject()
                writer.member("code", violation.code)
                writer.member("message", violation.message)
                writer.endObject()
            }
            writer.endArray()
        }
        if replayed { writer.member("replayed", true) }
        writer.endObject()
        writer.endObject()
    }

    /// Reads an error object; unknown kinds and members are no obstacle, a missing `data` is taken as no information.
    package init?(_ json: JSONValue, id: RequestID?) {
        guard let code = json["code"]?.integer, let message = json["message"]?.string else { return nil }
        let data = json["data"]
        let kind = data?["kind"]?.string.map { ErrorKind($0) } ?? ErrorKind(code: Int(code)) ?? ErrorKind("unknown")
        self.init(kind, message, id: id)
        self.code = Int(code)
        retryable = data?["retryable"]?.boolean ?? false
        callID = data?["call_id"]?.string
        replayed = data?["replayed"]?.boolean ?? false
        outcome = data?["outcome"]?.string.map { Outcome(name: $0) }
        retryAfterMilliseconds = data?["retry_after_ms"]?.integer.map { Int($0) }
        parameter = data?["param"]?.string
        upstream = data?["upstream"].flatMap { upstream in
            upstream["status"]?.integer.map { Upstream(status: Int($0), code: upstream["code"]?.string) }
        }
        for violation in data?["violations"]?.elements.map(Array.init) ?? [] {
            violations.append(
                Violation(code: violation["code"]?.string, message: violation["message"]?.string ?? "")
            )
        }
    }
}
