package import Secrets
import StrictJSON

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

/// What Mosaic decided about a factor of a password reset. That it could not be asked is an ``APIFailure`` instead.
package enum ResetDecision: Sendable {
    /// The factor is right.
    case granted(ResetToken)
    /// It is not.
    case denied(DenialReason)
}

/// The right to set a user's password once, for a few minutes.
package struct ResetToken: Sendable, Hashable {
    /// The token, a JWT.
    package let value: Secret
    /// Whether it is good only for a second factor's `prev_reset_token`: its claim `mfa_required`. `nil` when the token
    /// cannot be read.
    package let requiresMFA: Bool?

    /// A token and what it says.
    package init(value: Secret, requiresMFA: Bool?) {
        self.value = value
        self.requiresMFA = requiresMFA
    }

    /// Reads the 200 answer of E9, E11 and E12, `{result: "<token>"}`; `nil` when it breaks the contract.
    init?(parsing body: [UInt8]) {
        guard let root = UpstreamJSON.root(of: body),
            let value = root["result"]?.secret, !value.isEmpty
        else { return nil }
        self.value = value
        requiresMFA = UnverifiedToken.payload(of: value).map { $0["mfa_required"]?.boolean ?? false }
    }
}
