import Secrets
import StrictJSON
import Testing

@testable import MosaicAPI

struct `A refused password check` {
    enum Meaning: Sendable, Equatable {
        case denied(DenialReason)
        case change(PasswordChangeCause, token: String?)
        case failure(APIFailure.Kind)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let status: Int
        let body: String
        let meaning: Meaning
        var joins = false

        init(_ status: Int, _ body: String, _ meaning: Meaning, joins: Bool = false) {
            self.status = status
            self.body = body
            self.meaning = meaning
            self.joins = joins
        }

        var testDescription: String { "\(status) \(body)" }
    }

    static let rows = [
        // Wrong identifier or password.
        Row(400, #"{"error_code":"auth_invalid_credentials","message":"no"}"#, .denied(.wrongCredentials)),
        Row(401, #"{"error_code":"auth_invalid_credentials","message":"no"}"#, .denied(.wrongCredentials)),
        Row(403, #"{"error_code":"auth_invalid_credentials","message":"no"}"#, .denied(.wrongCredentials)),
        Row(400, #"{"error_code":"400","message":"Invalid credentials"}"#, .denied(.wrongCredentials)),
        Row(400, #"{"error_code":400,"message":"Invalid credentials"}"#, .denied(.wrongCredentials)),
        Row(400, #"{"message":"Invalid magic link code"}"#, .denied(.wrongCredentials)),
        Row(400, #"{"message":"User not found"}"#, .denied(.unknownUser)),
        Row(400, #"{"error_code":"auth_new_reason","message":"no"}"#, .denied(.wrongCredentials)),
        Row(401, #"{"error_code":401,"message":"Unauthorized"}"#, .denied(.wrongCredentials)),
        Row(401, #"{"error_code":"auth_new_reason","message":"no"}"#, .denied(.wrongCredentials)),
        // Must change.
        Row(403, #"{"message":"password_expired","error_code":403}"#, .change(.expired, token: nil)),
        Row(403, #"{"message":"password_expired","reset_token":"r"}"#, .change(.expired, token: "r")),
        Row(403, #"{"message":"temporary_password","reset_token":"r"}"#, .change(.temporary, token: "r")),
        Row(403, #"{"message":["temporary_password"],"error_code":403}"#, .change(.temporary, token: nil)),
        Row(403, #"{"message":"something else","reset_token":"r"}"#, .change(.expired, token: "r")),
        Row(403, #"{"error_code":"auth_locked","reset_token":"r"}"#, .change(.expired, token: "r")),
        // Locked, disabled, unknown.
        Row(403, #"{"error_code":"auth_locked","message":"no"}"#, .denied(.locked)),
        Row(401, #"{"error_code":"auth_locked","message":"no"}"#, .denied(.locked)),
        Row(403, #"{"error_code":"user_not_active","message":"no"}"#, .denied(.notActive)),
        Row(400, #"{"error_code":"auth_not_active","message":"no"}"#, .denied(.notActive)),
        Row(404, #"{"error_code":"user_not_found","message":"no"}"#, .denied(.unknownUser)),
        Row(400, #"{"error_code":"user_not_found","message":"no"}"#, .denied(.unknownUser)),
        // A dead session is not a wrong password.
        Row(400, #"{"error_code":400,"message":"Session not found"}"#, .failure(.invalidToken), joins: true),
        Row(400, #"{"error_code":"400","message":"session not found"}"#, .failure(.invalidToken), joins: true),
        Row(
            400,
            #"{"error_code":"system_invalid_input","message":"Session not found"}"#,
            .failure(.invalidToken),
            joins: true
        ),
        Row(400, #"{"error_code":400,"message":"Session not found"}"#, .failure(.protocolViolation)),
        // Not set up.
        Row(403, #"{"error_code":"auth_login_preferences_missing"}"#, .failure(.notConfigured)),
        Row(400, #"{"error_code":"auth_password_policy_disabled"}"#, .failure(.notConfigured)),
        Row(404, #"{"error_code":"app_not_exist"}"#, .failure(.notConfigured)),
        // A missing permission is never a wrong password.
        Row(403, "", .failure(.forbidden)),
        Row(403, #"{"error_code":403,"message":"Forbidden"}"#, .failure(.forbidden)),
        Row(403, #"{"error_code":"auth_unheard_of","message":"no"}"#, .failure(.forbidden)),
        Row(403, #"{"error_code":"system_forbidden"}"#, .failure(.forbidden)),
        Row(403, "<html>blocked</html>", .failure(.forbidden)),
        // What never looked at the password.
        Row(400, #"{"error_code":"system_invalid_input","message":"no"}"#, .failure(.invalidInput)),
        Row(400, #"{"error_code":400,"message":["claims must be an object"]}"#, .failure(.protocolViolation)),
        Row(400, "<html>bad request</html>", .failure(.protocolViolation)),
        Row(400, "", .failure(.protocolViolation)),
        Row(400, "{}", .failure(.protocolViolation)),
        Row(401, "", .failure(.protocolViolation)),
        Row(401, "<html>unauthorized</html>", .failure(.protocolViolation)),
        // What a gateway says in JSON of its own: no code of any form, and no message of the contract.
        Row(400, #"{"message":"Bad Request"}"#, .failure(.protocolViolation)),
        Row(400, #"{"message":"Invalid credentials"}"#, .failure(.protocolViolation)),
        Row(400, #"{"statusCode":400,"message":"Invalid host header"}"#, .failure(.protocolViolation)),
        Row(400, #"{"error_code":1020,"message":"Access denied"}"#, .failure(.protocolViolation)),
        Row(400, #"{"error_code":null,"message":"Bad Request"}"#, .failure(.protocolViolation)),
        // Codes of the contract that are about something else.
        Row(401, #"{"error_code":"system_service_unavailable"}"#, .failure(.unavailable)),
        Row(401, #"{"error_code":"system_forbidden"}"#, .failure(.forbidden)),
        Row(400, #"{"error_code":"external_provider_configuration_error"}"#, .failure(.notConfigured)),
        Row(400, #"{"error_code":"user_unknown_identifier_type"}"#, .failure(.invalidInput)),
        Row(404, "<html>not found</html>", .failure(.protocolViolation)),
        Row(404, #"{"error_code":404,"message":"Not found"}"#, .failure(.protocolViolation)),
        Row(302, "", .failure(.protocolViolation)),
        Row(405, #"{"error_code":"auth_invalid_credentials"}"#, .failure(.protocolViolation)),
        // Outages.
        Row(429, "", .failure(.rateLimited)),
        Row(429, #"{"error_code":"auth_locked"}"#, .failure(.rateLimited)),
        Row(408, "", .failure(.unavailable)),
        Row(500, #"{"error_code":500,"message":"x"}"#, .failure(.unavailable)),
        Row(503, #"{"error_code":"auth_invalid_credentials"}"#, .failure(.unavailable)),
    ]

    @Test(arguments: rows)
    func `means what its status and code say`(row: Row) {
        let refusal = UpstreamError(UpstreamResponse(row.status, row.body), wallClock: 0)
        let meaning: Meaning
        switch PasswordErrorMapping.classify(refusal, joinsSession: row.joins) {
        case .success(.denied(let reason)): meaning = .denied(reason)
        case .success(.passwordChangeRequired(let cause, let token)): meaning = .change(cause, token: token?.text)
        case .success(.granted):
            Issue.record("granted")
            return
        case .failure(let failure):
            meaning = .failure(failure.kind)
            #expect(failure.status == row.status)
            let isUnknown =
                [.unavailable, .protocolViolation].contains(failure.kind)
                || (row.joins && failure.kind == .invalidToken)
            #expect(failure.outcome == (isUnknown ? .answered : .refused))
        }
        #expect(meaning == row.meaning)
    }

    @Test(arguments: 500...599)
    func `with a 5xx status is never a decision`(status: Int) {
        for code in ["auth_locked", "user_not_found", "auth_invalid_credentials"] {
            let refusal = UpstreamError(
                UpstreamResponse(status, #"{"error_code":"\#(code)","reset_token":"r"}"#),
                wallClock: 0
            )
            #expect(PasswordErrorMapping.classify(refusal, joinsSession: true).failure?.kind == .unavailable)
        }
    }
}

struct `The body of a password check` {
    @Test func `has the two required fields and no more`() {
        let request = PasswordAuthenticateOperation(username: Secret("ann"), password: Secret(#"p"w\d"#))
        #expect(request.body?.bytes.text == #"{"username":"ann","password":"p\"w\\d"}"#)
        #expect(request.body?.mediaType == "application/json")
    }

    @Test func `has every field under Mosaic's name, and claims as they were written`() throws {
        var request = PasswordAuthenticateOperation(
            username: Secret("+49 170"),
            password: Secret("pässwörd"),
            usernameType: .phoneNumber
        )
        request.sessionID = Secret("s1")
        request.organizationID = "o1"
        request.resource = "https://api.example.com"
        request.claims = try JSONText(parsing: Array(#"{"id_token": {"email":null}}"#.utf8), maximumDepth: 16)
        request.clientAttributes = .init(userAgent: "UA", ipAddress: "192.0.2.1")
        #expect(
            request.body?.bytes.text
                == #"{"username":"+49 170","password":"pässwörd","username_type":"phone_number","session_id":"s1","#
                + #""org_id":"o1","resource":"https://api.example.com","claims":{"id_token": {"email":null}},"#
                + #""client_attributes":{"user_agent":"UA","ip_address":"192.0.2.1"}}"#
        )
    }
}
