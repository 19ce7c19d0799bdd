public import StrictJSON

/// `daemon.watch`: be told what happens in the agent, as it happens.
public enum DaemonWatch: AgentMethod {
    /// What to be told.
    public struct Parameters: WireObject, Hashable {
        /// The kinds of events; nil means all.
        public var events: [EventKind]?

        /// Watches events of these kinds, or all.
        public init(events: [EventKind]? = nil) { self.events = events }

        /// The schema of the parameters.
        public static let fields: [Field] = [
            Field(
                "events",
                .array(of: .choice(EventKind.watchable.map(\.name)), maximumCount: 32),
                doc: "The kinds of events to be told. Default, and for an empty array: all."
            )
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            events = try object.optionalTexts("events")?.map { EventKind($0) }
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) { writer.member("events", events?.map(\.name)) }
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
