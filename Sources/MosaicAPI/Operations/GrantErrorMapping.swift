/// Says what a refusal of the token service means for a grant that a caller brought: a code, a refresh token (E1), or a
/// token to be revoked (E4).
///
/// | status | code or shape | meaning |
/// |---|---|---|
/// | 400, 401, 403 | `invalid_grant`, `access_denied`, `expired_token` | `invalid_token` |
/// | " | `invalid_client` | `credential_rejected` |
/// | " | `unauthorized_client`, `unsupported_grant_type`, `unsupported_token_type` | `not_configured` |
/// | " | `temporarily_unavailable`, `server_error` | `upstream_unavailable` |
/// | " | `invalid_request`, `invalid_scope`, `invalid_target` | `invalid_params` |
/// | 400 | a message without a code of any form | `upstream_protocol`: the answer of something in between |
/// | 400 | another JSON object: the older shapes say no more | `invalid_token` |
/// | 401 | another JSON object, or no body | `credential_rejected` |
/// | 401 | anything else | `upstream_protocol` |
/// | all else | – | by the status |
enum GrantErrorMapping {
    /// The failure that a refusal is.
    static func failure(_ refusal: UpstreamError) -> APIFailure {
        guard [400, 401, 403].contains(refusal.status) else { return refusal.failure(refusal.kindByStatus) }
        switch refusal.body.code {
        case "invalid_grant", "access_denied", "expired_token": return refusal.failure(.invalidToken)
        case "invalid_client": return refusal.failure(.credentialRejected)
        case "unauthorized_client", "unsupported_grant_type", "unsupported_token_type":
            return refusal.failure(.notConfigured)
        case "temporarily_unavailable", "server_error": return refusal.failure(.unavailable)
        case "invalid_request", "invalid_scope", "invalid_target": return refusal.failure(.invalidInput)
        default: break
        }
        switch refusal.status {
        case 400 where refusal.body.isObject && !refusal.isForeignBadRequest: return refusal.failure(.invalidToken)
        case 401: return refusal.failure(refusal.isTokenServices ? .credentialRejected : .protocolViolation)
        default: return refusal.failure(refusal.kindByStatus)
        }
    }
}
