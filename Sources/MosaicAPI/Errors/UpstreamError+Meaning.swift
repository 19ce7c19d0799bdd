/// What can be told of refusals without a symbolic code.
extension UpstreamError {
    /// Whether it has one of the older shapes, which repeat the status in the body: an answer of the application, not of
    /// the network's edge.
    var isPlain: Bool { body.code == nil && body.legacyCode == status }

    /// The symbols that the contract lists for `error_code`.
    private static let contractCodes: Set<String> = [
        "system_invalid_input", "external_provider_configuration_error", "auth_invalid_credentials",
        "auth_otp_passcode_expired", "auth_otp_invalid_request_id", "auth_locked", "auth_login_preferences_missing",
        "auth_password_invalid_reset_token", "auth_password_weak", "auth_password_breached",
        "auth_password_recently_used", "auth_password_policy_disabled", "auth_password_incomplete_credentials",
        "auth_not_active", "auth_password_already_configured", "user_not_found", "user_not_active",
        "user_email_address_missing", "user_phone_number_missing", "user_unknown_identifier_type", "client_not_exist",
        "app_not_exist", "system_forbidden", "system_service_unavailable",
    ]

    /// Whether `error_code` is one of the symbols that the contract lists.
    var hasContractCode: Bool { body.errorCode.map(Self.contractCodes.contains) ?? false }

    /// Whether it is a 400 that none of Mosaic's endpoints gives: with a message and no code of any form. All shapes of
    /// the contract have a code, but for a few constant messages.
    var isForeignBadRequest: Bool {
        guard status == 400, body.code == nil, body.legacyCode != status, let message = body.message?.lowercased()
        else {
            return false
        }
        return !["invalid magic link code", "user not found", "session not found"].contains(message)
            && !message.hasPrefix("redirect_uri is not one of the allowed redirect uris")
    }

    /// Whether it can be the token service's own 401: in OAuth's shape, in one of Mosaic's, or without a body. HTML, text and
    /// other JSON come from something in between.
    var isTokenServices: Bool { status == 401 && (body.isOAuth || body.code != nil || isPlain || body.isEmpty) }

    /// Whether it is a 403 about a permission that the client lacks, which has no documented shape.
    var speaksOfPermissions: Bool {
        guard status == 403, body.code == nil, let message = body.message?.lowercased() else { return false }
        return message.hasPrefix("forbidden") || message.contains("permission")
    }

    /// Whether it is about a redirect URI that the application has not registered.
    ///
    /// Only the words tell: E18's are documented ("redirect_uri is not one of the allowed redirect URIs configured for
    /// this app"), those of other endpoints are taken to begin alike. What a validator says of a malformed one ("must
    /// be…") is another matter.
    var refusesRedirectURI: Bool {
        body.messages.contains { $0.lowercased().hasPrefix("redirect_uri is not") }
    }

    /// The failure that this answer is when it finds fault with a new password: each message is one violation.
    var passwordRejection: APIFailure {
        let code = body.code
        return failure(.passwordRejected)
            .with(violations: body.messages.map { APIFailure.Violation(code: code, message: $0) })
    }
}
