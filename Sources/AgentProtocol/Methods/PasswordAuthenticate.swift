public import Secrets
public import StrictJSON

/// `password.authenticate`: whether a password is the user's (Mosaic E17).
public enum PasswordAuthenticate: AgentMethod {
    /// Who wants to log in, and with what.
    public struct Parameters: WireObject {
        /// The identifier, of the kind that `usernameType` says.
        public var username = Identifier()
        /// The password as the user typed it.
        public var password = Secret.empty
        /// `username`, `email` or `phone_number`; nil is `username`.
        public var usernameType: IdentifierKind?
        /// An existing session to join, for a further factor.
        public var sessionID: Secret?
        /// The organization a member logs in to.
        public var orgID: String?
        /// The resource URI that becomes the token's audience.
        public var resource: String?
        /// Further claims to be put into the tokens, as in OpenID Connect; passed on as the same text.
        public var claims: JSONText?
        /// What is known of the end user's own client.
        public var clientAttributes: ClientAttributes?

        /// All members blank.
        public init() {}

        /// The parameters of a login; only user and password are needed.
        public init(
            username: Identifier,
            password: Secret,
            usernameType: IdentifierKind? = nil,
            sessionID: Secret? = nil,
            orgID: String? = nil,
            resource: String? = nil,
            claims: JSONText? = nil,
            clientAttributes: ClientAttributes? = nil
        ) {
            self.username = username
            self.password = password
            self.usernameType = usernameType
            self.sessionID = sessionID
            self.orgID = orgID
            self.resource = resource
            self.claims = claims
            self.clientAttributes = clientAttributes
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "username",
                &username,
                .text(1...ProtocolLimits.maximumIdentifierBytes),
                doc: "The identifier, of the kind that `username_type` says. Compared byte for byte."
            )
            try members.required(
                "password",
                &password,
                .text(1...ProtocolLimits.maximumPasswordBytes),
                doc: "The password as the user typed it."
            )
            try members.optional(
                "username_type",
                &usernameType,
                .choice(["username", "email", "phone_number"]),
                doc: "The kind of identifier in `username`, as it was registered. Default `username`."
            )
            try members.joinedSessionID(&sessionID)
            try members.orgID(&orgID)
            try members.resource(&resource)
            try members.claims(&claims)
            try members.clientAttributes(&clientAttributes)
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "password.authenticate",
        summary: "Checks a user's password and, if it is right, returns tokens and a session.",
        doc: """
            A wrong password, an unknown, inactive or locked user are all `denied` and take equally long; a refused \
            login is a result, never an error. Every `denied` counts as an attempt at Mosaic. `user_id` and `amr` are \
            read from the ID token, which is vouched for by TLS and not by a check of its signature.
            """,
        requirement: .right(.login),
        target: .typed(value: "username", kind: "username_type", defaultKind: .username),
        budget: .attempts,
        retryClass: .effect,
        isUniform: true,
        errors: AuthenticationResult.errors
    )
}

extension PasswordAuthenticate {
    /// What was decided.
    public enum Result: MethodResult, VerdictBearing {
        /// The password is right; here are the tokens.
        case granted(GrantedTokens)
        /// Not so; the reason is told only to callers whose rule says `Details=yes`.
        case denied(reason: String?)
        /// The password is right but must be replaced first.
        case passwordChangeRequired(cause: PasswordChangeCause, resetToken: Secret?)

        /// What was decided, by name.
        public var verdict: Verdict {
            switch self {
            case .granted: .granted
            case .denied: .denied
            case .passwordChangeRequired: .passwordChangeRequired
            }
        }

        /// The schema per verdict.
        public static let schema = Schema.verdicts([
            VerdictSchema(.granted, GrantedTokens.fields, doc: "The password is right."),
            .denied(doc: "Wrong password, or an unknown, inactive or locked user."),
            VerdictSchema(
                .passwordChangeRequired,
                PasswordChange.fields,
                doc: "The password is right but must be replaced first."
            ),
        ])

        /// Takes the values of the members that the verdict has.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            switch try object.required("verdict", as: Verdict.self) {
            case .granted:
                self = .granted(try GrantedTokens(reading: object))
            case .denied:
                self = .denied(reason: try object.optional("reason"))
            case .passwordChangeRequired:
                let change = try PasswordChange(reading: object)
                self = .passwordChangeRequired(cause: change.cause, resetToken: change.resetToken)
            default:
                throw SchemaViolation(
                    .choice(["granted", "denied", "password_change_required"]),
                    at: "verdict"
                )
            }
        }

        /// Writes the result.
        public func encode(to writer: inout JSONWriter) {
            writer.beginObject()
            writer.member("verdict", verdict.name)
            switch self {
            case .granted(let granted):
                granted.encodeMembers(to: &writer)
            case .denied(let reason):
                writer.member("reason", reason)
            case .passwordChangeRequired(let cause, let resetToken):
                PasswordChange(cause: cause, resetToken: resetToken).encodeMembers(to: &writer)
            }
            writer.endObject()
        }
    }
}

/// Why a password must be replaced. Unknown names are kept.
public struct PasswordChangeCause: OpenName {
    /// The name on the wire.
    public let name: String

    /// The cause of that name.
    public init(_ name: String) { self.name = name }

    /// The password is older than the policy allows.
    public static let expired = PasswordChangeCause("expired")
    /// The password was set by another person, for one use.
    public static let temporary = PasswordChangeCause("temporary")
}
