public import Secrets
public import StrictJSON

/// `token.refresh`: spend a refresh token (Mosaic E23, or the refresh grant of E1).
public enum TokenRefresh: AgentMethod {
    /// The tokens, without a session.
    public typealias Result = IssuedTokens

    /// Which token.
    public struct Parameters: WireObject, Hashable {
        /// The refresh token.
        public var refreshToken: Secret
        /// Where it comes from.
        public var kind: RefreshKind

        /// A refresh token to be spent.
        public init(refreshToken: Secret, kind: RefreshKind) {
            self.refreshToken = refreshToken
            self.kind = kind
        }

        /// The schema of the parameters.
        public static let fields: [Field] = [
            .required(
                "refresh_token",
                .text(1...ProtocolLimits.maximumTokenBytes),
                isSensitive: true,
                doc: "The refresh token. It is spent by this call."
            ),
            .required(
                "kind",
                .choice(["backend", "oidc"]),
                doc: "Where it comes from: `backend` for authentications of the agent, `oidc` for a login through the "
                    + "browser (`code.exchange`)."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            refreshToken = try object.secret("refresh_token")
            kind = RefreshKind(try object.text("kind"))
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("refresh_token", refreshToken)
            writer.member("kind", kind.name)
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
