public import Secrets
public import StrictJSON

/// `code.exchange`: tokens for the code of a login through the browser (the code grant of Mosaic E1, or E16).
public enum CodeExchange: AgentMethod {
    /// The code and what it belongs to.
    public struct Parameters: WireObject, Hashable {
        /// The code.
        public var code: Secret
        /// The redirect URI that it came to.
        public var redirectURI: String?
        /// The verifier of a login with PKCE.
        public var codeVerifier: Secret?
        /// Whether to use the deprecated endpoint E16.
        public var legacy: Bool?

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

        /// The schema of the parameters.
        public static let fields: [Field] = [
            .required(
                "code",
                .text(1...4096),
                isSensitive: true,
                doc: "The `code` that the browser has brought. It is spent by this call."
            ),
            Field(
                "redirect_uri",
                .text(1...2048),
                doc: "The redirect URI that the code came to, as the login named it. Needed unless `legacy` is true."
            ),
            Field(
                "code_verifier",
                .text(43...128),
                isSensitive: true,
                doc: "The verifier, if the login was begun with a challenge (PKCE, RFC 7636). Not with `legacy`."
            ),
            Field(
                "legacy",
                .boolean,
                doc:
                    "Whether to use Mosaic's deprecated endpoint for codes of its older calls, which needs a client with "
                    + "a secret. Default false."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            code = try object.secret("code")
            redirectURI = try object.optionalText("redirect_uri")
            codeVerifier = try object.optionalSecret("code_verifier")
            legacy = try object.optionalBoolean("legacy")
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

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("code", code)
            writer.member("redirect_uri", redirectURI)
            writer.member("code_verifier", codeVerifier)
            writer.member("legacy", legacy)
        }
    }

    /// The tokens.
    public struct Result: WireObject, MethodResult {
        /// The tokens.
        public var tokens: IssuedTokens
        /// Whether the login has created the user; only after an exchange with `legacy`.
        public var isUserCreated: Bool?

        /// Tokens.
        public init(tokens: IssuedTokens, isUserCreated: Bool? = nil) {
            self.tokens = tokens
            self.isUserCreated = isUserCreated
        }

        /// The schema of the result.
        public static let fields: [Field] =
            IssuedTokens.fields + [
                Field("is_user_created", .boolean, doc: "Whether the login has created the user; only with `legacy`.")
            ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            tokens = try IssuedTokens(reading: object)
            isUserCreated = try object.optionalBoolean("is_user_created")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            tokens.encodeMembers(to: &writer)
            writer.member("is_user_created", isUserCreated)
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
