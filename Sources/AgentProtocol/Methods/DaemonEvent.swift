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

extension DaemonEvent {
    /// How the agent is.
    public struct Health: WireObject, Hashable {
        /// How it is.
        public var status: String
        /// What it was before.
        public var previous: String?
        /// The status and its first problem, in one line.
        public var summary: String

        /// How the agent is.
        public init(status: String, previous: String? = nil, summary: String) {
            self.status = status
            self.previous = previous
            self.summary = summary
        }

        /// The schema.
        public static let fields: [Field] = [
            .required("status", .anyText, doc: "`healthy`, `degraded` or `unhealthy`."),
            .required("summary", .anyText, doc: "The status and its first problem, in one line."),
            Field("previous", .anyText, doc: "What it was before; missing in the first look after the start."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            status = try object.text("status")
            previous = try object.optionalText("previous")
            summary = try object.text("summary")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("status", status)
            writer.member("previous", previous)
            writer.member("summary", summary)
        }
    }

    /// What came of reading the configuration.
    public struct Configuration: WireObject, Hashable {
        /// Why it was refused.
        public var problem: String?
        /// Keys whose new values only a restart makes effective.
        public var restartNeeded: [String]?

        /// What came of reading the configuration.
        public init(problem: String? = nil, restartNeeded: [String]? = nil) {
            self.problem = problem
            self.restartNeeded = restartNeeded
        }

        /// The schema.
        public static let fields: [Field] = [
            Field("problem", .anyText, doc: "Why it was refused: the first thing that is wrong."),
            Field(
                "restart_needed",
                .array(of: .anyText, maximumCount: 64),
                doc: "Of one in force: keys whose new values only a restart makes effective."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            problem = try object.optionalText("problem")
            restartNeeded = try object.optionalTexts("restart_needed")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("problem", problem)
            writer.member("restart_needed", restartNeeded)
        }
    }

    /// A fetch of an access token.
    public struct Token: WireObject, Hashable {
        /// The configured client.
        public var client: String
        /// Seconds until the new token expires.
        public var expiresInSeconds: Int?
        /// Why there is none.
        public var error: String?

        /// A fetch of an access token.
        public init(client: String, expiresInSeconds: Int? = nil, error: String? = nil) {
            self.client = client
            self.expiresInSeconds = expiresInSeconds
            self.error = error
        }

        /// The schema.
        public static let fields: [Field] = [
            .required("client", .anyText, doc: "The configured client."),
            Field("expires_in_s", .count, doc: "Seconds until the new token expires."),
            Field("error", .anyText, doc: "Why there is none: the kind of error, and behind a dot what was behind it."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            client = try object.text("client")
            expiresInSeconds = try object.optionalInteger("expires_in_s").map { Int($0) }
            error = try object.optionalText("error")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("client", client)
            writer.member("expires_in_s", expiresInSeconds)
            writer.member("error", error)
        }
    }

    /// A client that has a new credential.
    public struct Credential: WireObject, Hashable {
        /// The configured client.
        public var client: String
        /// Whether its source holds the new one, too.
        public var sourceReplaced: Bool

        /// A client that has a new credential.
        public init(client: String, sourceReplaced: Bool) {
            self.client = client
            self.sourceReplaced = sourceReplaced
        }

        /// The schema.
        public static let fields: [Field] = [
            .required("client", .anyText, doc: "The configured client."),
            .required("source_replaced", .boolean, doc: "Whether its source holds the new one, too."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            client = try object.text("client")
            sourceReplaced = try object.boolean("source_replaced")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("client", client)
            writer.member("source_replaced", sourceReplaced)
        }
    }

    /// A connection that was turned away.
    public struct RefusedConnection: WireObject, Hashable {
        /// The socket.
        public var socket: String
        /// The peer's user id.
        public var uid: UInt32
        /// The peer's process id.
        public var pid: Int
        /// The kind of error that it was told.
        public var reason: String

        /// A connection that was turned away.
        public init(socket: String, uid: UInt32, pid: Int, reason: String) {
            self.socket = socket
            self.uid = uid
            self.pid = pid
            self.reason = reason
        }

        /// The schema.
        public static let fields: [Field] = [
            .required("socket", .anyText, doc: "`main`, `control` or `credential`."),
            .required("uid", .systemID, doc: "The peer's user id."),
            .required("pid", .count, doc: "The peer's process id."),
            .required(
                "reason",
                .anyText,
                doc: "`overloaded`: over a cap; `forbidden`: the control socket is not for this user."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            socket = try object.text("socket")
            uid = try object.integer("uid", as: UInt32.self)
            pid = Int(try object.integer("pid"))
            reason = try object.text("reason")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("socket", socket)
            writer.member("uid", uid)
            writer.member("pid", pid)
            writer.member("reason", reason)
        }
    }

    /// Which messages are logged.
    public struct LogLevel: WireObject, Hashable {
        /// The level now.
        public var level: String
        /// The level before.
        public var previous: String
        /// The user who set it.
        public var uid: UInt32?

        /// Which messages are logged.
        public init(level: String, previous: String, uid: UInt32? = nil) {
            self.level = level
            self.previous = previous
            self.uid = uid
        }

        /// The schema.
        public static let fields: [Field] = [
            .required("level", .anyText, doc: "The level now."),
            .required("previous", .anyText, doc: "The level before."),
            Field("uid", .systemID, doc: "The user who set it; missing where a reload did."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            level = try object.text("level")
            previous = try object.text("previous")
            uid = try object.optionalInteger("uid").flatMap { UInt32(exactly: $0) }
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("level", level)
            writer.member("previous", previous)
            writer.member("uid", uid)
        }
    }
}
