package import Secrets
package import StrictJSON

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

/// What Mosaic decided about a code or a link. That it could not be asked is an ``APIFailure`` instead.
package enum AuthenticationDecision: Sendable {
    /// It is right.
    case granted(UserTokens)
    /// The login is refused.
    case denied(DenialReason)
}

/// Why Mosaic refused a login, as far as it said so. Only callers allowed to know and the journal may see it.
package enum DenialReason: String, Sendable, Hashable, CaseIterable {
    /// The identifier, password, code or link is wrong; also any refusal that gives no closer reason.
    case wrongCredentials = "wrong_credentials"
    /// The code is past its lifetime.
    case expired
    /// The code was bound to a send whose `request_id` was not given, or another one was.
    case wrongRequestID = "wrong_request_id"
    /// Too many failures; this way of logging in is suspended for a while.
    case locked
    /// The user or the credential is disabled.
    case notActive = "not_active"
    /// There is no such user in the application.
    case unknownUser = "unknown_user"
}

/// The optional fields that E19 and E21 share.
package struct AuthenticationOptions: Sendable {
    /// The request ID of the send call, mandatory once it was generated there.
    package var requestID: String?
    /// An existing session to join, for a second factor.
    package var sessionID: Secret?
    /// The organization of a B2B member.
    package var organizationID: String?
    /// The resource URI that becomes the `aud` of the user's access token.
    package var resource: String?
    /// The `claims` object, forwarded as it was written.
    package var claims: JSONText?
    /// The `client_attributes` object.
    package var clientAttributes: JSONText?
    /// The device that the end user uses.
    package var deviceID: String?

    /// No options; they are set afterwards.
    package init() {}

    /// More bytes than the fields take as JSON, unless nearly all of their characters need escapes.
    var size: Int {
        let texts = [requestID, organizationID, resource, deviceID].reduce(0) { $0 + 2 * ($1?.utf8.count ?? 0) }
        return 256 + texts + 2 * (sessionID?.count ?? 0) + (claims?.bytes.count ?? 0)
            + (clientAttributes?.bytes.count ?? 0)
    }

    /// Writes the fields that were given.
    func write(to writer: inout JSONWriter) {
        writer.field("request_id", requestID)
        writer.field("session_id", sessionID)
        writer.field("org_id", organizationID)
        writer.field("resource", resource)
        writer.field("claims", claims)
        writer.field("client_attributes", clientAttributes)
        writer.field("device_id", deviceID)
    }
}
