/// Says what a refusal by an endpoint means that acts on something the caller holds: a session, a token, a code (E15,
/// E16, E22–E24).
///
/// Next to nothing about these answers is documented, so the class of the status decides:
///
/// | status | code | meaning |
/// |---|---|---|
/// | 400, 401, 403, 404 | `system_invalid_input` | `invalid_params` |
/// | " | `app_not_exist`, `client_not_exist` | `not_configured` |
/// | " | another that begins with `auth_` or `user_` | `invalid_token` |
/// | 400, with a list of messages | – | `invalid_params`: the form of the request is wrong |
/// | 400, 401, 404 | anything else that is a JSON object | `invalid_token` |
/// | 400, 404 | no JSON object | `upstream_protocol`: the answer of something in between |
/// | 403 | message "User is not active", as E18 says it | `invalid_token`: the user was disabled since |
/// | 403 | anything else | `upstream_forbidden` |
/// | all else | – | by the status |
enum SessionErrorMapping {
    /// The failure that a refusal is.
    ///
    /// - Parameter refusal: The answer. A 401 must have passed ``UnauthorizedClassifier``.
    static func failure(_ refusal: UpstreamError) -> APIFailure {
        switch refusal.status {
        case 400, 401, 403, 404: break
        default: return refusal.failure(refusal.kindByStatus)
        }
        switch refusal.body.code {
        case "system_invalid_input": return refusal.failure(.invalidInput)
        case "app_not_exist", "client_not_exist": return refusal.failure(.notConfigured)
        default: break
        }
        if refusal.hasDecisionCode { return refusal.failure(.invalidToken) }
        switch refusal.status {
        case 403 where refusal.body.message?.lowercased() == "user is not active": return refusal.failure(.invalidToken)
        case 403: return refusal.failure(.forbidden)
        case 401: return refusal.failure(.invalidToken)
        case 400 where refusal.body.messageIsList: return refusal.failure(.invalidInput)
        default: return refusal.failure(refusal.body.isObject ? .invalidToken : .protocolViolation)
        }
    }
}
