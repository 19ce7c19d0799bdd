import Foundation
import GRDB

/// E21: `POST /cis/v1/auth/otp/authenticate`. Spends a passcode.
///
/// Refusals are shape D. There is no 404: an unknown or disabled user looks like a wrong code.
struct OTPAuthenticateRoute: EndpointHandler {
    let endpoint = Endpoint.authenticateCode
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let caller = try call.client
        let (attempt, common) = try call.fields {
            .symbolic(400, .systemInvalidInput, $0.joined(separator: "; "))
        } read: { fields in
            fields.skipDeviceID()
            let attempt = OneTimeAttempt(
                passcode: fields.string("passcode", required: true, nonEmpty: true, allowsNUL: true) ?? "",
                methods: [.emailCode, .smsCode, .directCode],
                reference: UserReference(&fields),
                requestID: fields.string("request_id"),
                client: caller.client
            )
            return (attempt, UserAuthentication.Fields(&fields))
        }
        let authentication = try await UserAuthentication(
            services: services,
            caller: caller,
            fields: common,
            refusals: .symbolic
        )
        let now = services.clock.now
        let outcome = try await services.store.write { db -> OneTimeAttempt.Outcome in
            let outcome = try db.attempt(attempt, app: caller.app, now: now)
            guard case .granted(let user, let code) = outcome else { return outcome }
            return .granted(try db.recordAuthentication(of: user, by: code.method.rawValue, now: now), code)
        }
        switch outcome {
        case .wrong: throw APIError.symbolic(400, .authInvalidCredentials)
        case .expired: throw APIError.symbolic(400, .authOTPPasscodeExpired)
        case .locked: throw APIError.symbolic(403, .authLocked)
        case .granted(let user, let code):
            return try await authentication.complete(
                user,
                method: code.method.authenticationMethod,
                approvalData: code.approvalData.map(JSONValue.object)
            )
        }
    }
}
