public import Secrets
public import StrictJSON

/// `user.logout`: end the session that a user's access token belongs to (Mosaic E15).
public enum UserLogout: AgentMethod {
    /// Which token.
    public struct Parameters: WireObject, Hashable {
        /// The user's access token.
        public var accessToken: Secret

        /// The token of the user who logs out.
        public init(accessToken: Secret) { self.accessToken = accessToken }

        /// The schema of the parameters.
        public static let fields: [Field] = [
            .required(
                "access_token",
                .formed(.bearerToken, 1...ProtocolLimits.maximumTokenBytes),
                isSensitive: true,
                doc: "The user's access token, with which the agent speaks to Mosaic in the user's name."
            )
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            accessToken = try object.secret("access_token")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("access_token", accessToken)
        }
    }

    /// What Mosaic says it did.
    public struct Result: WireObject, MethodResult, Hashable {
        /// How many sessions were ended, if Mosaic says so.
        public var sessionsCount: Int?

        /// A log-out.
        public init(sessionsCount: Int? = nil) { self.sessionsCount = sessionsCount }

        /// The schema of the result.
        public static let fields: [Field] = [
            Field("sessions_count", .count, doc: "How many sessions were ended, if Mosaic says so.")
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            sessionsCount = try object.optionalInteger("sessions_count").map { Int(clamping: $0) }
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("sessions_count", sessionsCount)
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "user.logout",
        summary: "Ends the session that a user's access token belongs to.",
        doc: """
            For sessions of a login through the browser; `session.logout` ends those of backend authentications. A token \
            that has expired or that Mosaic does not know is error `invalid_token`.
            """,
        requirement: .right(.session),
        retryClass: .effect,
        errors: .upstream + [.invalidToken, .notConfigured]
    )
}
