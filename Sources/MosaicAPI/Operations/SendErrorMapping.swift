import Secrets
import StrictJSON

/// Says what a refusal of a send (E6, E8, E10, E18, E20) means: no user to send to, or a failure.
///
/// The endpoints answer in different shapes; where a table of an endpoint has more, its ``Rules`` say so:
///
/// | status | code or message | meaning |
/// |---|---|---|
/// | 400, 401, 403, 404 | message "redirect_uri is not…" | failure `not_configured` |
/// | " | `user_not_found`, or message "User not found" | withheld, unknown user |
/// | " | message "Public signup is not allowed…" | withheld, signup closed |
/// | " | `user_not_active`, or message "User is not active" | withheld, not active |
/// | " | `auth_locked` | withheld, locked |
/// | " | `user_email_address_missing`, `user_phone_number_missing` | withheld, no address |
/// | " | `auth_login_preferences_missing`, `external_provider_configuration_error`, `app_not_exist`, `client_not_exist`, or message "App not found" | failure `not_configured` |
/// | " | `auth_password_invalid_reset_token` | as the rules say, else failure `invalid_token` |
/// | " | `system_invalid_input`, `user_unknown_identifier_type`, or a list of messages | failure `invalid_params` |
/// | 400 | other messages without a code of any form | failure `upstream_protocol`: the answer of something in between |
/// | 403 | `system_forbidden` | as the rules say, else failure `upstream_forbidden` |
/// | 403, 404 | a number, and another message that does not speak of permissions | as the rules say, else by the status |
/// | all else | – | by the status: 403 `upstream_forbidden`, 408 and 5xx `upstream_unavailable`, 429 `upstream_rate_limited`, else `upstream_protocol` |
package enum SendErrorMapping {
    /// What differs between endpoints: the meaning of answers that have no code of their own.
    package struct Rules: Sendable, Hashable {
        /// A 403 of an older shape, with a message that is not known.
        package var plain403: WithholdingReason?
        /// A 404 of an older shape, with a message that is not known.
        package var plain404: WithholdingReason?
        /// `system_forbidden`.
        package var systemForbidden: WithholdingReason?
        /// `auth_password_invalid_reset_token`, which only users get who exist.
        package var invalidResetToken: WithholdingReason?

        /// Rules; without any, such answers are failures.
        package init(
            plain403: WithholdingReason? = nil,
            plain404: WithholdingReason? = nil,
            systemForbidden: WithholdingReason? = nil,
            invalidResetToken: WithholdingReason? = nil
        ) {
            self.plain403 = plain403
            self.plain404 = plain404
            self.systemForbidden = systemForbidden
            self.invalidResetToken = invalidResetToken
        }
    }

    /// What a refusal means.
    package static func classify<Receipt>(
        _ refusal: UpstreamError,
        rules: Rules = Rules()
    ) -> Result<SendDecision<Receipt>, APIFailure> {
        switch refusal.status {
        case 400, 401, 403, 404: break
        default: return .failure(refusal.failure(refusal.kindByStatus))
        }
        // Whatever its code: the shapes of E6, E7 and E18 differ, the words do not.
        if refusal.refusesRedirectURI { return .failure(refusal.failure(.notConfigured)) }
        switch byCode(refusal, rules) ?? byMessage(refusal) ?? byStatus(refusal, rules) {
        case .success(let reason): return .success(.withheld(reason))
        case .failure(let failure): return .failure(failure)
        }
    }

    private static func byCode(_ refusal: UpstreamError, _ rules: Rules) -> Result<WithholdingReason, APIFailure>? {
        switch refusal.body.code {
        case "user_not_found": return .success(.unknownUser)
        case "user_not_active": return .success(.notActive)
        case "auth_locked": return .success(.locked)
        case "user_email_address_missing", "user_phone_number_missing": return .success(.noAddress)
        case "auth_login_preferences_missing", "external_provider_configuration_error", "app_not_exist",
            "client_not_exist":
            return .failure(refusal.failure(.notConfigured))
        case "auth_password_invalid_reset_token":
            return rules.invalidResetToken.map { .success($0) } ?? .failure(refusal.failure(.invalidToken))
        case "system_invalid_input", "user_unknown_identifier_type": return .failure(refusal.failure(.invalidInput))
        case "system_forbidden": return rules.systemForbidden.map { .success($0) }
        default: return nil
        }
    }

    private static func byMessage(_ refusal: UpstreamError) -> Result<WithholdingReason, APIFailure>? {
        guard refusal.body.code == nil, refusal.status != 401 else { return nil }
        if refusal.isForeignBadRequest { return .failure(refusal.failure(.protocolViolation)) }
        if refusal.body.messageIsList { return .failure(refusal.failure(.invalidInput)) }
        guard let message = refusal.body.message?.lowercased() else { return nil }
        switch message {
        case "user not found": return .success(.unknownUser)
        case "user is not active": return .success(.notActive)
        case "app not found": return .failure(refusal.failure(.notConfigured))
        default: break
        }
        if message.hasPrefix("public signup is not allowed") { return .success(.signupClosed) }
        return nil
    }

    private static func byStatus(_ refusal: UpstreamError, _ rules: Rules) -> Result<WithholdingReason, APIFailure> {
        // An answer that names its status in the body comes from the application; one of the network's edge does not.
        let isPlain = refusal.isPlain && !refusal.speaksOfPermissions
        if isPlain, refusal.status == 403, let reason = rules.plain403 { return .success(reason) }
        if isPlain, refusal.status == 404, let reason = rules.plain404 { return .success(reason) }
        return .failure(refusal.failure(refusal.kindByStatus))
    }
}

