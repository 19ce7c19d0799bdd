import StrictJSON

/// `daemon.watch`: be told what happens in the agent, as it happens.
public enum DaemonWatch: AgentMethod {
    /// What to be told.
    public struct Parameters: WireObject, Hashable {
        /// The kinds of events; nil means all.
        public var events: [EventKind]?

        /// All members blank.
        public init() {}

        /// Watches events of these kinds, or all.
        public init(events: [EventKind]? = nil) { self.events = events }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.optional(
                "events",
                &events,
                .array(of: .choice(EventKind.watchable.map(\.name)), maximumCount: 32),
                doc: "The kinds of events to be told. Default, and for an empty array: all."
            )
        }
    }

    /// A watch has no result: it ends with an error.
    public typealias Result = EmptyResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "daemon.watch",
        sockets: [.control],
        summary: "Tells what happens in the agent, as it happens.",
        doc: """
            The agent sends notifications `daemon.event` on the connection, the first one at once, until `$/cancel` ends the \
            watch: then the call is answered, with the error `cancelled`. It never has a result. No deadline holds unless \
            `meta.deadline_ms` is given, which then ends it with `deadline_exceeded`; when the agent stops, it ends with \
            `shutting_down`. Until then it counts as a call in flight. The agent keeps \(EventKind.maximumWaiting) events for a \
            reader that does not read them; what comes on top is left out and counted in `dropped` of the next event. Notifications that are not \
            read do not count as unread answers.
            """,
        requirement: .controlSocket,
        isOpenEnded: true,
        notifications: [DaemonEvent.notification]
    )
}

extension DaemonWatch {
    /// The request line for a watch, without LF.
    ///
    /// - Parameter deadlineMilliseconds: how long to watch, written also if it is what other calls have by default; nil for
    ///   as long as it goes.
    package static func requestLine(
        id: RequestID,
        parameters: Parameters,
        deadlineMilliseconds: Int?
    ) -> [UInt8] {
        RequestLine.write(id: id, method: name) { writer in
            writer.beginObject()
            parameters.encodeMembers(to: &writer)
            if let deadlineMilliseconds {
                writer.key("meta")
                writer.beginObject()
                writer.member("deadline_ms", deadlineMilliseconds)
                writer.endObject()
            }
            writer.endObject()
        }
    }
}

/// What sort of thing has happened.
public struct EventKind: OpenName {
    /// The name on the wire.
    public let name: String

    /// The kind of that name.
    public init(_ name: String) { self.name = name }

    /// The watch has begun; the first event of every watch.
    public static let watchStarted = EventKind("watch_started")
    /// A call has its answer.
    public static let callFinished = EventKind("call_finished")
    /// The agent's health is another than before.
    public static let healthChanged = EventKind("health_changed")
    /// A configuration was read and is in force.
    public static let configurationReloaded = EventKind("configuration_reloaded")
    /// A configuration was read and refused.
    public static let configurationRefused = EventKind("configuration_refused")
    /// A client has a new access token.
    public static let tokenFetched = EventKind("token_fetched")
    /// A try to fetch an access token failed.
    public static let tokenFailed = EventKind("token_failed")
    /// A client proves itself with another credential.
    public static let credentialRotated = EventKind("credential_rotated")
    /// A connection was turned away.
    public static let connectionRefused = EventKind("connection_refused")
    /// Other messages are logged than before.
    public static let logLevelChanged = EventKind("log_level_changed")
    /// The budget of attempts on a user is used up; once each time, not for every call that is refused.
    public static let attemptsExhausted = EventKind("attempts_exhausted")

    /// The kinds that can be asked for.
    public static let watchable: [EventKind] = [
        .callFinished, .healthChanged, .configurationReloaded, .configurationRefused, .tokenFetched, .tokenFailed,
        .credentialRotated, .connectionRefused, .logLevelChanged, .attemptsExhausted,
    ]

    /// How many events the agent keeps for a reader that does not read them.
    public static let maximumWaiting = 1024
}

