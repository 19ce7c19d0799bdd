public import Secrets
public import StrictJSON

/// The tokens and the session of a user who has logged in.
public struct GrantedTokens: WireObject {
    /// The user access token.
    public var accessToken: Secret
    /// `Bearer`.
    public var tokenType: String
    /// Seconds the access token is valid.
    public var expiresIn: Int
    /// The session at Mosaic.
    public var sessionID: Secret
    /// The ID token.
    public var idToken: Secret?
    /// The refresh token.
    public var refreshToken: Secret?
    /// The user's id, from the ID token.
    public var userID: String?
    /// The methods the user has authenticated with, from the ID token.
    public var amr: [String]?

    /// Tokens and session.
    public init(
        accessToken: Secret,
        tokenType: String,
        expiresIn: Int,
        sessionID: Secret,
        idToken: Secret? = nil,
        refreshToken: Secret? = nil,
        userID: String? = nil,
        amr: [String]? = nil
    ) {
        self.accessToken = accessToken
        self.tokenType = tokenType
        self.expiresIn = expiresIn
        self.sessionID = sessionID
        self.idToken = idToken
        self.refreshToken = refreshToken
        self.userID = userID
        self.amr = amr
    }

    /// The schema of the members beside `verdict`.
    public static let fields: [Field] = [
        .grantedAccessToken,
        .required("token_type", .anyText, doc: "`Bearer`."),
        .required("expires_in", .count, doc: "Seconds the access token is valid."),
        .required("session_id", .anyText, isSensitive: true, doc: "The session at Mosaic."),
        .grantedIDToken,
        Field("refresh_token", .anyText, isSensitive: true, doc: "The refresh token."),
        .grantedUserID, .grantedAMR,
    ]

    /// Takes the values of the members.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        accessToken = try object.secret("access_token")
        tokenType = try object.text("token_type")
        expiresIn = try object.integer("expires_in", as: Int.self)
        sessionID = try object.secret("session_id")
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
        writer.member("session_id", sessionID)
        writer.member("id_token", idToken)
        writer.member("refresh_token", refreshToken)
        writer.member("user_id", userID)
        writer.member("amr", amr)
    }
}
