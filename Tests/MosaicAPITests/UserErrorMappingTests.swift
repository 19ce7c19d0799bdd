import Secrets
import Testing

@testable import MosaicAPI

/// What the refusals of E14 and E27 to E39 mean.
struct `A refused call about users` {
    struct Row: Sendable, CustomTestStringConvertible {
        let request: UserErrorMapping.Request
        let status: Int
        let body: String
        let kind: APIFailure.Kind
        let violations: [APIFailure.Violation]

        init(
            _ request: UserErrorMapping.Request,
            _ status: Int,
            _ body: String,
            _ kind: APIFailure.Kind,
            _ violations: [APIFailure.Violation] = []
        ) {
            self.request = request
            self.status = status
            self.body = body
            self.kind = kind
            self.violations = violations
        }

        /// Shape D.
        init(
            _ request: UserErrorMapping.Request,
            _ status: Int,
            code: String,
            _ kind: APIFailure.Kind,
            violated: Bool = false
        ) {
            self.init(
                request,
                status,
                #"{"error_code":"\#(code)","message":"why"}"#,
                kind,
                violated ? [APIFailure.Violation(code: code, message: "why")] : []
            )
        }

        var testDescription: String { "\(request) \(status) \(body)" }
    }

    static let codes = [
        Row(.newPassword, 400, code: "auth_password_weak", .passwordRejected, violated: true),
        Row(.newPassword, 400, code: "auth_password_breached", .passwordRejected, violated: true),
        Row(.newPassword, 400, code: "auth_password_recently_used", .passwordRejected, violated: true),
        Row(.ownPassword, 400, code: "auth_password_weak", .passwordRejected, violated: true),
        Row(.newPassword, 400, code: "auth_password_policy_disabled", .notConfigured),
        Row(.newPassword, 400, code: "auth_password_incomplete_credentials", .conflict),
        Row(.newPassword, 400, code: "auth_not_active", .conflict),
        Row(.newPassword, 400, code: "system_invalid_input", .invalidInput),
        Row(.newPassword, 404, code: "user_not_found", .notFound),
        Row(.newPassword, 409, code: "auth_password_already_configured", .conflict),
        Row(.profile, 404, code: "app_not_exist", .notConfigured),
        Row(.passwordValidation, 403, code: "auth_login_preferences_missing", .notConfigured),
    ]

    static let shapes = [
        // Shape A: E27 with a password that its words speak of, and without.
        Row(
            .newPassword,
            400,
            #"{"message":["Password is too weak","no digit"],"error_code":400}"#,
            .passwordRejected,
            [
                APIFailure.Violation(code: nil, message: "Password is too weak"),
                APIFailure.Violation(code: nil, message: "no digit"),
            ]
        ),
        Row(.newPassword, 400, #"{"message":["email must be an email"],"error_code":400}"#, .invalidInput),
        Row(.profile, 400, #"{"message":["password is not allowed here"],"error_code":400}"#, .invalidInput),
        Row(.profile, 400, #"{"message":"bad","error_code":400}"#, .invalidInput),
        // E38: an identifier of another user.
        Row(.profile, 400, #"{"message":["email is already taken"],"error_code":400}"#, .conflict),
        Row(
            .profile,
            400,
            #"{"message":["username already exists","x is already in use"],"error_code":400}"#,
            .conflict
        ),
        Row(
            .profile,
            400,
            #"{"message":["email is already taken","x must be a text"],"error_code":400}"#,
            .invalidInput
        ),
        Row(.profile, 400, #"{"message":["user is already disabled"],"error_code":400}"#, .invalidInput),
        Row(.passwordValidation, 400, #"{"message":["x is already taken"],"error_code":400}"#, .invalidInput),
        Row(.profile, 400, "<html>bad request</html>", .protocolViolation),
        Row(.profile, 400, "{}", .protocolViolation),
        // Shape B.
        Row(.profile, 404, #"{"message":"Not found","error_code":404}"#, .notFound),
        Row(.profile, 404, "<html>no such page</html>", .protocolViolation),
        Row(.profile, 403, #"{"message":"x","error_code":403}"#, .forbidden),
        Row(.passwordValidation, 403, #"{"message":"No password method","error_code":403}"#, .notConfigured),
        Row(.passwordValidation, 403, #"{"message":"Forbidden: needs a permission","error_code":403}"#, .forbidden),
        Row(.passwordValidation, 403, "", .forbidden),
        Row(.ownPassword, 403, #"{"message":"Already has one","error_code":403}"#, .conflict),
        Row(.ownPassword, 403, "<html>blocked</html>", .forbidden),
        Row(.ownPassword, 401, #"{"message":"Invalid token","error_code":401}"#, .invalidToken),
        Row(.ownPassword, 401, "", .invalidToken),
        // Shape E.
        Row(.newPassword, 409, #"{"message":"taken","error_code":409,"ts_error_code":"x_taken"}"#, .conflict),
        Row(.profile, 409, "", .conflict),
        // No matter of users.
        Row(.profile, 302, "", .protocolViolation),
        Row(.profile, 429, "", .rateLimited),
        Row(.newPassword, 500, #"{"error_code":"auth_password_weak"}"#, .unavailable),
    ]

    @Test(arguments: codes + shapes)
    func `means what its status, code and words say`(row: Row) {
        let refusal = UpstreamError(UpstreamResponse(row.status, row.body), wallClock: 0)
        let failure = UserErrorMapping.failure(refusal, of: row.request)
        #expect(failure.kind == row.kind)
        #expect(failure.violations == row.violations)
        #expect(failure.status == row.status)
        #expect(failure.outcome == ([.unavailable, .protocolViolation].contains(row.kind) ? .answered : .refused))
    }

    static let causes: [(UserErrorMapping.Request, Int, String, APIFailure.Cause?)] = [
        (.profile, 409, #"{"error_code":"username_already_exists"}"#, .usernameTaken),
        (.profile, 409, #"{"error_code":"user_already_exists"}"#, .identifierTaken),
        (.newPassword, 400, #"{"error_code":"auth_not_active"}"#, .passwordInactive),
        (.newPassword, 400, #"{"error_code":"auth_password_incomplete_credentials"}"#, .loginNameMissing),
        (.newPassword, 409, #"{"error_code":"auth_password_already_configured"}"#, nil),
        (.newPassword, 400, #"{"error_code":"auth_password_policy_disabled"}"#, .loginMethod),
        (.profile, 404, #"{"error_code":"app_not_exist"}"#, .application),
        (.passwordValidation, 403, #"{"error_code":403,"message":"no password method"}"#, .loginMethod),
        (.profile, 404, #"{"error_code":"user_not_found"}"#, nil),
    ]

    @Test(arguments: causes)
    func `tells the causes of one kind apart`(
        request: UserErrorMapping.Request,
        status: Int,
        body: String,
        cause: APIFailure.Cause?
    ) {
        let refusal = UpstreamError(UpstreamResponse(status, body), wallClock: 0)
        #expect(UserErrorMapping.failure(refusal, of: request).cause == cause)
    }

    @Test func `keeps the code of a conflict for those who may know it`() {
        let refusal = UpstreamError(
            UpstreamResponse(409, #"{"message":"taken","error_code":409,"ts_error_code":"x_taken"}"#),
            wallClock: 0
        )
        #expect(UserErrorMapping.failure(refusal, of: .profile).code == "x_taken")
    }
}
