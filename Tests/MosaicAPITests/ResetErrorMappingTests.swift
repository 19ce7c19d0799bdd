import Secrets
import Testing

@testable import MosaicAPI

/// What the refusals of E6 to E13 mean.
struct `Refused password resets` {
    enum Meaning: Sendable, Equatable {
        case withheld(WithholdingReason)
        case denied(DenialReason)
        case failure(APIFailure.Kind)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let status: Int
        let body: String
        let meaning: Meaning

        init(_ status: Int, _ body: String, _ meaning: Meaning) {
            self.status = status
            self.body = body
            self.meaning = meaning
        }

        /// Shape D.
        init(_ status: Int, code: String, _ meaning: Meaning) {
            self.init(status, #"{"error_code":"\#(code)","message":"no"}"#, meaning)
        }

        /// Shape B.
        init(_ status: Int, plain message: String, _ meaning: Meaning) {
            self.init(status, #"{"error_code":\#(status),"message":"\#(message)"}"#, meaning)
        }

        /// Shape A.
        init(_ status: Int, list messages: String, _ meaning: Meaning) {
            self.init(status, #"{"error_code":\#(status),"message":[\#(messages)]}"#, meaning)
        }

        var testDescription: String { "\(status) \(body)" }
        var refusal: UpstreamError { UpstreamError(UpstreamResponse(status, body), wallClock: 0) }
    }

    static let outages = [
        Row(429, "", .failure(.rateLimited)), Row(500, "", .failure(.unavailable)),
        Row(503, code: "system_service_unavailable", .failure(.unavailable)),
        Row(302, "", .failure(.protocolViolation)),
        Row(408, "", .failure(.unavailable)), Row(403, "<html>blocked</html>", .failure(.forbidden)),
        Row(404, "<html>not found</html>", .failure(.protocolViolation)),
    ]

    static let permissions = [
        Row(403, plain: "Forbidden: needs one of the permissions apps:execute", .failure(.forbidden)),
        Row(403, plain: "The client has no permission for this", .failure(.forbidden)),
    ]

    static let sends = [
        Row(403, plain: "The email is not verified", .withheld(.unverifiedAddress)),
        Row(404, plain: "No user with this email", .withheld(.unknownUser)),
        Row(404, plain: "User not found", .withheld(.unknownUser)),
        Row(403, code: "system_forbidden", .withheld(.notAllowed)),
        Row(404, code: "user_phone_number_missing", .withheld(.noAddress)),
        Row(404, code: "user_email_address_missing", .withheld(.noAddress)),
        Row(404, code: "user_not_found", .withheld(.unknownUser)),
        Row(403, code: "user_not_active", .withheld(.notActive)), Row(403, code: "auth_locked", .withheld(.locked)),
        Row(404, code: "app_not_exist", .failure(.notConfigured)),
        Row(403, code: "auth_login_preferences_missing", .failure(.notConfigured)),
        Row(400, code: "system_invalid_input", .failure(.invalidInput)),
        Row(400, plain: "redirect_uri is not registered", .failure(.notConfigured)),
        Row(400, list: #""redirect_uri is not one of the allowed""#, .failure(.notConfigured)),
        Row(
            400,
            #"{"error_code":"system_invalid_input","message":"redirect_uri is not one of the allowed"}"#,
            .failure(.notConfigured)
        ),
        Row(400, list: #""redirect_uri must be a string""#, .failure(.invalidInput)),
        Row(400, list: #""email must be an email""#, .failure(.invalidInput)),
        Row(400, #"{"message":"Bad Request"}"#, .failure(.protocolViolation)),
        Row(400, #"{"message":"User not found"}"#, .withheld(.unknownUser)),
        Row(401, code: "user_not_found", .withheld(.unknownUser)),
        Row(401, plain: "User not found", .failure(.credentialRejected)),
    ]

    @Test(arguments: sends + permissions + outages)
    func `a send tells nobody to send to from a failure`(row: Row) {
        let request = ResetRequest(kind: .email, identifier: Secret("ada@example.com"))
        let answers = [
            ResetSendEmailLinkOperation(request, redirectURI: "r").output(of: row.refusal).map(Meaning.init),
            ResetSendOTPOperation<EmailResetChannel>(request).output(of: row.refusal).map(Meaning.init),
            ResetSendOTPOperation<SMSResetChannel>(request).output(of: row.refusal).map(Meaning.init),
            ResetCreateLinkOperation(request, redirectURI: "r").output(of: row.refusal).map(Meaning.init),
        ]
        for answer in answers { #expect(Meaning(answer) == row.meaning) }
    }

    @Test func `only who gets the link learns that the first factor's token is no good`() {
        let refusal = Row(403, code: "auth_password_invalid_reset_token", .withheld(.invalidResetToken)).refusal
        let request = ResetRequest(kind: .email, identifier: Secret("ada@example.com"))
        let sends = [
            ResetSendEmailLinkOperation(request, redirectURI: "r").output(of: refusal).map(Meaning.init),
            ResetSendOTPOperation<EmailResetChannel>(request).output(of: refusal).map(Meaning.init),
            ResetSendOTPOperation<SMSResetChannel>(request).output(of: refusal).map(Meaning.init),
        ]
        for send in sends { #expect(Meaning(send) == .withheld(.invalidResetToken)) }
        let link = ResetCreateLinkOperation(request, redirectURI: "r").output(of: refusal).map(Meaning.init)
        #expect(Meaning(link) == .failure(.invalidToken))
    }

    /// For E9, E11 and E12 alike: the code counts and not the status.
    static let factors =
        [400, 401, 403, 404].flatMap { status in
            [
                Row(status, code: "auth_invalid_credentials", .denied(.wrongCredentials)),
                Row(status, code: "auth_otp_passcode_expired", .denied(.expired)),
                Row(status, code: "auth_otp_invalid_request_id", .denied(.wrongRequestID)),
                Row(status, code: "auth_locked", .denied(.locked)),
                Row(status, code: "user_not_found", .denied(.unknownUser)),
                Row(status, code: "auth_login_preferences_missing", .failure(.notConfigured)),
                Row(status, code: "client_not_exist", .failure(.notConfigured)),
                Row(status, code: "app_not_exist", .failure(.notConfigured)),
                Row(status, code: "user_unknown_identifier_type", .failure(.invalidInput)),
                Row(status, code: "auth_password_invalid_reset_token", .failure(.invalidToken)),
                Row(status, code: "system_invalid_input", .failure(.invalidInput)),
            ]
        } + [Row(400, list: #""passcode must be a string""#, .failure(.protocolViolation))]

    @Test(arguments: factors + permissions + outages, ResetErrorMapping.Factor.allCases)
    func `a factor is judged by the code, whatever the status`(row: Row, factor: ResetErrorMapping.Factor) {
        #expect(Meaning(ResetErrorMapping.classify(row.refusal, of: factor).map(Meaning.init)) == row.meaning)
    }

    @Test func `only a code is refused in the older shape`() {
        func meaning(_ row: Row, _ factor: ResetErrorMapping.Factor) -> Meaning {
            Meaning(ResetErrorMapping.classify(row.refusal, of: factor).map(Meaning.init))
        }
        let wrong = Row(403, plain: "The code is expired or invalid", .denied(.wrongCredentials))
        let unknown = Row(404, plain: "No such user", .denied(.unknownUser))
        for row in [wrong, unknown] { #expect(meaning(row, .code) == row.meaning) }
        let unauthorized = Row(401, plain: "Unauthorized", .denied(.wrongCredentials))
        #expect(meaning(unauthorized, .code) == .failure(.credentialRejected), "E9 and E11 have no 401 of their own")
        #expect(meaning(unauthorized, .password) == unauthorized.meaning)
        #expect(meaning(wrong, .password) == .failure(.forbidden))
        #expect(meaning(unknown, .password) == .failure(.protocolViolation))
    }

    static let completions = [
        Row(400, list: #""Too short","Known from a breach""#, .failure(.passwordRejected)),
        Row(400, list: #""new_password must be longer","resource must be a URL""#, .failure(.passwordRejected)),
        Row(400, plain: "Password was used recently", .failure(.passwordRejected)),
        Row(400, code: "auth_password_weak", .failure(.passwordRejected)),
        Row(400, code: "auth_password_breached", .failure(.passwordRejected)),
        Row(400, code: "auth_password_recently_used", .failure(.passwordRejected)),
        Row(400, list: #""resource must be a URL""#, .failure(.invalidInput)),
        Row(400, list: #""redirect_uri is not registered""#, .failure(.notConfigured)),
        Row(400, list: #""reset_token must be a jwt""#, .failure(.invalidToken)),
        Row(400, code: "system_invalid_input", .failure(.invalidInput)),
        Row(400, code: "auth_password_policy_disabled", .failure(.notConfigured)),
        Row(400, "<html>", .failure(.protocolViolation)),
        Row(400, #"{"message":"Bad Request"}"#, .failure(.protocolViolation)),
        Row(403, plain: "Invalid reset token", .failure(.invalidToken)),
        Row(403, code: "auth_password_invalid_reset_token", .failure(.invalidToken)),
        Row(401, "", .failure(.invalidToken)), Row(404, code: "user_not_found", .failure(.invalidToken)),
    ]

    @Test(arguments: completions + outages)
    func `a new password is refused for itself or for its token`(row: Row) {
        let completion = ResetCompleteOperation(resetToken: Secret("rt"), newPassword: Secret("new"))
        let failure = completion.output(of: row.refusal).failure
        #expect(failure.map { .failure($0.kind) } == row.meaning)
        #expect((failure?.violations.isEmpty == false) == (row.meaning == .failure(.passwordRejected)))
    }

    @Test func `every message about a new password is a violation, with the code if there is one`() {
        let list = ResetCompleteErrorMapping.failure(Self.completions[0].refusal)
        #expect(
            list.violations == [
                .init(code: nil, message: "Too short"), .init(code: nil, message: "Known from a breach"),
            ]
        )
        let symbol = ResetCompleteErrorMapping.failure(Self.completions[3].refusal)
        #expect(symbol.violations == [.init(code: "auth_password_weak", message: "no")])
    }
}

extension `Refused password resets`.Meaning {
    init<Receipt>(_ decision: SendDecision<Receipt>) {
        switch decision {
        case .sent: self = .failure(.cancelled)
        case .withheld(let reason): self = .withheld(reason)
        }
    }

    init(_ decision: ResetDecision) {
        switch decision {
        case .granted: self = .failure(.cancelled)
        case .denied(let reason): self = .denied(reason)
        }
    }

    init(_ result: Result<Self, APIFailure>) {
        switch result {
        case .success(let meaning): self = meaning
        case .failure(let failure): self = .failure(failure.kind)
        }
    }
}
