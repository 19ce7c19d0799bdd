package import HTTPTypes

/// The endpoints that the sandbox serves, named as in the contract.
///
/// The table is the one place that knows paths, methods, classes and permissions; routing, faults, permission checks and the
/// request log read it. A further endpoint is a case here and a handler in `Routes/`.
package enum Endpoint: String, Sendable, CaseIterable, Codable {
    /// Token.
    case token = "E1"
    /// JSON Web Key Set.
    case keys = "E2"
    /// OpenID Connect discovery.
    case discovery = "E3"
    /// Login with password.
    case passwordLogin = "E5"
    /// Start reset by email link.
    case sendResetLink = "E6"
    /// Generate reset link.
    case createResetLink = "E7"
    /// Start reset by email OTP.
    case sendResetMail = "E8"
    /// Validate reset email OTP.
    case validateResetMail = "E9"
    /// Start reset by SMS OTP.
    case sendResetSMS = "E10"
    /// Validate reset SMS OTP.
    case validateResetSMS = "E11"
    /// Start reset by current password.
    case validateCurrentPassword = "E12"
    /// Reset password.
    case resetPassword = "E13"
    /// Validate candidate password.
    case checkPassword = "E14"
    /// Exchange code (deprecated).
    case exchangeCode = "E16"
    /// Token revocation.
    case revokeToken = "E4"
    /// Logout by user token.
    case logout = "E15"
    /// Authenticate password (backend).
    case authenticatePassword = "E17"
    /// Send email magic link.
    case sendLink = "E18"
    /// Authenticate magic link.
    case authenticateLink = "E19"
    /// Send OTP.
    case sendCode = "E20"
    /// Authenticate OTP.
    case authenticateCode = "E21"
    /// Authenticate session.
    case authenticateSession = "E22"
    /// Refresh tokens (backend).
    case refreshTokens = "E23"
    /// Logout session (backend).
    case logoutSession = "E24"
    /// List backend sessions.
    case listSessions = "E25"
    /// Revoke backend sessions.
    case revokeSessions = "E26"
    /// Create user.
    case createUser = "E27"
    /// Create password credentials.
    case createPassword = "E28"
    /// Update password.
    case updatePassword = "E29"
    /// Register own password.
    case registerPassword = "E30"
    /// Get user by username.
    case userByUsername = "E31"
    /// Get user by ID.
    case userByID = "E32"
    /// Get user by identifier.
    case userByIdentifier = "E33"
    /// Get user by email.
    case userByEmail = "E34"
    /// Get user by phone.
    case userByPhone = "E35"
    /// Get user by external ID.
    case userByExternalID = "E36"
    /// Search users.
    case searchUsers = "E37"
    /// Update user.
    case updateUser = "E38"
    /// List a user's authenticators.
    case listAuthenticators = "E39"
    /// Get login preferences.
    case loginPreferences = "E40"
    /// Update authentication methods.
    case updateAuthMethods = "E41"
}

extension Endpoint {
    /// What proves the caller's right to call.
    package enum Authentication: Sendable {
        /// Nothing, or credentials within the request itself.
        case none
        /// A client access token as bearer (CAT).
        case clientToken
        /// A user access token as bearer (UAT).
        case userToken
    }

    /// A group of endpoints that faults can name together.
    package enum Class: String, Sendable, CaseIterable, Codable {
        case token
        case keys
        case password
        case oneTime = "one-time"
        case reset
        case users
        case sessions
        case preferences
    }

    /// The HTTP method.
    package var method: HTTPRequest.Method {
        switch self {
        case .keys, .discovery, .userByUsername, .userByID: .get
        case .userByIdentifier, .userByEmail, .userByPhone, .userByExternalID, .searchUsers, .listAuthenticators,
            .loginPreferences, .listSessions:
            .get
        case .updateUser, .updateAuthMethods: .put
        case .revokeSessions: .delete
        case .revokeToken, .logout, .authenticateSession, .refreshTokens, .logoutSession, .registerPassword: .post
        case .updatePassword: .put
        case .sendResetLink, .createResetLink, .sendResetMail, .validateResetMail, .sendResetSMS, .validateResetSMS,
            .validateCurrentPassword, .resetPassword, .passwordLogin, .checkPassword, .exchangeCode:
            .post
        case .token, .authenticatePassword, .sendLink, .authenticateLink, .sendCode, .authenticateCode, .createUser,
            .createPassword:
            .post
        }
    }

