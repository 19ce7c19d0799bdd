public import Secrets
public import StrictJSON

/// `session.logout`: end a session (Mosaic E24).
public enum SessionLogout: AgentMethod {
    /// Nothing but that it is done.
    public typealias Result = EmptyResult

    /// Which session.
    public struct Parameters: WireObject, Hashable {
        /// The session.
        public var sessionID: Secret

        /// The session that is to end.
        public init(sessionID: Secret) { self.sessionID = sessionID }

        /// The schema of the parameters.
        public static let fields: [Field] = [.heldSessionID]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            sessionID = try object.secret("session_id")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("session_id", sessionID)
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
