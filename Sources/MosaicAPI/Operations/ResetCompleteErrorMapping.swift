/// Says what a refusal of a new password (E13) means.
///
/// | status | code or message | failure |
/// |---|---|---|
/// | 400, 401, 403, 404 | `auth_password_weak`, `auth_password_breached`, `auth_password_recently_used` | `password_rejected` |
/// | " | `auth_password_policy_disabled`, `auth_login_preferences_missing`, `app_not_exist`, `client_not_exist` | `not_configured` |
/// | " | `system_invalid_input` | `invalid_params` |
/// | " | `auth_password_invalid_reset_token`, `user_not_found` | `invalid_token` |
/// | 400 | a message "redirect_uri is not…" | `not_configured` |
/// | 400 | messages that all begin with "reset_token" | `invalid_token` |
/// | 400 | messages that all begin with the name of another field than the password | `invalid_params` |
/// | 400 | messages without a code of any form | `upstream_protocol`: the answer of something in between |
/// | 400 | other messages | `password_rejected`, each message a violation |
/// | 401 | anything else; there is no other credential than the reset token | `invalid_token` |
/// | 403 | any other JSON object | `invalid_token`: unknown, expired, spent, or a second factor is missing |
/// | all else | | by status, see ``UpstreamError/kindByStatus`` |
enum ResetCompleteErrorMapping {
    /// The fields of E13 that a message may begin with, but for the password.
    private static let otherFields = ["redirect_uri", "resource", "require_mfa", tokenField]
    private static let tokenField = "reset_token"

    /// What a refusal means.
    static func failure(_ refusal: UpstreamError) -> APIFailure {
        switch refusal.status {
        case 400, 401, 403, 404: break
        default: return refusal.failure(refusal.kindByStatus)
        }
        if let known = byCode(refusal) { return known }
        switch refusal.status {
        case 400: return badRequest(refusal)
        case 401: return refusal.failure(.invalidToken)
        case 403 where refusal.body.isObject: return refusal.failure(.invalidToken)
        default: return refusal.failure(refusal.kindByStatus)
        }
    }

    private static func byCode(_ refusal: UpstreamError) -> APIFailure? {
        switch refusal.body.code {
        case "auth_password_weak", "auth_password_breached", "auth_password_recently_used": refusal.passwordRejection
        case "auth_password_policy_disabled", "auth_login_preferences_missing", "app_not_exist", "client_not_exist":
            refusal.failure(.notConfigured)
        case "system_invalid_input": refusal.failure(.invalidInput)
        case "auth_password_invalid_reset_token", "user_not_found": refusal.failure(.invalidToken)
        default: nil
        }
    }

    /// The older shape has no codes: only the words tell a weak password from another wrong value.
    private static func badRequest(_ refusal: UpstreamError) -> APIFailure {
        let messages = refusal.body.messages.map { $0.lowercased() }
        if messages.isEmpty || refusal.isForeignBadRequest { return refusal.failure(.protocolViolation) }
        if refusal.refusesRedirectURI { return refusal.failure(.notConfigured) }
        if messages.allSatisfy({ $0.hasPrefix(tokenField) }) { return refusal.failure(.invalidToken) }
        let concernsOthers = messages.allSatisfy { message in otherFields.contains { message.hasPrefix($0) } }
        return concernsOthers ? refusal.failure(.invalidInput) : refusal.passwordRejection
    }
}