/// What became of a message that Mosaic was to send to a user. That it could not be asked is an ``APIFailure`` instead.
package enum SendDecision<Receipt: Sendable>: Sendable {
    /// It is on its way.
    case sent(Receipt)
    /// There is no user to send it to, which an uninvited caller must not learn.
    case withheld(WithholdingReason)
}

/// Why Mosaic sent nothing. Only callers allowed to know and the journal may see it.
package enum WithholdingReason: String, Sendable, Hashable, CaseIterable {
    /// There is no such user in the application.
    case unknownUser = "unknown_user"
    /// There is no such user, and the application does not let new ones sign up.
    case signupClosed = "signup_closed"
    /// The user is disabled.
    case notActive = "not_active"
    /// The user has failed too often and is locked for a while.
    case locked
    /// The user has no address of the kind that the channel needs.
    case noAddress = "no_address"
    /// The user's address is not verified.
    case unverifiedAddress = "unverified_address"
    /// The reset token of the first factor is no good, which Mosaic only says of users who exist.
    case invalidResetToken = "invalid_reset_token"
    /// Mosaic takes no more messages to this user for a while (429), which it says only of users who exist.
    case rateLimited = "rate_limited"
    /// Mosaic does not allow it for this user and does not say why.
    case notAllowed = "not_allowed"
}

/// What the 200 answer of E18 or E20 says beside its message, which is for people and not always there.
struct SendAnswer {
    /// The request ID that the later authentication has to name.
    let requestID: String?
    /// The code, where it was asked for instead of a message.
    let code: Secret?
    /// The link, where it was asked for instead of a message.
    let link: Secret?

    /// Longest request ID that is passed on, in bytes; a caller has to be able to give it back.
    static let maximumRequestIDLength = 256

    /// What an answer must have, as far as it was asked for.
    static func requiredMembers(requestID: Bool = false, code: Bool = false) -> [RequiredMember] {
        [RequiredMember("", .object)] + (code ? [RequiredMember("code", .text)] : [])
            + (requestID ? [RequiredMember("request_id", .text)] : [])
    }

    /// Reads a body; `nil` when it is no object.
    init?(_ body: [UInt8]) {
        guard let root = UpstreamJSON.object(of: body) else { return nil }
        requestID = root["request_id"]?.string.flatMap { id in
            (1...Self.maximumRequestIDLength).contains(id.utf8.count) ? id : nil
        }
        code = root["code"]?.secret.flatMap { $0.isEmpty ? nil : $0 }
        link = root["link"]?.secret.flatMap { $0.isEmpty ? nil : $0 }
    }
}
