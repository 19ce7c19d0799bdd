public import StrictJSON

/// The parameters of the notification `daemon.event`: something that has happened in the agent.
public struct DaemonEvent: WireObject, Hashable {
    /// The id of the call `daemon.watch` that it belongs to.
    public var watch: RequestID
    /// When it happened, as in `2026-03-01T12:00:00.123Z`.
    public var time: String
    /// What has happened.
    public var kind: EventKind
    /// How many events were left out before this one.
    public var dropped: Int
    /// What there is to tell about it.
    public var details: Details

    /// What there is to tell about an event; which member is there depends on the kind.
    public struct Details: Hashable, Sendable {
        /// Of ``EventKind/callFinished``.
        public var call: FinishedCall?
        /// Of ``EventKind/healthChanged``.
        public var health: Health?
        /// Of ``EventKind/configurationReloaded`` and ``EventKind/configurationRefused``.
        public var configuration: Configuration?
        /// Of ``EventKind/tokenFetched`` and ``EventKind/tokenFailed``.
        public var token: Token?
        /// Of ``EventKind/credentialRotated``.
        public var credential: Credential?
        /// Of ``EventKind/connectionRefused``.
        public var connection: RefusedConnection?
        /// Of ``EventKind/logLevelChanged``.
        public var logLevel: LogLevel?
        /// Of ``EventKind/attemptsExhausted``.
        public var throttle: ExhaustedTarget?

        /// Nothing but the kind.
        public init() {}
        /// A call.
        public init(_ call: FinishedCall) { self.call = call }
        /// The agent's health.
        public init(_ health: Health) { self.health = health }
        /// A configuration.
        public init(_ configuration: Configuration) { self.configuration = configuration }
        /// A token.
        public init(_ token: Token) { self.token = token }
        /// A credential.
        public init(_ credential: Credential) { self.credential = credential }
        /// A connection.
        public init(_ connection: RefusedConnection) { self.connection = connection }
        /// The level of the log.
        public init(_ logLevel: LogLevel) { self.logLevel = logLevel }
        /// A user whose budget of attempts is used up.
        public init(_ throttle: ExhaustedTarget) { self.throttle = throttle }
    }

    /// An event.
    public init(watch: RequestID, time: String, kind: EventKind, dropped: Int = 0, details: Details = Details()) {
        self.watch = watch
        self.time = time
        self.kind = kind
        self.dropped = dropped
        self.details = details
    }

    /// The schema of the notification's parameters.
    public static let fields: [Field] = [
        .required("watch", .requestID, doc: "The id of the call `daemon.watch` that it belongs to."),
        .required("time", .anyText, doc: "When it happened (RFC 3339, UTC, milliseconds)."),
        .required(
            "kind",
            .anyText,
            doc: "What has happened: `watch_started`, or one of the kinds that `events` takes. New ones may be added."
        ),
        Field("dropped", .count, doc: "How many events were left out before this one, if any were."),
        Field("call", .object(FinishedCall.self), doc: "With `call_finished`: the call, as its audit record has it."),
        Field("health", .object(Health.self), doc: "With `health_changed`: how the agent is."),
        Field(
            "configuration",
            .object(Configuration.self),
            doc: "With `configuration_reloaded` and `configuration_refused`: what came of reading it."
        ),
        Field("token", .object(Token.self), doc: "With `token_fetched` and `token_failed`: whose token."),
        Field("credential", .object(Credential.self), doc: "With `credential_rotated`: whose credential."),
        Field("connection", .object(RefusedConnection.self), doc: "With `connection_refused`: whose connection."),
        Field("log_level", .object(LogLevel.self), doc: "With `log_level_changed`: what is logged now."),
        Field("throttle", .object(ExhaustedTarget.self), doc: "With `attempts_exhausted`: whose budget is used up."),
    ]

    /// Takes the values of the members.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        watch = try object.requestID("watch")
        time = try object.text("time")
        kind = EventKind(try object.text("kind"))
        dropped = Int(try object.optionalInteger("dropped") ?? 0)
        details = Details()
        details.call = try object.optionalObject("call")
        details.health = try object.optionalObject("health")
        details.configuration = try object.optionalObject("configuration")
        details.token = try object.optionalObject("token")
        details.credential = try object.optionalObject("credential")
        details.connection = try object.optionalObject("connection")
        details.logLevel = try object.optionalObject("log_level")
        details.throttle = try object.optionalObject("throttle")
    }

    /// Writes the members.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.key("watch")
        watch.encode(to: &writer)
        writer.member("time", time)
        writer.member("kind", kind.name)
        if dropped > 0 { writer.member("dropped", dropped) }
        writer.member("call", details.call)
        writer.member("health", details.health)
        writer.member("configuration", details.configuration)
        writer.member("token", details.token)
        writer.member("credential", details.credential)
        writer.member("connection", details.connection)
        writer.member("log_level", details.logLevel)
        writer.member("throttle", details.throttle)
    }
}

extension DaemonEvent {
    /// The name of the notification.
    public static let method = "daemon.event"

    static let notification = NotificationDescriptor(
        name: method,
        doc:
            "sent for each event, without an `id`; nothing is answered to it. Ignore kinds and members you do not know.",
        parameters: fields
    )

    /// Writes the notification as a line, with its LF.
    package func encodeLine(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("jsonrpc", "2.0")
        writer.member("method", Self.method)
        writer.member("params", self)
        writer.endObject()
        writer.endLine()
    }

    /// The event in a notification that was received; nil when it is another notification.
    package init?(notification: JSONValue) throws(SchemaViolation) {
        guard notification["method"]?.matches(Self.method) == true, let params = notification["params"] else {
            return nil
        }
        try self.init(reading: ObjectReader(params))
    }
}
