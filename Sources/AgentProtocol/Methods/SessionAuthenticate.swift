public import Secrets
public import StrictJSON

/// `session.authenticate`: new tokens within an existing session, without asking the user (Mosaic E22).
public enum SessionAuthenticate: AgentMethod {
    /// The tokens and the session.
    public typealias Result = GrantedTokens

    /// Which session, and what the tokens are for.
    public struct Parameters: WireObject {
        /// The session, from an earlier authentication.
        public var sessionID: Secret
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

        /// The schema of the parameters.
        public static let fields: [Field] = [
            .heldSessionID, .resource, .orgID, .claims, .clientAttributes, .deviceID,
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            sessionID = try object.secret("session_id")
            resource = try object.optionalText("resource")
            orgID = try object.optionalText("org_id")
            claims = try object.optionalJSON("claims")
            clientAttributes = try object.optionalObject("client_attributes")
            deviceID = try object.optionalText("device_id")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("session_id", sessionID)
            writer.member("resource", resource)
            writer.member("org_id", orgID)
            writer.member("claims", claims)
            writer.member("client_attributes", clientAttributes)
            writer.member("device_id", deviceID)
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

extension Field {
    /// `session_id` of a session that the caller has: read with `secret`.
    static let heldSessionID = Field.required(
        "session_id",
        .text(1...4096),
        isSensitive: true,
        doc: "The session, as an authentication has returned it."
    )
}
