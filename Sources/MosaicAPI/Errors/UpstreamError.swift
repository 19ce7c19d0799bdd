/// An answer outside the 2xx class, taken apart: the material that the endpoints' own rules classify.
package struct UpstreamError: Sendable {
    /// The HTTP status.
    private(set) var status: Int
    /// What the body says.
    let body: ErrorBody
    /// What `WWW-Authenticate` asks for.
    let challenges: AuthenticationChallenges
    /// How long to wait before trying again, at most 60 s.
    let retryAfter: Duration?
    /// Whether the request carried the client's access token, so that a 401 can be about that.
    let carriedClientToken: Bool

    /// The same answer as if it had another status.
    func seen(as status: Int) -> UpstreamError {
        var copy = self
        copy.status = status
        return copy
    }

    /// Takes an answer apart.
    ///
    /// - Parameters:
    ///   - wallClock: Seconds since 1970, for a `Retry-After` that is a date in an answer without `Date`.
    ///   - carriedClientToken: Whether the request carried the client's access token.
    init(_ response: UpstreamResponse, wallClock: Int64, carriedClientToken: Bool = true) {
        status = response.status
        body = ErrorBody(response.body)
        challenges = AuthenticationChallenges(response.authenticate)
        retryAfter = response.retryAfter.flatMap {
            RetryAfter.duration($0, date: response.date, wallClock: wallClock)
        }
        self.carriedClientToken = carriedClientToken
    }

    /// Whether `error_code` has the form of a decision about the user or the credential.
    var hasDecisionCode: Bool { body.errorCode.map { $0.hasPrefix("auth_") || $0.hasPrefix("user_") } ?? false }

    /// The failure that this answer is, seen as the given kind.
    ///
    /// A 4xx answer whose kind is a clear no has the outcome `refused`; all others could still have had an effect.
    func failure(_ kind: APIFailure.Kind) -> APIFailure {
        APIFailure(
            kind: kind,
            outcome: (400...499).contains(status) && kind.isClearNo ? .refused : .answered,
            status: status,
            code: body.code,
            legacyCode: body.legacyCode,
            message: body.message,
            resetToken: body.resetToken,
            retryAfter: retryAfter,
            transport: nil,
            concernsBearer: kind == .credentialRejected && carriedClientToken
        ).with(cause: cause(of: kind))
    }

    /// Which of the causes of the kind it is, as code and words tell.
    private func cause(of kind: APIFailure.Kind) -> APIFailure.Cause? {
        switch kind {
        case .notConfigured: refusesRedirectURI ? .redirectURI : causeOfMissingSetUp
        case .conflict: causeOfConflict
        default: nil
        }
    }

    private var causeOfMissingSetUp: APIFailure.Cause? {
        switch body.code {
        case "auth_login_preferences_missing", "auth_password_policy_disabled": .loginMethod
        case "external_provider_configuration_error": .messageProvider
        case "app_not_exist", "client_not_exist": .application
        case "unauthorized_client", "unsupported_grant_type", "unsupported_token_type": .grant
        case "invalid_target": .resource
        case nil where body.message?.lowercased() == "app not found": .application
        default: nil
        }
    }

    private var causeOfConflict: APIFailure.Cause? {
        switch body.code {
        case "username_already_exists": .usernameTaken
        case "user_already_exists": .identifierTaken
        case "auth_not_active": .passwordInactive
        case "auth_password_incomplete_credentials": .loginNameMissing
        default: nil
        }
    }

    /// The kind that follows from the status alone, where the endpoint has nothing to say about it.
    ///
    /// | status | kind |
    /// |---|---|
    /// | 429 | rate limited |
    /// | 408, 5xx | unavailable |
    /// | 403 | forbidden |
    /// | 401 to the client's access token | credential rejected |
    /// | all else | protocol violation |
    var kindByStatus: APIFailure.Kind {
        switch status {
        case 429: .rateLimited
        case 408, 500...599: .unavailable
        case 403: .forbidden
        case 401 where carriedClientToken: .credentialRejected
        default: .protocolViolation
        }
    }
}

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
