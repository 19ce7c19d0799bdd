package import StrictJSON

/// The parameters of the notification `daemon.event`: something that has happened in the agent.
public struct DaemonEvent: WireObject, Hashable {
    /// The id of the call `daemon.watch` that it belongs to.
    public var watch = RequestID()
    /// When it happened, as in `2026-03-01T12:00:00.123Z`.
    public var time = ""
    /// What has happened.
    public var kind = EventKind("")
    /// How many events were left out before this one.
    public var dropped = 0
    /// What there is to tell about it.
    public var details = Details()

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

    /// All members blank.
    public init() {}

    /// An event.
    public init(watch: RequestID, time: String, kind: EventKind, dropped: Int = 0, details: Details = Details()) {
        self.watch = watch
        self.time = time
        self.kind = kind
        self.dropped = dropped
        self.details = details
    }

    /// The members.
    public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
        try members.required("watch", &watch, doc: "The id of the call `daemon.watch` that it belongs to.")
        try members.required("time", &time, doc: "When it happened (RFC 3339, UTC, milliseconds).")
        try members.required(
            "kind",
            &kind,
            doc: "What has happened: `watch_started`, or one of the kinds that `events` takes. New ones may be added."
        )
        try members.optional(
            "dropped",
            &dropped,
            usually: 0,
            doc: "How many events were left out before this one, if any were."
        )
        try members.optional("call", &details.call, doc: "With `call_finished`: the call, as its audit record has it.")
        try members.optional("health", &details.health, doc: "With `health_changed`: how the agent is.")
        try members.optional(
            "configuration",
            &details.configuration,
            doc: "With `configuration_reloaded` and `configuration_refused`: what came of reading it."
        )
        try members.optional("token", &details.token, doc: "With `token_fetched` and `token_failed`: whose token.")
        try members.optional("credential", &details.credential, doc: "With `credential_rotated`: whose credential.")
        try members.optional("connection", &details.connection, doc: "With `connection_refused`: whose connection.")
        try members.optional("log_level", &details.logLevel, doc: "With `log_level_changed`: what is logged now.")
        try members.optional("throttle", &details.throttle, doc: "With `attempts_exhausted`: whose budget is used up.")
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
        public var status = ""
        /// What it was before.
        public var previous: String?
        /// The status and its first problem, in one line.
        public var summary = ""

        /// All members blank.
        public init() {}

        /// How the agent is.
        public init(status: String, previous: String? = nil, summary: String) {
            self.status = status
            self.previous = previous
            self.summary = summary
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("status", &status, doc: "`healthy`, `degraded` or `unhealthy`.")
            try members.required("summary", &summary, doc: "The status and its first problem, in one line.")
            try members.optional(
                "previous",
                &previous,
                doc: "What it was before; missing in the first look after the start."
            )
        }
    }

    /// What came of reading the configuration.
    public struct Configuration: WireObject, Hashable {
        /// Why it was refused.
        public var problem: String?
        /// Keys whose new values only a restart makes effective.
        public var restartNeeded: [String]?

        /// All members blank.
        public init() {}

        /// What came of reading the configuration.
        public init(problem: String? = nil, restartNeeded: [String]? = nil) {
            self.problem = problem
            self.restartNeeded = restartNeeded
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.optional("problem", &problem, doc: "Why it was refused: the first thing that is wrong.")
            try members.optional(
                "restart_needed",
                &restartNeeded,
                .array(of: .anyText, maximumCount: 64),
                doc: "Of one in force: keys whose new values only a restart makes effective."
            )
        }
    }

    /// A fetch of an access token.
    public struct Token: WireObject, Hashable {
        /// The configured client.
        public var client = ""
        /// Seconds until the new token expires.
        public var expiresInSeconds: Int?
        /// Why there is none.
        public var error: String?

        /// All members blank.
        public init() {}

        /// A fetch of an access token.
        public init(client: String, expiresInSeconds: Int? = nil, error: String? = nil) {
            self.client = client
            self.expiresInSeconds = expiresInSeconds
            self.error = error
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("client", &client, doc: "The configured client.")
            try members.optional("expires_in_s", &expiresInSeconds, doc: "Seconds until the new token expires.")
            try members.optional(
                "error",
                &error,
                doc: "Why there is none: the kind of error, and behind a dot what was behind it."
            )
        }
    }

    /// A client that has a new credential.
    public struct Credential: WireObject, Hashable {
        /// The configured client.
        public var client = ""
        /// Whether its source holds the new one, too.
        public var sourceReplaced = false

        /// All members blank.
        public init() {}

        /// A client that has a new credential.
        public init(client: String, sourceReplaced: Bool) {
            self.client = client
            self.sourceReplaced = sourceReplaced
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("client", &client, doc: "The configured client.")
            try members.required("source_replaced", &sourceReplaced, doc: "Whether its source holds the new one, too.")
        }
    }

    /// A connection that was turned away.
    public struct RefusedConnection: WireObject, Hashable {
        /// The socket.
        public var socket = ""
        /// The peer's user id.
        public var uid: UInt32 = 0
        /// The peer's process id.
        public var pid = 0
        /// The kind of error that it was told.
        public var reason = ""

        /// All members blank.
        public init() {}

        /// A connection that was turned away.
        public init(socket: String, uid: UInt32, pid: Int, reason: String) {
            self.socket = socket
            self.uid = uid
            self.pid = pid
            self.reason = reason
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("socket", &socket, doc: "`main`, `control` or `credential`.")
            try members.required("uid", &uid, doc: "The peer's user id.")
            try members.required("pid", &pid, doc: "The peer's process id.")
            try members.required(
                "reason",
                &reason,
                doc: "`overloaded`: over a cap; `forbidden`: the control socket is not for this user."
            )
        }
    }

    /// Which messages are logged.
    public struct LogLevel: WireObject, Hashable {
        /// The level now.
        public var level = ""
        /// The level before.
        public var previous = ""
        /// The user who set it.
        public var uid: UInt32?

        /// All members blank.
        public init() {}

        /// Which messages are logged.
        public init(level: String, previous: String, uid: UInt32? = nil) {
            self.level = level
            self.previous = previous
            self.uid = uid
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("level", &level, doc: "The level now.")
            try members.required("previous", &previous, doc: "The level before.")
            try members.optional("uid", &uid, doc: "The user who set it; missing where a reload did.")
        }
    }
}