extension DaemonEvent {
    /// A call that has its answer, as its audit record has it; nothing in it is secret.
    public struct FinishedCall: WireObject, Hashable {
        /// The agent's id of the call.
        public var callID = ""
        /// The socket it came by.
        public var socket = ""
        /// The method.
        public var method = ""
        /// The verdict, `ok`, or `error`.
        public var result = ""
        /// The kind of error, if it is one.
        public var error: String?
        /// Why, in one word.
        public var reason: String?
        /// Whether a failed call may have had an effect.
        public var outcome: String?
        /// The configured client that acted.
        public var client: String?
        /// The access rule that allowed it.
        public var rule: String?
        /// The caller's user id.
        public var uid: UInt32 = 0
        /// The caller's process id.
        public var pid = 0
        /// The caller's unit.
        public var unit: String?
        /// The user it is about, as `MOSAIC_TARGET` has it.
        public var target: String?
        /// The caller's own id of the call.
        public var traceID: String?
        /// The HTTP status of Mosaic's answer.
        public var upstreamStatus: Int?
        /// Microseconds from the call's arrival to the decision.
        public var durationMicroseconds = 0
        /// Whether the answer was a remembered one.
        public var replay = false

        /// All members blank.
        public init() {}

        /// A call with what every one has.
        public init(
            callID: String,
            socket: String,
            method: String,
            result: String,
            uid: UInt32,
            pid: Int,
            durationMicroseconds: Int
        ) {
            self.callID = callID
            self.socket = socket
            self.method = method
            self.result = result
            self.uid = uid
            self.pid = pid
            self.durationMicroseconds = durationMicroseconds
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("call_id", &callID, doc: "The agent's id of the call (`MOSAIC_CALL_ID`).")
            try members.required("socket", &socket, doc: "`main`, `control` or `credential`.")
            try members.required("method", &method, doc: "The method.")
            try members.required("result", &result, doc: "The verdict, `ok` for a result without one, or `error`.")
            try members.required("uid", &uid, doc: "The caller's user id.")
            try members.required("pid", &pid, doc: "The caller's process id when it connected.")
            try members.required(
                "duration_us",
                &durationMicroseconds,
                doc: "Microseconds from its arrival to the decision."
            )
            try members.required(
                "replay",
                &replay,
                doc: "Whether the answer was the remembered one to a repeated send."
            )
            try members.optional("error", &error, doc: "The kind of error.")
            try members.optional("reason", &reason, doc: "Why, in one word, also where the caller does not learn it.")
            try members.optional(
                "outcome",
                &outcome,
                doc: "Of an error: `not_sent`, `refused` (Mosaic did nothing) or `unknown`."
            )
            try members.optional("client", &client, doc: "The configured client that acted.")
            try members.optional("rule", &rule, doc: "The access rule that allowed it.")
            try members.optional("unit", &unit, doc: "The caller's systemd unit, where the agent has found it out.")
            try members.optional(
                "target",
                &target,
                doc: "The user it is about, as in the audit trail (`MOSAIC_TARGET`, `daemon.target_hash`)."
            )
            try members.optional("trace_id", &traceID, doc: "The caller's own id, from `meta.trace_id`.")
            try members.optional("upstream_status", &upstreamStatus, doc: "The HTTP status of Mosaic's answer.")
        }
    }
}

extension DaemonEvent {
    /// A user whose budget of attempts has just been used up.
    public struct ExhaustedTarget: WireObject, Hashable {
        /// The user.
        public var target = TargetHash()
        /// The configured client through which the last attempt was made.
        public var client = ""
        /// Failures in the window, by all callers.
        public var failures = 0
        /// The user id of the caller whose failure was the last.
        public var uid: UInt32 = 0
        /// When who has failed is let through again, if nothing else happens.
        public var retryAfterMilliseconds = 0

        /// All members blank.
        public init() {}

        /// A user whose budget is used up.
        public init(target: TargetHash, client: String, failures: Int, uid: UInt32, retryAfterMilliseconds: Int) {
            self.target = target
            self.client = client
            self.failures = failures
            self.uid = uid
            self.retryAfterMilliseconds = retryAfterMilliseconds
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "target",
                &target,
                doc: "The hash of the user: `MOSAIC_TARGET`, unless audit records have users as they are."
            )
            try members.required(
                "client",
                &client,
                doc: "The configured client through which the last attempt was made."
            )
            try members.required("failures", &failures, doc: "Failures in the window, by all callers.")
            try members.required("uid", &uid, doc: "The user id of the caller whose failure was the last.")
            try members.required(
                "retry_after_ms",
                &retryAfterMilliseconds,
                doc: "When those who have failed are let through again, if nothing else happens."
            )
        }
    }
}
