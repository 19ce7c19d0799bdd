public import Secrets
public import StrictJSON

/// `password.login`: the password step of a login through the browser (Mosaic E5).
public enum PasswordLogin: AgentMethod {
    static let target = TargetRule.oneOf([.username, .email, .phoneNumber])

    /// Who wants to log in, with what, and where the browser goes.
    public struct Parameters: WireObject {
        /// The user, by user name, e-mail address or phone number.
        public var user: Target
        /// The password as the user typed it.
        public var password: Secret
        /// The registered redirect URI that receives the code.
        public var redirectURI: String
        /// The resource URI that is to be accessed.
        public var resource: String?
        /// Whether a second factor is demanded.
        public var requireMFA: Bool?
        /// Further claims to be put into the tokens; passed on as the same text.
        public var claims: JSONText?
        /// The organization a member logs in to.
        public var orgID: String?

        /// The parameters of a login; user, password and redirect URI are needed.
        public init(
            user: Target,
            password: Secret,
            redirectURI: String,
            resource: String? = nil,
            requireMFA: Bool? = nil,
            claims: JSONText? = nil,
            orgID: String? = nil
        ) {
            self.user = user
            self.password = password
            self.redirectURI = redirectURI
            self.resource = resource
            self.requireMFA = requireMFA
            self.claims = claims
            self.orgID = orgID
        }

        /// The schema of the parameters.
        public static let fields: [Field] =
            [
                .required(
                    "password",
                    .text(1...ProtocolLimits.maximumPasswordBytes),
                    isSensitive: true,
                    doc: "The password as the user typed it."
                ),
                .required(
                    "redirect_uri",
                    .text(1...2048),
                    doc: "Where the browser arrives with a `code` in the end; it must be registered at Mosaic."
                ),
            ] + target.fields() + [
                .resource,
                Field("require_mfa", .boolean, doc: "Whether a second factor is demanded. Default false."),
                .claims, .orgID,
            ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            user = try object.target(PasswordLogin.target)
            password = try object.secret("password")
            redirectURI = try object.text("redirect_uri")
            resource = try object.optionalText("resource")
            requireMFA = try object.optionalBoolean("require_mfa")
            claims = try object.optionalJSON("claims")
            orgID = try object.optionalText("org_id")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.target(user, PasswordLogin.target)
            writer.member("password", password)
            writer.member("redirect_uri", redirectURI)
            writer.member("resource", resource)
            writer.member("require_mfa", requireMFA)
            writer.member("claims", claims)
            writer.member("org_id", orgID)
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "password.login",
        summary: "Checks a user's password for a login through the browser, which goes on at the URL in the result.",
        doc: """
            `continue` is not yet a login: further steps may follow, and only the `code` that the browser brings to \
            `redirect_uri` in the end, spent with `code.exchange`, proves one. Anybody who has the URL can go on with the \
            login; give it to that browser only. A wrong password, an unknown, inactive or locked user are all `denied` \
            and take equally long. The login is to the agent's own client at Mosaic.
            """,
        requirement: .right(.login),
        target: target,
        budget: .attempts,
        retryClass: .effect,
        isUniform: true,
        errors: .upstream + [.notConfigured, .invalidToken]
    )
}
