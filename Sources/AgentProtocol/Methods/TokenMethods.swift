public import Secrets
public import StrictJSON

/// `client_token.get`: the agent's own client access token (Mosaic E1).
public enum ClientTokenGet: AgentMethod {
    /// For what, and for how long.
    public struct Parameters: WireObject, Hashable {
        /// Seconds that the token should still be good.
        public var minimumValiditySeconds = 0
        /// The resource URI that the token is for.
        public var resource: String?

        /// All members blank.
        public init() {}

        /// A token that is good for a while yet.
        public init(minimumValiditySeconds: Int, resource: String? = nil) {
            self.minimumValiditySeconds = minimumValiditySeconds
            self.resource = resource
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "min_valid_s",
                &minimumValiditySeconds,
                .integer(0...86_400),
                doc: "Seconds that the token should still be good. A shorter one comes only when no better one can be "
                    + "had; `expires_in` tells."
            )
            try members.resource(&resource)
        }
    }

    /// The token.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The client access token.
        public var accessToken = Secret.empty
        /// `Bearer`.
        public var tokenType = "Bearer"
        /// Seconds it is good, cautiously counted.
        public var expiresIn = 0

        /// All members blank.
        public init() {}

        /// A token.
        public init(accessToken: Secret, expiresIn: Int) {
            self.accessToken = accessToken
            self.expiresIn = expiresIn
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("access_token", &accessToken, doc: "The client access token.")
            try members.required("token_type", &tokenType, .choice(["Bearer"]), doc: "`Bearer`.")
            try members.required("expires_in", &expiresIn, doc: "Seconds it is good, a few less than Mosaic says.")
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "client_token.get",
        summary: "Returns the agent's own client access token, for calls that the agent does not make itself.",
        doc: """
            Who has the token can do at Mosaic whatever the client may, past every rule of the agent. It is fetched once \
            for all callers and renewed ahead of its end; ask again instead of keeping it.
            """,
        requirement: .right(.clientToken),
        retryClass: .read,
        errors: .upstream + [.notConfigured]
    )
}

/// `token.refresh`: spend a refresh token (Mosaic E23, or the refresh grant of E1).
public enum TokenRefresh: AgentMethod {
    /// The tokens, without a session.
    public typealias Result = IssuedTokens

    /// Which token.
    public struct Parameters: WireObject, Hashable {
        /// The refresh token.
        public var refreshToken = Secret.empty
        /// Where it comes from.
        public var kind = RefreshKind("")

        /// All members blank.
        public init() {}

        /// A refresh token to be spent.
        public init(refreshToken: Secret, kind: RefreshKind) {
            self.refreshToken = refreshToken
            self.kind = kind
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "refresh_token",
                &refreshToken,
                .text(1...ProtocolLimits.maximumTokenBytes),
                doc: "The refresh token. It is spent by this call."
            )
            try members.required(
                "kind",
                &kind,
                .choice(["backend", "oidc"]),
                doc: "Where it comes from: `backend` for authentications of the agent, `oidc` for a login through the "
                    + "browser (`code.exchange`)."
            )
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "token.refresh",
        summary: "Spends a refresh token and returns new tokens.",
        doc: """
            Refresh tokens rotate: store the new one before you use the new access token, and keep the old one only if \
            none comes back. Concurrent calls with the same token are one request, whose answer all of them get. The \
            session is neither changed nor extended; for a user who is present, prefer `session.authenticate`. A token \
            that is spent, expired or revoked is error `invalid_token`: let the user log in again. If the outcome is \
            `unknown`, the token may be spent.
            """,
        requirement: .right(.token),
        retryClass: .effect,
        errors: .upstream + [.invalidToken, .notConfigured]
    )
}

/// Where a refresh token comes from. Unknown names are kept.
public struct RefreshKind: OpenName {
    /// The name on the wire.
    public let name: String

    /// The kind of that name.
    public init(_ name: String) { self.name = name }

    /// A backend authentication.
    public static let backend = RefreshKind("backend")
    /// A login through the browser.
    public static let oidc = RefreshKind("oidc")
}

/// `token.revoke`: make a token worthless (Mosaic E4).
public enum TokenRevoke: AgentMethod {
    /// Nothing but that it is done.
    public typealias Result = EmptyResult

    /// Which token.
    public struct Parameters: WireObject, Hashable {
        /// The token.
        public var token = Secret.empty
        /// `access_token` or `refresh_token`.
        public var tokenTypeHint: String?

        /// All members blank.
        public init() {}

        /// A token to be revoked.
        public init(token: Secret, tokenTypeHint: String? = nil) {
            self.token = token
            self.tokenTypeHint = tokenTypeHint
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("token", &token, .text(1...ProtocolLimits.maximumTokenBytes), doc: "The token.")
            try members.optional(
                "token_type_hint",
                &tokenTypeHint,
                .choice(["access_token", "refresh_token"]),
                doc: "What sort of token it is, which spares Mosaic a search."
            )
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "token.revoke",
        summary: "Revokes a token, above all a refresh token.",
        doc: """
            Mosaic documents this for refresh tokens. An access token, once issued, is checked by its signature wherever \
            it is used and stays good there until it expires. A token that Mosaic does not know may be answered as done.
            """,
        requirement: .right(.token),
        retryClass: .effect,
        errors: .upstream + [.invalidToken, .notConfigured]
    )
}

/// `token.verify`: check a token of a user offline (keys from Mosaic E2, issuer from E3 where it is not configured).
public enum TokenVerify: AgentMethod {
    /// Which token, and what for.
    public struct Parameters: WireObject, Hashable {
        /// The token.
        public var token = Secret.empty
        /// What it is to be used as.
        public var tokenUse = TokenUse("")
        /// The resource that an access token must be for.
        public var resource: String?

        /// All members blank.
        public init() {}

        /// A token to be checked.
        public init(token: Secret, tokenUse: TokenUse, resource: String? = nil) {
            self.token = token
            self.tokenUse = tokenUse
            self.resource = resource
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("token", &token, .text(1...ProtocolLimits.maximumTokenBytes), doc: "The token.")
            try members.required(
                "token_use",
                &tokenUse,
                .choice(["access", "id"]),
                doc: "What the token is to be used as. A token of the other sort is not valid."
            )
            try members.optional(
                "resource",
                &resource,
                .text(1...2048),
                doc: "The resource URI that an access token must have as its `aud`. Default `userid-api`, the identity "
                    + "APIs. Only with `token_use: access`."
            )
        }

        /// Checks which members go together.
        public func checkMembers() throws(SchemaViolation) {
            if resource != nil, tokenUse == .id {
                throw SchemaViolation(.only("with token_use access"), at: "resource")
            }
        }
    }

    /// What the check has found.
    public struct Result: WireObject, MethodResult, Hashable {
        /// Whether the token is good.
        public var valid = false
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

        /// All members blank.
        public init() {}

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("valid", &valid, doc: "Whether the token is good.")
            try members.optional("claims", &claims, doc: "The claims of a good token, the token's own JSON text.")
            try members.optional(
                "reason",
                &reason,
                .text(1...64),
                doc:
                    "What is wrong with a bad token: `malformed`, `encrypted`, `algorithm`, `unknown_key`, `signature`, "
                    + "`issuer`, `tenant`, `client`, `audience`, `subject`, `expired` or `not_yet_valid`."
            )
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
