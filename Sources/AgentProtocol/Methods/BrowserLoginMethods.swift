public import Secrets
public import StrictJSON

/// `password.login`: the password step of a login through the browser (Mosaic E5).
public enum PasswordLogin: AgentMethod {
    static let target = TargetRule.oneOf([.username, .email, .phoneNumber])

    /// Who wants to log in, with what, and where the browser goes.
    public struct Parameters: WireObject {
        /// The user, by user name, e-mail address or phone number.
        public var user = Target()
        /// The password as the user typed it.
        public var password = Secret.empty
        /// The registered redirect URI that receives the code.
        public var redirectURI = ""
        /// The resource URI that is to be accessed.
        public var resource: String?
        /// Whether a second factor is demanded.
        public var requireMFA: Bool?
        /// Further claims to be put into the tokens; passed on as the same text.
        public var claims: JSONText?
        /// The organization a member logs in to.
        public var orgID: String?

        /// All members blank.
        public init() {}

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

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "password",
                &password,
                .text(1...ProtocolLimits.maximumPasswordBytes),
                doc: "The password as the user typed it."
            )
            try members.required(
                "redirect_uri",
                &redirectURI,
                .text(1...2048),
                doc: "Where the browser arrives with a `code` in the end; it must be registered at Mosaic."
            )
            try members.target(&user, PasswordLogin.target)
            try members.resource(&resource)
            try members.optional("require_mfa", &requireMFA, doc: "Whether a second factor is demanded. Default false.")
            try members.claims(&claims)
            try members.orgID(&orgID)
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

extension PasswordLogin {
    /// What was decided.
    public enum Result: MethodResult, VerdictBearing {
        /// The password is right so far; the browser goes on at the URL.
        case `continue`(url: Secret)
        /// Not so; the reason is told only to callers whose rule says `Details=yes`.
        case denied(reason: String?)
        /// The password is right but must be replaced first.
        case passwordChangeRequired(PasswordChange)

        /// What was decided, by name.
        public var verdict: Verdict {
            switch self {
            case .continue: .continue
            case .denied: .denied
            case .passwordChangeRequired: .passwordChangeRequired
            }
        }

        /// The schema per verdict.
        public static let schema = Schema.verdicts([
            VerdictSchema(
                .continue,
                [
                    .required(
                        "url",
                        .anyText,
                        isSensitive: true,
                        doc: "Where the browser goes on; it carries the login."
                    )
                ],
                doc: "The password is right so far."
            ),
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
            case .continue: self = .continue(url: try object.required("url"))
            case .denied: self = .denied(reason: try object.optional("reason"))
            case .passwordChangeRequired: self = .passwordChangeRequired(try PasswordChange(reading: object))
            default:
                throw SchemaViolation(.choice(["continue", "denied", "password_change_required"]), at: "verdict")
            }
        }

        /// Writes the result.
        public func encode(to writer: inout JSONWriter) {
            writer.beginObject()
            writer.member("verdict", verdict.name)
            switch self {
            case .continue(let url): writer.member("url", url)
            case .denied(let reason): writer.member("reason", reason)
            case .passwordChangeRequired(let change): change.encodeMembers(to: &writer)
            }
            writer.endObject()
        }
    }
}

/// `code.exchange`: tokens for the code of a login through the browser (the code grant of Mosaic E1, or E16).
public enum CodeExchange: AgentMethod {
    /// The code and what it belongs to.
    public struct Parameters: WireObject, Hashable {
        /// The code.
        public var code = Secret.empty
        /// The redirect URI that it came to.
        public var redirectURI: String?
        /// The verifier of a login with PKCE.
        public var codeVerifier: Secret?
        /// Whether to use the deprecated endpoint E16.
        public var legacy: Bool?

        /// All members blank.
        public init() {}

        /// A code that came to `redirectURI`.
        public init(code: Secret, redirectURI: String, codeVerifier: Secret? = nil) {
            self.code = code
            self.redirectURI = redirectURI
            self.codeVerifier = codeVerifier
        }

        /// A code for the deprecated endpoint E16.
        public init(legacyCode: Secret) {
            code = legacyCode
            legacy = true
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "code",
                &code,
                .text(1...4096),
                doc: "The `code` that the browser has brought. It is spent by this call."
            )
            try members.optional(
                "redirect_uri",
                &redirectURI,
                .text(1...2048),
                doc: "The redirect URI that the code came to, as the login named it. Needed unless `legacy` is true."
            )
            try members.optional(
                "code_verifier",
                &codeVerifier,
                .text(43...128),
                doc: "The verifier, if the login was begun with a challenge (PKCE, RFC 7636). Not with `legacy`."
            )
            try members.optional(
                "legacy",
                &legacy,
                doc:
                    "Whether to use Mosaic's deprecated endpoint for codes of its older calls, which needs a client with "
                    + "a secret. Default false."
            )
        }

        /// Checks which members go together.
        public func checkMembers() throws(SchemaViolation) {
            if legacy == true {
                let others: [(String, Bool)] = [
                    ("redirect_uri", redirectURI != nil), ("code_verifier", codeVerifier != nil),
                ]
                for (name, isGiven) in others where isGiven {
                    throw SchemaViolation(.only("without legacy"), at: name)
                }
            } else if redirectURI == nil {
                throw SchemaViolation(.missing, at: "redirect_uri")
            }
        }
    }

    /// The tokens.
    public struct Result: WireObject, MethodResult {
        /// The tokens.
        public var tokens = IssuedTokens()
        /// Whether the login has created the user; only after an exchange with `legacy`.
        public var isUserCreated: Bool?

        /// All members blank.
        public init() {}

        /// Tokens.
        public init(tokens: IssuedTokens, isUserCreated: Bool? = nil) {
            self.tokens = tokens
            self.isUserCreated = isUserCreated
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try tokens.visit(&members)
            try members.optional(
                "is_user_created",
                &isUserCreated,
                doc: "Whether the login has created the user; only with `legacy`."
            )
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "code.exchange",
        summary: "Exchanges the code of a login through the browser for tokens.",
        doc: """
            The last step of what `password.login` began. A code that is wrong, spent, expired or came to another \
            redirect URI is error `invalid_token`: let the user log in again. With `legacy`, Mosaic refuses a wrong client \
            secret in the same words, so if every code is `invalid_token` there, look at the agent's health. `token_type` and `expires_in` are missing \
            only with `legacy`. `user_id` and `amr` are read from the ID token, which is vouched for by TLS and not by a \
            check of its signature.
            """,
        requirement: .right(.login),
        retryClass: .effect,
        errors: .upstream + [.invalidToken, .notConfigured]
    )
}
