/// Says what a refusal of the calls about users and their passwords means (E14, E27–E39).
///
/// | status | code or message | failure |
/// |---|---|---|
/// | 400 | `auth_password_weak`, `auth_password_breached`, `auth_password_recently_used` | `password_rejected` |
/// | 400, 403, 404 | `auth_password_policy_disabled`, `auth_login_preferences_missing`, `app_not_exist`, `client_not_exist` | `not_configured` |
/// | 400 | `auth_password_incomplete_credentials`, `auth_not_active` | `conflict` |
/// | 400 | `system_invalid_input` | `invalid_params` |
/// | 400 | messages of which one speaks of the password, in answer to a new one | `password_rejected` |
/// | 400 | messages that all say that something is taken or exists already, in answer to a profile | `conflict` |
/// | 400 | other messages | `invalid_params` |
/// | 400 | messages without a code of any form | `upstream_protocol`: the answer of something in between |
/// | 401 | E30 | `invalid_token` |
/// | 403 | E14, shape B that does not speak of permissions | `not_configured`: no password method |
/// | 403 | E30, shape B that does not speak of permissions | `conflict`: has a password already |
/// | 403 | all else | `upstream_forbidden` |
/// | 404 | `user_not_found`, or any JSON object | `not_found` |
/// | 409 | any | `conflict` |
/// | all else | | by status, see ``UpstreamError/kindByStatus`` |
enum UserErrorMapping {
    /// What was asked, as far as the meaning of a refusal depends on it.
    enum Request: Sendable, CaseIterable {
        /// E31–E39 and E27 without a password.
        case profile
        /// E27 with a password, E28, E29.
        case newPassword
        /// E30.
        case ownPassword
        /// E14.
        case passwordValidation

        var setsPassword: Bool { self == .newPassword || self == .ownPassword }
    }

    /// What a refusal means.
    static func failure(_ refusal: UpstreamError, of request: Request) -> APIFailure {
        let kind = kind(refusal, of: request)
        var failure = refusal.failure(kind)
        // Without a code it is E14's own refusal.
        if kind == .notConfigured, failure.cause == nil { failure = failure.with(cause: .loginMethod) }
        guard kind == .passwordRejected else { return failure }
        let code = refusal.body.code
        return failure.with(violations: refusal.body.messages.map { APIFailure.Violation(code: code, message: $0) })
    }

    private static func kind(_ refusal: UpstreamError, of request: Request) -> APIFailure.Kind {
        switch refusal.status {
        case 400, 401, 403, 404:
            if let known = byCode(refusal.body.code) { return known }
        default: break
        }
        switch refusal.status {
        case 400 where refusal.isForeignBadRequest: return .protocolViolation
        case 400: return badRequest(refusal.body, of: request)
        case 401 where request == .ownPassword: return .invalidToken
        case 403: return forbidden(refusal.body, of: request)
        case 404 where refusal.body.isObject: return .notFound
        case 409: return .conflict
        default: return refusal.kindByStatus
        }
    }

    private static func byCode(_ code: String?) -> APIFailure.Kind? {
        switch code {
        case "auth_password_weak", "auth_password_breached", "auth_password_recently_used": .passwordRejected
        case "auth_password_policy_disabled", "auth_login_preferences_missing", "app_not_exist", "client_not_exist":
            .notConfigured
        case "auth_password_incomplete_credentials", "auth_password_already_configured", "auth_not_active": .conflict
        case "user_not_found": .notFound
        case "system_invalid_input": .invalidInput
        default: nil
        }
    }

    /// The older shape has no codes, so that only the words tell a weak password, or an identifier that is taken, from
    /// another wrong value.
    private static func badRequest(_ body: ErrorBody, of request: Request) -> APIFailure.Kind {
        guard !body.messages.isEmpty else { return .protocolViolation }
        let isAboutPassword = body.messages.contains { $0.lowercased().contains("password") }
        if request.setsPassword, isAboutPassword { return .passwordRejected }
        // E38 has no 409: an identifier that another user has is refused in the same shape as a wrong value.
        let isTaken = body.messages.allSatisfy { message in
            let words = message.lowercased()
            return words.contains("already") && ["taken", "exist", "in use"].contains { words.contains($0) }
        }
        return request == .profile && isTaken ? .conflict : .invalidInput
    }

    /// A missing permission is answered by 403 too, in no documented shape; only where the contract gives shape B a meaning
    /// is it taken for that.
    private static func forbidden(_ body: ErrorBody, of request: Request) -> APIFailure.Kind {
        guard body.code == nil, body.legacyCode == 403, let message = body.message?.lowercased(),
            !message.hasPrefix("forbidden"), !message.contains("permission")
        else { return .forbidden }
        switch request {
        case .passwordValidation: return .notConfigured
        case .ownPassword: return .conflict
        case .profile, .newPassword: return .forbidden
        }
    }
}
