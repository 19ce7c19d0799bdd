public import Secrets
public import StrictJSON

/// `token.revoke`: make a token worthless (Mosaic E4).
public enum TokenRevoke: AgentMethod {
    /// Nothing but that it is done.
    public typealias Result = EmptyResult

    /// Which token.
    public struct Parameters: WireObject, Hashable {
        /// The token.
        public var token: Secret
        /// `access_token` or `refresh_token`.
        public var tokenTypeHint: String?

        /// A token to be revoked.
        public init(token: Secret, tokenTypeHint: String? = nil) {
            self.token = token
            self.tokenTypeHint = tokenTypeHint
        }

        /// The schema of the parameters.
        public static let fields: [Field] = [
            .required("token", .text(1...ProtocolLimits.maximumTokenBytes), isSensitive: true, doc: "The token."),
            Field(
                "token_type_hint",
                .choice(["access_token", "refresh_token"]),
                doc: "What sort of token it is, which spares Mosaic a search."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            token = try object.secret("token")
            tokenTypeHint = try object.optionalText("token_type_hint")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("token", token)
            writer.member("token_type_hint", tokenTypeHint)
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