    /// The paths it is served under, with parameters in braces; the first is the one the contract prefers.
    package var paths: [String] {
        switch self {
        case .token: ["/oidc/token", "/cis/oidc/token"]
        case .keys: ["/cis/oidc/jwks"]
        case .discovery: ["/cis/oidc/.well-known/openid-configuration"]
        case .authenticatePassword: ["/cis/v1/auth/password/authenticate"]
        case .passwordLogin: ["/cis/v1/auth/password/login"]
        case .checkPassword: ["/cis/v1/auth/password/validate"]
        case .exchangeCode: ["/cis/v1/token"]
        case .sendResetLink: ["/cis/v1/auth/password/reset/email/link"]
        case .createResetLink: ["/cis/v1/auth/password/reset/link"]
        case .sendResetMail: ["/cis/v1/auth/password/reset/email/otp"]
        case .validateResetMail: ["/cis/v1/auth/password/reset/email/otp/validate"]
        case .sendResetSMS: ["/cis/v1/auth/password/reset/sms/otp"]
        case .validateResetSMS: ["/cis/v1/auth/password/reset/sms/otp/validate"]
        case .validateCurrentPassword: ["/cis/v1/auth/password/reset/password/validate"]
        case .resetPassword: ["/cis/v1/auth/password/reset"]
        case .sendLink: ["/cis/v1/auth/link/email/send"]
        case .authenticateLink: ["/cis/v1/auth/link/email/authenticate"]
        case .sendCode: ["/cis/v1/auth/otp/send"]
        case .authenticateCode: ["/cis/v1/auth/otp/authenticate"]
        case .revokeToken: ["/cis/oidc/token/revocation", "/oidc/token/revocation"]
        case .logout: ["/cis/v1/auth/logout"]
        case .authenticateSession: ["/cis/v1/auth/session/authenticate"]
        case .refreshTokens: ["/cis/v1/auth/token/refresh"]
        case .logoutSession: ["/cis/v1/auth/session/logout"]
        case .listSessions, .revokeSessions: ["/cis/v1/auth/users/{user_id}/sessions"]
        case .registerPassword: ["/cis/v1/users/me/password-credentials"]
        case .userByIdentifier: ["/cis/v1/users/identifier"]
        case .userByEmail: ["/cis/v1/users/email/{email}"]
        case .userByPhone: ["/cis/v1/users/phone-number/{phone_number}", "/cis/v1/users/phone/{phone_number}"]
        case .userByExternalID: ["/cis/v1/users/external-user-id/{external_user_id}"]
        case .listAuthenticators: ["/cis/v1/users/{user_id}/authenticators"]
        case .loginPreferences: ["/cis/loginPreferences/{app_id}"]
        case .updateAuthMethods: ["/cis/loginPreferences/{app_id}/authMethods"]
        case .searchUsers: ["/cis/v1/users"]
        case .updateUser: ["/cis/v1/users/{user_id}"]
        case .createUser: ["/cis/v1/users"]
        case .createPassword, .updatePassword: ["/cis/v1/users/{user_id}/password"]
        case .userByUsername: ["/cis/v1/users/username/{username}"]
        case .userByID: ["/cis/v1/users/{user_id}"]
        }
    }

    /// What proves the caller's right to call.
    package var authentication: Authentication {
        switch self {
        case .passwordLogin, .exchangeCode, .validateCurrentPassword, .resetPassword: .none
        case .sendResetLink, .createResetLink, .sendResetMail, .validateResetMail, .sendResetSMS, .validateResetSMS,
            .checkPassword:
            .clientToken
        case .revokeToken: .none
        case .logout, .registerPassword: .userToken
        case .authenticateSession, .refreshTokens, .logoutSession, .listSessions, .revokeSessions, .userByIdentifier,
            .userByEmail, .userByPhone, .userByExternalID, .searchUsers, .updateUser, .listAuthenticators,
            .loginPreferences, .updateAuthMethods:
            .clientToken
        case .token, .keys, .discovery: .none
        case .authenticatePassword, .sendLink, .authenticateLink, .sendCode, .authenticateCode, .createUser,
            .createPassword, .updatePassword, .userByUsername, .userByID:
            .clientToken
        }
    }

