import Secrets
import Testing

@testable import MosaicAPI

struct `A refusal about something the caller holds` {
    typealias Row = (status: Int, body: String, kind: APIFailure.Kind)

    private func refusal(_ row: Row) -> UpstreamError {
        UpstreamError(UpstreamResponse(row.status, row.body), wallClock: 0)
    }

    @Test(
        arguments: [
            (400, #"{"message":"Session not found"}"#, .invalidToken), (400, "{}", .invalidToken),
            (401, #"{"message":"Invalid token","error_code":401}"#, .invalidToken), (401, "", .invalidToken),
            (404, #"{"message":"Not found","error_code":404}"#, .invalidToken),
            (403, #"{"error_code":"user_not_active"}"#, .invalidToken),
            (403, #"{"message":"User is not active","error_code":403}"#, .invalidToken),
            (403, #"{"message":"Forbidden","error_code":403}"#, .forbidden), (403, "<html>", .forbidden),
            (400, #"{"error_code":400,"message":["session_id must be a string"]}"#, .invalidInput),
            (400, #"{"error_code":"system_invalid_input","message":"no"}"#, .invalidInput),
            (404, #"{"error_code":"app_not_exist"}"#, .notConfigured), (404, "<html>", .protocolViolation),
            (400, "", .protocolViolation), (409, "{}", .protocolViolation), (302, "", .protocolViolation),
        ] as [Row]
    )
    func `of a session or a user token`(row: Row) {
        #expect(SessionErrorMapping.failure(refusal(row)).kind == row.kind)
    }

    @Test(
        arguments: [
            (400, #"{"error":"invalid_grant"}"#, .invalidToken),
            (400, #"{"error":"invalid_client"}"#, .credentialRejected),
            (401, #"{"error":"invalid_client"}"#, .credentialRejected), (401, "", .credentialRejected),
            (401, "<html>", .protocolViolation), (400, #"{"message":"Bad Request"}"#, .protocolViolation),
            (401, #"{"error":"invalid_grant"}"#, .invalidToken), (400, #"{"error":"access_denied"}"#, .invalidToken),
            (400, #"{"error":"unauthorized_client"}"#, .notConfigured),
            (400, #"{"error":"unsupported_grant_type"}"#, .notConfigured),
            (400, #"{"error":"invalid_request"}"#, .invalidInput), (400, #"{"error":"server_error"}"#, .unavailable),
            (400, #"{"error_code":400,"message":["Bad request"]}"#, .invalidToken),
            (400, #"{"error_code":400,"message":"Bad request"}"#, .invalidToken), (400, "<html>", .protocolViolation),
            (403, "", .forbidden), (404, "", .protocolViolation),
        ] as [Row]
    )
    func `of a grant`(row: Row) {
        #expect(GrantErrorMapping.failure(refusal(row)).kind == row.kind)
    }

    @Test(
        arguments: [
            (400, #"{"error_code":400,"message":["The code is unknown"]}"#, .invalidToken),
            (400, #"{"error_code":"system_invalid_input","message":"no"}"#, .invalidInput),
            (401, #"{"error_code":401,"message":"Unauthorized"}"#, .credentialRejected),
            (401, #"{"error_code":"auth_invalid_credentials"}"#, .invalidToken), (400, "<html>", .protocolViolation),
            (403, "{}", .forbidden),
        ] as [Row]
    )
    func `of a code at the deprecated endpoint`(row: Row) {
        guard case .failure(let failure) = LegacyCodeExchangeOperation(code: Secret("c")).output(of: refusal(row))
        else {
            Issue.record("no failure")
            return
        }
        #expect(failure.kind == row.kind)
    }

    @Test(
        arguments: [
            (404, #"{"message":"User not found","error_code":404}"#, .notFound),
            (400, #"{"error_code":"user_not_found"}"#, .notFound), (400, "{}", .invalidInput),
            (404, "<html>", .protocolViolation), (404, #"{"error_code":"app_not_exist"}"#, .notConfigured),
            (403, "{}", .forbidden), (401, "", .credentialRejected),
        ] as [Row]
    )
    func `of the sessions of a user`(row: Row) {
        #expect(SessionAdministrationErrorMapping.failure(refusal(row)).kind == row.kind)
    }

    enum Login: Equatable {
        case denied(DenialReason)
        case change(PasswordChangeCause, Secret?)
        case failure(APIFailure.Kind)
    }

    @Test(
        arguments: [
            (401, #"{"message":"Unauthorized"}"#, .denied(.wrongCredentials)), (401, "", .failure(.protocolViolation)),
            (400, #"{"message":"Bad Request"}"#, .failure(.protocolViolation)),
            (400, #"{"message":["Bad Request"]}"#, .failure(.protocolViolation)),
            (
                403, #"{"message":"password_expired","error_code":403,"reset_token":"r"}"#,
                .change(.expired, Secret("r"))
            ),
            (
                403, #"{"message":"temporary_password","error_code":403,"reset_token":"r"}"#,
                .change(.temporary, Secret("r"))
            ),
            (403, #"{"error_code":"auth_locked"}"#, .denied(.locked)), (403, "{}", .failure(.forbidden)),
            (400, #"{"message":"redirect_uri is not registered","error_code":400}"#, .failure(.notConfigured)),
            (400, #"{"message":["redirect_uri is not allowed"],"error_code":400}"#, .failure(.notConfigured)),
            (400, #"{"message":["password must be a string"],"error_code":400}"#, .failure(.invalidInput)),
        ] as [(Int, String, Login)]
    )
    func `of a password in the browser's login`(status: Int, body: String, expected: Login) {
        let request = PasswordLoginOperation(
            kind: .email,
            identifier: Secret("e"),
            password: Secret("p"),
            clientID: "c",
            redirectURI: "u"
        )
        let login: Login =
            switch request.output(of: UpstreamError(UpstreamResponse(status, body), wallClock: 0)) {
            case .success(.continue): .failure(.conflict)
            case .success(.denied(let reason)): .denied(reason)
            case .success(.passwordChangeRequired(let cause, let token)): .change(cause, token)
            case .failure(let failure): .failure(failure.kind)
            }
        #expect(login == expected)
    }
}
