public import Secrets
public import StrictJSON

/// `session.authenticate`: new tokens within an existing session, without asking the user (Mosaic E22).
public enum SessionAuthenticate: AgentMethod {
    /// The tokens and the session.
    public typealias Result = GrantedTokens

    /// Which session, and what the tokens are for.
    public struct Parameters: WireObject {
        /// The session, from an earlier authentication.
        public var sessionID = Secret.empty
        /// The resource URI that becomes the token's audience.
        public var resource: String?
        /// The organization a member logs in to.
        public var orgID: String?
        /// Further claims to be put into the tokens; passed on as the same text.
        public var claims: JSONText?
        /// What is known of the end user's own client.
        public var clientAttributes: ClientAttributes?
        /// The device that the end user uses.
        public var deviceID: String?

        /// All members blank.
        public init() {}

        /// The parameters; only the session is needed.
        public init(
            sessionID: Secret,
            resource: String? = nil,
            orgID: String? = nil,
            claims: JSONText? = nil,
            clientAttributes: ClientAttributes? = nil,
            deviceID: String? = nil
        ) {
            self.sessionID = sessionID
            self.resource = resource
            self.orgID = orgID
            self.claims = claims
            self.clientAttributes = clientAttributes
            self.deviceID = deviceID
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.heldSessionID(&sessionID)
            try members.resource(&resource)
            try members.orgID(&orgID)
            try members.claims(&claims)
            try members.clientAttributes(&clientAttributes)
            try members.deviceID(&deviceID)
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "session.authenticate",
        summary: "Returns new tokens within a session, without asking the user.",
        doc: """
            The session is also extended. Look at `amr` before you rely on it: it says how the user logged in, which may \
            be less than you ask for. Mosaic limits the rate; do not poll. A session that has expired or was ended is \
            error `invalid_token`: let the user log in again.
            """,
        requirement: .right(.session),
        retryClass: .effect,
        errors: .upstream + [.invalidToken, .notConfigured]
    )
}

extension GrantedTokens: MethodResult {}

extension MemberVisitor {
    /// `session_id` of a session that the caller has.
    mutating func heldSessionID(_ value: inout Secret) throws(Failure) {
        try required("session_id", &value, .text(1...4096), doc: "The session, as an authentication has returned it.")
    }
}

/// `session.list`: the backend sessions of a user (Mosaic E25).
public enum SessionList: AgentMethod {
    static let target = TargetRule.oneOf([.userID])

    /// Whose sessions.
    public struct Parameters: WireObject, Hashable {
        /// Mosaic's id of the user.
        public var userID = Identifier()

        /// All members blank.
        public init() {}

        /// The user's id.
        public init(userID: Identifier) { self.userID = userID }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.identifier(.userID, &userID)
        }
    }

    /// The sessions.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The sessions, in Mosaic's order.
        public var sessions: [Session] = []
        /// What the answer leaves out of the list.
        public var omitted: [String] = []

        /// All members blank.
        public init() {}

        /// Sessions.
        public init(sessions: [Session], omitted: [String] = []) {
            self.sessions = sessions
            self.omitted = omitted
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "sessions",
                &sessions,
                .array(of: .object(Session.self), maximumCount: Int.max),
                doc: "The sessions, in Mosaic's order; none is an empty array."
            )
            try members.omittedElements(&omitted, of: "sessions")
        }
    }

    /// One session.
    public struct Session: WireObject, Hashable {
        /// The session's id, with which it can be used.
        public var sessionID = Secret.empty
        /// When it began.
        public var startTime: String?
        /// When it ends.
        public var expirationTime: String?

        /// All members blank.
        public init() {}

        /// A session.
        public init(sessionID: Secret, startTime: String? = nil, expirationTime: String? = nil) {
            self.sessionID = sessionID
            self.startTime = startTime
            self.expirationTime = expirationTime
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("session_id", &sessionID, doc: "The session: who has it, can use it.")
            try members.optional(
                "start_time",
                &startTime,
                doc: "When it began, an ISO 8601 date and time as Mosaic writes it."
            )
            try members.optional("expiration_time", &expirationTime, doc: "When it ends, in the same form.")
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

/// `session.logout`: end a session (Mosaic E24).
public enum SessionLogout: AgentMethod {
    /// Nothing but that it is done.
    public typealias Result = EmptyResult

    /// Which session.
    public struct Parameters: WireObject, Hashable {
        /// The session.
        public var sessionID = Secret.empty

        /// All members blank.
        public init() {}

        /// The session that is to end.
        public init(sessionID: Secret) { self.sessionID = sessionID }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.heldSessionID(&sessionID)
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "session.logout",
        summary: "Ends a session and revokes its refresh tokens.",
        doc: """
            Access tokens that were issued already stay valid until they expire. A session that Mosaic does not know is \
            error `invalid_token`.
            """,
        requirement: .right(.session),
        retryClass: .effect,
        errors: .upstream + [.invalidToken, .notConfigured]
    )
}

/// `session.revoke`: end every backend session of a user (Mosaic E26).
public enum SessionRevoke: AgentMethod {
    /// Whose sessions.
    public typealias Parameters = SessionList.Parameters
    /// Nothing but that it is done.
    public typealias Result = EmptyResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "session.revoke",
        summary: "Ends every backend session of a user.",
        doc: """
            Access tokens that were issued already stay valid until they expire. To be called after a password reset, \
            which ends no sessions by itself.
            """,
        requirement: .right(.sessionAdmin),
        target: SessionList.target,
        retryClass: .effect,
        errors: .upstream + [.notFound, .notConfigured]
    )
}