    /// The class that faults know it by.
    package var `class`: Class {
        switch self {
        case .revokeToken: .token
        case .logout, .authenticateSession, .refreshTokens, .logoutSession, .listSessions, .revokeSessions: .sessions
        case .registerPassword, .userByIdentifier, .userByEmail, .userByPhone, .userByExternalID, .searchUsers,
            .updateUser, .listAuthenticators:
            .users
        case .loginPreferences, .updateAuthMethods: .preferences
        case .token: .token
        case .keys, .discovery: .keys
        case .sendResetLink, .createResetLink, .sendResetMail, .validateResetMail, .sendResetSMS, .validateResetSMS,
            .validateCurrentPassword, .resetPassword:
            .reset
        case .exchangeCode: .token
        case .authenticatePassword, .passwordLogin, .checkPassword: .password
        case .sendLink, .authenticateLink, .sendCode, .authenticateCode: .oneTime
        case .createUser, .createPassword, .updatePassword, .userByUsername, .userByID: .users
        }
    }

    /// The permissions of which a client with roles needs any one (contract 3.5); empty when none is stated.
    package func permissions(appID: String) -> [String] {
        switch self {
        case .token, .keys, .discovery, .authenticatePassword, .sendLink, .authenticateLink, .sendCode,
            .authenticateCode:
            []
        case .passwordLogin, .exchangeCode, .validateCurrentPassword, .resetPassword: []
        case .sendResetLink, .createResetLink, .sendResetMail, .validateResetMail, .sendResetSMS, .validateResetSMS,
            .checkPassword:
            ["apps:execute", "\(appID):execute", "auth:execute"]
        case .revokeToken, .logout, .authenticateSession, .registerPassword: []
        case .refreshTokens: ["apps:execute", "\(appID):execute", "auth:execute"]
        case .logoutSession, .revokeSessions: ["apps:delete", "\(appID):delete", "sessions:delete"]
        case .listSessions: ["apps:read", "\(appID):read", "sessions:read"]
        case .userByIdentifier, .userByEmail, .userByPhone, .userByExternalID:
            ["apps:read", "\(appID):read", "users:read"]
        case .searchUsers: ["users:read", "users:list", "apps:read", "\(appID):read", "apps:list", "\(appID):list"]
        case .updateUser: ["apps:edit", "\(appID):edit", "users:edit"]
        case .listAuthenticators:
            ["organizations:read", "orgs:read", "apps:read", "\(appID):read", "authenticators:read"]
        case .loginPreferences:
            ["apps:read", "*:read", "config:read", "authentication-methods:read", "\(appID):read"]
        case .updateAuthMethods:
            ["apps:edit", "*:edit", "config:edit", "authentication-methods:edit", "\(appID):edit"]
        case .createUser: ["apps:create", "\(appID):create", "users:create"]
        case .createPassword: ["apps:create", "\(appID):create", "authenticators:create"]
        case .updatePassword: ["apps:edit", "\(appID):edit", "authenticators:edit"]
        case .userByUsername, .userByID: ["apps:read", "\(appID):read", "users:read"]
        }
    }
}

/// A path with parameters in braces, such as `/cis/v1/users/{user_id}/password`.
struct PathTemplate: Sendable {
    private enum Segment {
        case literal(String)
        case parameter(String)
    }

    private let segments: [Segment]
    /// The template as written.
    let text: String

    init(_ text: String) {
        self.text = text
        self.segments = text.split(separator: "/").map { part in
            part.first == "{" && part.last == "}"
                ? .parameter(String(part.dropFirst().dropLast())) : .literal(String(part))
        }
    }

    /// Whether a request path, still percent-encoded, has this form.
    func matches(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        guard parts.count == segments.count else { return false }
        return zip(segments, parts).allSatisfy { segment, part in
            switch segment {
            case .literal(let text): text == part
            case .parameter: true
            }
        }
    }
}
