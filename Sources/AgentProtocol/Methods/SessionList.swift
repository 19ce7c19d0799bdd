public import Secrets
public import StrictJSON

/// `session.list`: the backend sessions of a user (Mosaic E25).
public enum SessionList: AgentMethod {
    static let target = TargetRule.oneOf([.userID])

    /// Whose sessions.
    public struct Parameters: WireObject, Hashable {
        /// Mosaic's id of the user.
        public var userID: Identifier

        /// The user's id.
        public init(userID: Identifier) { self.userID = userID }

        /// The schema of the parameters.
        public static let fields = target.fields()

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            userID = try object.identifier("user_id")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("user_id", userID)
        }
    }

    /// The sessions.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The sessions, in Mosaic's order.
        public var sessions: [Session]
        /// What the answer leaves out of the list.
        public var omitted: [String]

        /// Sessions.
        public init(sessions: [Session], omitted: [String] = []) {
            self.sessions = sessions
            self.omitted = omitted
        }

        /// The schema of the result.
        public static let fields: [Field] = [
            .required(
                "sessions",
                .array(of: .object(Session.self), maximumCount: Int.max),
                doc: "The sessions, in Mosaic's order; none is an empty array."
            ), .omittedElements(of: "sessions"),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            sessions = try object.objects("sessions")
            omitted = try object.optionalTexts("omitted") ?? []
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("sessions", sessions)
            writer.omitted(omitted)
        }
    }

    /// One session.
    public struct Session: WireObject, Hashable {
        /// The session's id, with which it can be used.
        public var sessionID: Secret
        /// When it began.
        public var startTime: String?
        /// When it ends.
        public var expirationTime: String?

        /// A session.
        public init(sessionID: Secret, startTime: String? = nil, expirationTime: String? = nil) {
            self.sessionID = sessionID
            self.startTime = startTime
            self.expirationTime = expirationTime
        }

        /// The schema of a session.
        public static let fields: [Field] = [
            .required("session_id", .anyText, isSensitive: true, doc: "The session: who has it, can use it."),
            Field("start_time", .anyText, doc: "When it began, an ISO 8601 date and time as Mosaic writes it."),
            Field("expiration_time", .anyText, doc: "When it ends, in the same form."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            sessionID = try object.secret("session_id")
            startTime = try object.optionalText("start_time")
            expirationTime = try object.optionalText("expiration_time")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("session_id", sessionID)
            writer.member("start_time", startTime)
            writer.member("expiration_time", expirationTime)
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "session.list",
        summary: "Lists the backend sessions of a user.",
        doc: "The ids in the result are as good as the sessions themselves, hence the right of its own.",
        requirement: .right(.sessionAdmin),
        target: target,
        retryClass: .read,
        errors: .upstream + [.notFound, .notConfigured, .resultTooLarge]
    )
}
