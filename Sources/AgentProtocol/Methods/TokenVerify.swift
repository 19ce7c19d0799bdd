public import Secrets
public import StrictJSON

/// `token.verify`: check a token of a user offline (keys from Mosaic E2, issuer from E3 where it is not configured).
public enum TokenVerify: AgentMethod {
    /// Which token, and what for.
    public struct Parameters: WireObject, Hashable {
        /// The token.
        public var token: Secret
        /// What it is to be used as.
        public var tokenUse: TokenUse
        /// The resource that an access token must be for.
        public var resource: String?

        /// A token to be checked.
        public init(token: Secret, tokenUse: TokenUse, resource: String? = nil) {
            self.token = token
            self.tokenUse = tokenUse
            self.resource = resource
        }

        /// The schema of the parameters.
        public static let fields: [Field] = [
            .required("token", .text(1...ProtocolLimits.maximumTokenBytes), isSensitive: true, doc: "The token."),
            .required(
                "token_use",
                .choice(["access", "id"]),
                doc: "What the token is to be used as. A token of the other sort is not valid."
            ),
            Field(
                "resource",
                .text(1...2048),
                doc: "The resource URI that an access token must have as its `aud`. Default `userid-api`, the identity "
                    + "APIs. Only with `token_use: access`."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            token = try object.secret("token")
            tokenUse = TokenUse(try object.text("token_use"))
            resource = try object.optionalText("resource")
            if resource != nil, tokenUse == .id {
                throw SchemaViolation(.only("with token_use access"), at: "resource")
            }
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("token", token)
            writer.member("token_use", tokenUse.name)
            writer.member("resource", resource)
        }
    }

    /// What the check has found.
    public struct Result: WireObject, MethodResult, Hashable {
        /// Whether the token is good.
        public var valid: Bool
        /// The claims of a good token, as the token has them.
        public var claims: JSONText?
        /// What is wrong with the token.
        public var reason: String?

        private init(valid: Bool, claims: JSONText?, reason: String?) {
            self.valid = valid
            self.claims = claims
            self.reason = reason
        }

        /// A good token.
        public static func valid(claims: JSONText) -> Result { Result(valid: true, claims: claims, reason: nil) }

        /// A bad one.
        public static func invalid(reason: String) -> Result { Result(valid: false, claims: nil, reason: reason) }

        /// The schema of the result.
        public static let fields: [Field] = [
            .required("valid", .boolean, doc: "Whether the token is good."),
            Field("claims", .anyObject, doc: "The claims of a good token, the token's own JSON text."),
            Field(
                "reason",
                .text(1...64),
                doc:
                    "What is wrong with a bad token: `malformed`, `encrypted`, `algorithm`, `unknown_key`, `signature`, "
                    + "`issuer`, `tenant`, `client`, `audience`, `subject`, `expired` or `not_yet_valid`."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            valid = try object.boolean("valid")
            claims = try object.optionalJSON("claims")
            reason = try object.optionalText("reason")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("valid", valid)
            writer.member("claims", claims)
            writer.member("reason", reason)
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "token.verify",
        summary: "Checks a user's access token or ID token without asking Mosaic about it.",
        doc: """
            Checked are the signature (RS256 or ES256) against the issuer's published keys, which the agent keeps for an \
            hour, `iss`, `tid`, `client_id` and `aud`, `sub`, and `exp`, `nbf` and `iat` with 60 s of leeway. A key that \
            the agent does not know has the keys fetched again, at most once a minute. A session that was ended or a \
            token that was revoked does not show here. An encrypted ID token is not valid, `reason` `encrypted`. Without \
            any keys the answer is error `upstream_unavailable`.
            """,
        requirement: .right(.token),
        retryClass: .read,
        errors: [
            .upstreamUnavailable, .upstreamRateLimited, .credentialRejected, .upstreamProtocol, .upstreamForbidden,
        ]
    )
}

/// What a token is to be used as. Unknown names are kept.
public struct TokenUse: OpenName {
    /// The name on the wire.
    public let name: String

    /// The use of that name.
    public init(_ name: String) { self.name = name }

    /// An access token.
    public static let access = TokenUse("access")
    /// An ID token.
    public static let id = TokenUse("id")
}
