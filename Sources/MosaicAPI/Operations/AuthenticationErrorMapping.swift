/// Says what a refusal of a backend authentication (E17, E19, E21) means: a decision about the user, or a failure to
/// decide.
///
/// Mosaic documents few of these answers and lets their shapes differ, so this goes by the class of the status first and
/// by the code second:
///
/// | status | code or message | meaning |
/// |---|---|---|
/// | 3xx, other 4xx | – | failure `upstream_protocol` |
/// | 408, 5xx | any | failure `upstream_unavailable` |
/// | 429 | any | failure `upstream_rate_limited` |
/// | 400, 401, 403, 404 | "Session not found", when a session was to be joined | failure `invalid_token`, whose effect is not known |
/// | " | `auth_invalid_credentials` | denied, wrong credentials |
/// | " | `auth_otp_passcode_expired` | denied, expired |
/// | " | `auth_otp_invalid_request_id` | denied, wrong request id |
/// | " | `auth_locked` | denied, locked |
/// | " | `user_not_active`, `auth_not_active` | denied, not active |
/// | " | `user_not_found` | denied, unknown user |
/// | " | `auth_login_preferences_missing`, `auth_password_policy_disabled`, `external_provider_configuration_error`, `app_not_exist`, `client_not_exist` | failure `not_configured` |
/// | " | `system_invalid_input`, `user_unknown_identifier_type` | failure `invalid_params` |
/// | " | `system_forbidden` | failure `upstream_forbidden` |
/// | " | `system_service_unavailable` | failure `upstream_unavailable` |
/// | 400 | "Session not found" otherwise | failure `upstream_protocol` |
/// | 400 | "User not found" without a symbolic code | denied, unknown user |
/// | 400 | "Invalid magic link code" without a symbolic code | denied, wrong credentials |
/// | 400 | another `auth_` or `user_` code | denied, wrong credentials |
/// | 400 | another code, a list of messages, no message, no JSON | failure `upstream_protocol` |
/// | 400 | another message, with 400 as its number | denied, wrong credentials |
/// | 400 | another message without a code | failure `upstream_protocol`: the answer of something in between |
/// | 401 | another JSON object that ``UnauthorizedClassifier`` took for the endpoint's answer | denied, wrong credentials |
/// | 401 | no JSON object | failure `upstream_protocol` |
/// | 403 | anything else | failure `upstream_forbidden` |
/// | 404 | anything else | failure `upstream_protocol` |
enum AuthenticationErrorMapping {
    /// What a refusal means.
    ///
    /// - Parameters:
    ///   - refusal: The answer. A 401 must have passed ``UnauthorizedClassifier``.
    ///   - joinsSession: Whether the request named a session to join.
    static func classify(_ refusal: UpstreamError, joinsSession: Bool) -> Result<DenialReason, APIFailure> {
        switch refusal.status {
        case 400, 401, 403, 404: break
        default: return .failure(refusal.failure(refusal.kindByStatus))
        }
        // Before the code: with E21 the same sentence comes under `system_invalid_input`.
        // The code may have been spent, or the attempt counted, before the session was looked at.
        if joinsSession, speaksOfSession(refusal) {
            return .failure(refusal.failure(.invalidToken).with(outcome: .answered))
        }
        if let known = byCode(refusal) { return known }
        switch refusal.status {
        case 400: return badRequest(refusal)
        case 401 where refusal.body.isObject: return .success(.wrongCredentials)
        case 401: return .failure(refusal.failure(.protocolViolation))
        default: return .failure(refusal.failure(refusal.kindByStatus))
        }
    }

    private static func byCode(_ refusal: UpstreamError) -> Result<DenialReason, APIFailure>? {
        switch refusal.body.code {
        case "auth_invalid_credentials": .success(.wrongCredentials)
        case "auth_otp_passcode_expired": .success(.expired)
        case "auth_otp_invalid_request_id": .success(.wrongRequestID)
        case "auth_locked": .success(.locked)
        case "user_not_active", "auth_not_active": .success(.notActive)
        case "user_not_found": .success(.unknownUser)
        case "auth_login_preferences_missing", "auth_password_policy_disabled", "external_provider_configuration_error",
            "app_not_exist", "client_not_exist":
            .failure(refusal.failure(.notConfigured))
        case "system_invalid_input", "user_unknown_identifier_type": .failure(refusal.failure(.invalidInput))
        case "system_forbidden": .failure(refusal.failure(.forbidden))
        case "system_service_unavailable": .failure(refusal.failure(.unavailable))
        default: nil
        }
    }

    private static func speaksOfSession(_ refusal: UpstreamError) -> Bool {
        refusal.body.message?.lowercased() == "session not found"
    }

    private static func badRequest(_ refusal: UpstreamError) -> Result<DenialReason, APIFailure> {
        let body = refusal.body
        let message = body.message?.lowercased()
        if speaksOfSession(refusal) { return .failure(refusal.failure(.protocolViolation)) }
        if refusal.hasDecisionCode { return .success(.wrongCredentials) }
        // Lists come from a validator that disliked the form of the request; edges and gateways answer without JSON, or
        // with JSON of their own. None of them has looked at the credential.
        guard body.code == nil, message != nil, !body.messageIsList, !refusal.isForeignBadRequest else {
            return .failure(refusal.failure(.protocolViolation))
        }
        return .success(message == "user not found" ? .unknownUser : .wrongCredentials)
    }
}
