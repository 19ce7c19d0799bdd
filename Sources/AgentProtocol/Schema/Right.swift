/// A right that an access rule can give, as it is written in `Allow=`. Unknown names are kept.
public struct Right: OpenName {
    /// The name in configuration, documents and `system.hello`.
    public let name: String

    /// The right of that name.
    public init(_ name: String) { self.name = name }

    /// Log users in.
    public static let login = Right("login")
    /// Act on sessions whose artefact the caller holds.
    public static let session = Right("session")
    /// List and revoke the sessions of any user.
    public static let sessionAdmin = Right("session-admin")
    /// Refresh, revoke and verify user tokens.
    public static let token = Right("token")
    /// Check whether a candidate password is acceptable.
    public static let passwordCheck = Right("password-check")
    /// Run password resets.
    public static let reset = Right("reset")
    /// Create, read and change users.
    public static let users = Right("users")
    /// Set the passwords of any user.
    public static let credentials = Right("credentials")
    /// Read and change the login preferences of an application.
    public static let preferences = Right("preferences")
    /// Get the agent's own client access token.
    public static let clientToken = Right("client-token")

    /// Have one-time codes returned to the caller instead of sent.
    public static let otpDirect = Right("otp-direct")
    /// Send one-time codes to another address than the user's own.
    public static let otpRedirect = Right("otp-redirect")
    /// Have magic links returned to the caller instead of sent.
    public static let linkDirect = Right("link-direct")
    /// Have reset links returned to the caller instead of sent.
    public static let resetDirect = Right("reset-direct")
    /// Reset a password without the second factor.
    public static let resetIgnoreMFA = Right("reset-ignore-mfa")
    /// Replace the content of messages to users.
    public static let mailContent = Right("mail-content")

    /// The groups of methods.
    public static let groups: [Right] = [
        .login, .session, .sessionAdmin, .token, .passwordCheck, .reset, .users, .credentials, .preferences,
        .clientToken,
    ]
    /// Rights to single fields, which no group implies.
    public static let fieldRights: [Right] = [
        .otpDirect, .otpRedirect, .linkDirect, .resetDirect, .resetIgnoreMFA, .mailContent,
    ]
    /// The groups with which a caller can take over any account; no wildcard gives them.
    public static let takeover: [Right] = [.credentials, .users, .sessionAdmin, .preferences, .clientToken]
    /// All rights of this version.
    public static let known: [Right] = groups + fieldRights
}
