/// An endpoint of the API that calls are made to with a client access token.
package enum APIEndpoint: String, Sendable, Hashable, CaseIterable {
    /// E17, `POST /v1/auth/password/authenticate`.
    case passwordAuthenticate = "password_authenticate"
    /// E18, `POST /v1/auth/link/email/send`.
    case linkSend = "link_send"
    /// E19, `POST /v1/auth/link/email/authenticate`.
    case linkAuthenticate = "link_authenticate"
    /// E20, `POST /v1/auth/otp/send`.
    case otpSend = "otp_send"
    /// E21, `POST /v1/auth/otp/authenticate`.
    case otpAuthenticate = "otp_authenticate"
    /// E6, `POST /v1/auth/password/reset/email/link`.
    case resetEmailLinkSend = "reset_email_link_send"
    /// E7, `POST /v1/auth/password/reset/link`.
    case resetLinkCreate = "reset_link_create"
    /// E8, `POST /v1/auth/password/reset/email/otp`.
    case resetEmailCodeSend = "reset_email_code_send"
    /// E9, `POST /v1/auth/password/reset/email/otp/validate`.
    case resetEmailCodeVerify = "reset_email_code_verify"
    /// E10, `POST /v1/auth/password/reset/sms/otp`.
    case resetSMSCodeSend = "reset_sms_code_send"
    /// E11, `POST /v1/auth/password/reset/sms/otp/validate`.
    case resetSMSCodeVerify = "reset_sms_code_verify"
    /// E12, `POST /v1/auth/password/reset/password/validate`.
    case resetPasswordVerify = "reset_password_verify"
    /// E13, `POST /v1/auth/password/reset`.
    case resetComplete = "reset_complete"
    /// E14, `POST /v1/auth/password/validate`.
    case passwordValidate = "password_validate"
    /// E27, `POST /v1/users`.
    case userCreate = "user_create"
    /// E31–E36, the look-ups of a single user.
    case userLookup = "user_lookup"
    /// E37, `GET /v1/users`.
    case userListing = "user_listing"
    /// E38, `PUT /v1/users/{user_id}`.
    case userUpdate = "user_update"
    /// E39, `GET /v1/users/{userId}/authenticators`.
    case userAuthenticators = "user_authenticators"
    /// E28, `POST /v1/users/{user_id}/password`.
    case passwordRegister = "password_register"
    /// E29, `PUT /v1/users/{user_id}/password`.
    case passwordUpdate = "password_update"
    /// E30, `POST /v1/users/me/password-credentials`.
    case passwordRegisterOwn = "password_register_own"
    /// E40, `GET /loginPreferences/{appId}`.
    case preferencesRead = "preferences_read"
    /// E41, `PUT /loginPreferences/{appId}/authMethods`.
    case preferencesUpdate = "preferences_update"
    /// E2, `GET /oidc/jwks`, and E3, `GET /oidc/.well-known/openid-configuration`.
    case keySet = "key_set"
    /// E1, `POST /oidc/token`, for grants that callers bring: a code, a refresh token.
    case tokenGrant = "token_grant"
    /// E4, `POST /oidc/token/revocation`.
    case tokenRevoke = "token_revoke"
    /// E5, `POST /v1/auth/password/login`.
    case passwordLogin = "password_login"
    /// E15, `POST /v1/auth/logout`.
    case userLogout = "user_logout"
    /// E16, `POST /v1/token`.
    case legacyToken = "legacy_token"
    /// E22, `POST /v1/auth/session/authenticate`.
    case sessionAuthenticate = "session_authenticate"
    /// E23, `POST /v1/auth/token/refresh`.
    case tokenRefresh = "token_refresh"
    /// E24, `POST /v1/auth/session/logout`.
    case sessionLogout = "session_logout"
    /// E25, `GET /v1/auth/users/{userId}/sessions`.
    case sessionList = "session_list"
    /// E26, `DELETE /v1/auth/users/{userId}/sessions`.
    case sessionRevoke = "session_revoke"

    /// Endpoints that stand and fall together at Mosaic, for the circuit breaker.
    package enum Group: String, Sendable, Hashable, CaseIterable {
        /// Backend authentication.
        case authentication
        /// Messages to users, which depend on providers of mail and SMS.
        case sending
        /// Password resets, but for their messages.
        case resets
        /// Users and their password credentials.
        case users
        /// Login preferences of applications.
        case preferences
        /// Sessions of users.
        case sessions
        /// The token service.
        case tokens
        /// Public keys and metadata.
        case metadata
    }

    /// The endpoints it belongs with.
    package var group: Group {
        switch self {
        case .linkSend, .otpSend, .resetEmailLinkSend, .resetEmailCodeSend, .resetSMSCodeSend: .sending
        case .resetLinkCreate, .resetEmailCodeVerify, .resetSMSCodeVerify, .resetPasswordVerify, .resetComplete: .resets
        case .passwordValidate, .userCreate, .userLookup, .userListing, .userUpdate, .userAuthenticators,
            .passwordRegister, .passwordUpdate, .passwordRegisterOwn:
            .users
        case .preferencesRead, .preferencesUpdate: .preferences
        case .passwordAuthenticate, .linkAuthenticate, .otpAuthenticate, .passwordLogin: .authentication
        case .userLogout, .sessionAuthenticate, .tokenRefresh, .sessionLogout, .sessionList, .sessionRevoke: .sessions
        case .tokenGrant, .tokenRevoke, .legacyToken: .tokens
        case .keySet: .metadata
        }
    }

    /// Hashes the case, not its text, which is what is done by default where there is one: tables of endpoints are looked at
    /// with every call.
    package func hash(into hasher: inout Hasher) {
        // Sound: an enumeration of at most 256 cases without values is one byte.
        hasher.combine(unsafe unsafeBitCast(self, to: UInt8.self))
    }

    /// Whether it answers as OAuth has it (RFC 6749, section 5.2).
    var isTokenService: Bool { self == .tokenGrant || self == .tokenRevoke }
}
