public import Secrets
public import StrictJSON

/// The tokens of a user without a session: what a refresh or an exchange brings.
public struct IssuedTokens: WireObject, MethodResult {
    /// The user access token.
    public var accessToken: Secret
    /// `Bearer`; absent only after an exchange with `legacy`.
    public var tokenType: String?
    /// Seconds the access token is valid; absent only after an exchange with `legacy`.
    public var expiresIn: Int?
    /// The ID token.
    public var idToken: Secret?
    /// The refresh token.
    public var refreshToken: Secret?
    /// The user's id, from the ID token.
    public var userID: String?
    /// The methods the user has authenticated with, from the ID token.
    public var amr: [String]?

    /// Tokens.
    public init(
        accessToken: Secret,
        tokenType: String? = nil,
        expiresIn: Int? = nil,
        idToken: Secret? = nil,
        refreshToken: Secret? = nil,
        userID: String? = nil,
        amr: [String]? = nil
    ) {
        self.accessToken = accessToken
        self.tokenType = tokenType
        self.expiresIn = expiresIn
        self.idToken = idToken
        self.refreshToken = refreshToken
        self.userID = userID
        self.amr = amr
    }

    /// The schema of the members.
    public static let fields: [Field] = [
        .grantedAccessToken,
        Field("token_type", .anyText, doc: "`Bearer`."),
        Field("expires_in", .count, doc: "Seconds the access token is valid."),
        .grantedIDToken,
        Field(
            "refresh_token",
            .anyText,
            isSensitive: true,
            doc: "The refresh token to use from now on; without it, one that you have stays in use."
        ),
        .grantedUserID, .grantedAMR,
    ]

    /// Takes the values of the members.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        accessToken = try object.secret("access_token")
        tokenType = try object.optionalText("token_type")
        expiresIn = try object.optionalInteger("expires_in").map { Int(clamping: $0) }
        idToken = try object.optionalSecret("id_token")
        refreshToken = try object.optionalSecret("refresh_token")
        userID = try object.optionalText("user_id")
        amr = try object.optionalTexts("amr")
    }

    /// Writes the members.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.member("access_token", accessToken)
        writer.member("token_type", tokenType)
        writer.member("expires_in", expiresIn)
        writer.member("id_token", idToken)
        writer.member("refresh_token", refreshToken)
        writer.member("user_id", userID)
        writer.member("amr", amr)
    }
}
