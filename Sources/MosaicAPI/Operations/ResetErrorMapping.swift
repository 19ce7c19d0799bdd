/// Says what a refusal of a factor of a password reset (E9, E11, E12) means.
///
/// The same codes come with different statuses, so the code counts. Before ``AuthenticationErrorMapping``, which holds for
/// everything else, come the answers that only resets get:
///
/// | status | code or message | meaning |
/// |---|---|---|
/// | 400, 401, 403, 404 | `auth_password_invalid_reset_token` | failure `invalid_token`: the first factor's token |
/// | " | `user_unknown_identifier_type` | failure `invalid_params` |
/// | 403 | of a code, a number and a message that does not speak of permissions | denied, wrong credentials |
/// | 404 | of a code, a number and a message | denied, unknown user |
/// | 401 | of a code, without a symbolic code | by the status: E9 and E11 decide by code, or by 403 and 404 |
enum ResetErrorMapping {
    /// What was checked.
    enum Factor: Sendable, CaseIterable {
        /// E9 and E11.
        case code
        /// E12.
        case password
    }

    /// What a refusal means.
    static func classify(_ refusal: UpstreamError, of factor: Factor) -> Result<ResetDecision, APIFailure> {
        switch refusal.status {
        case 400, 401, 403, 404: break
        default: return .failure(refusal.failure(refusal.kindByStatus))
        }
        switch refusal.body.code {
        case "auth_password_invalid_reset_token": return .failure(refusal.failure(.invalidToken))
        case "user_unknown_identifier_type": return .failure(refusal.failure(.invalidInput))
        default: break
        }
        if factor == .code, refusal.isPlain, !refusal.body.messageIsList, !refusal.speaksOfPermissions {
            if refusal.status == 403 { return .success(.denied(.wrongCredentials)) }
            if refusal.status == 404 { return .success(.denied(.unknownUser)) }
        }
        if factor == .code, refusal.status == 401, !refusal.hasContractCode, !refusal.hasDecisionCode {
            return .failure(refusal.failure(refusal.kindByStatus))
        }
        return AuthenticationErrorMapping.classify(refusal, joinsSession: false).map { .denied($0) }
    }
}
