public import Secrets
public import StrictJSON

/// `password.register_own`: a logged-in user's own first password (Mosaic E30).
public enum PasswordRegisterOwn: AgentMethod {
    /// Whose, and which.
    public struct Parameters: WireObject {
        /// The user's access token.
        public var accessToken: Secret
        /// The password.
        public var password: Secret
        /// The login name to set.
        public var username: Identifier?
        /// The device that registers.
        public var deviceID: String?

        /// A first password; the optional fields are set afterwards.
        public init(accessToken: Secret, password: Secret) {
            self.accessToken = accessToken
            self.password = password
        }

        /// The schema of the parameters.
        public static let fields: [Field] = [
            .required(
                "access_token",
                .formed(.bearerToken, 1...ProtocolLimits.maximumTokenBytes),
                isSensitive: true,
                doc: "The user's access token, as a login gave it."
            ),
            .newPassword, .usernameToSet, .deviceID,
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            accessToken = try object.secret("access_token")
            password = try object.secret("password")
            username = try object.optionalIdentifier("username")
            deviceID = try object.optionalText("device_id")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("access_token", accessToken)
            writer.member("password", password)
            writer.member("username", username)
            writer.member("device_id", deviceID)
        }
    }

    /// That it is done.
    public typealias Result = PasswordSetResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "password.register_own",
        summary: "Gives the user of a token a first password.",
        doc: """
            In the user's own name, not in the agent's: the token says who it is. The password is the user's own choice and \
            so not temporary. A user who has one already is a `conflict`; a token that Mosaic does not accept is \
            `invalid_token`. A rule with `Users=` does not allow it, since the agent does not know whose token it is.
            """,
        requirement: .right(.session),
        retryClass: .effect,
        errors: [
            .upstreamUnavailable, .upstreamRateLimited, .upstreamProtocol, .upstreamForbidden, .passwordRejected,
            .conflict, .notConfigured, .invalidToken,
        ]
    )
}
