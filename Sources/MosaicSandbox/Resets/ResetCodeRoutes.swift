import Foundation
import GRDB

/// E8: `POST /cis/v1/auth/password/reset/email/otp`. A mail with a reset code.
struct ResetSendEmailOTPRoute: EndpointHandler {
    let endpoint = Endpoint.sendResetMail
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let (start, content) = try call.fields(refusal: ResetStart.invalid) { fields in
            (ResetStart(&fields, [.email]), EmailContent(&fields))
        }
        let look = try call.client.app.passwordPreferences?.message
        try await start.sendCode(.resetEmailCode, call, services) { composer, address, code, minutes in
            composer.mail(
                .resetCode,
                to: address,
                code: code,
                minutes: minutes,
                style: MailStyle(
                    content: content,
                    look: look,
                    subject: "Your code to choose a new password for \(composer.app.name)"
                )
            )
        }
        return Reply(200, ["message": "Email Sent"])
    }
}

/// E10: `POST /cis/v1/auth/password/reset/sms/otp`. An SMS with a reset code.
struct ResetSendSMSOTPRoute: EndpointHandler {
    let endpoint = Endpoint.sendResetSMS
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let start = try call.fields(refusal: ResetStart.invalid) { fields in ResetStart(&fields, [.phoneNumber]) }
        try await start.sendCode(.resetSMSCode, call, services) { composer, number, code, minutes in
            composer.sms(.resetCode, to: number, code: code, minutes: minutes)
        }
        return Reply(200, ["message": "SMS Sent"])
    }
}

/// E9 and E11: `POST …/reset/email/otp/validate` and `…/reset/sms/otp/validate`. A reset token for a right code.
///
/// An unknown user looks like a wrong code. E9 has no code of its own for an expired one.
struct ResetVerifyOTPRoute: EndpointHandler {
    let endpoint: Endpoint
    let services: SandboxServices

    private var isMail: Bool { endpoint == .validateResetMail }

    func respond(to call: EndpointCall) async throws -> Reply {
        let caller = try call.client
        let (value, passcode) = try call.fields(refusal: ResetStart.invalid) { fields in
            (
                fields.string(isMail ? "email" : "phone_number", required: true, nonEmpty: true, allowsNUL: true) ?? "",
                fields.string("passcode", required: true, nonEmpty: true, allowsNUL: true) ?? ""
            )
        }
        _ = try ResetStart.preferences(caller.app)
        let attempt = OneTimeAttempt(
            passcode: passcode,
            methods: [isMail ? .resetEmailCode : .resetSMSCode],
            reference: UserReference(type: isMail ? "email" : "phone_number", value: value),
            requestID: nil,
            client: caller.client
        )
        let now = services.clock.now
        let token = try await services.store.write { [resets = services.resets] db -> ResetTokens.New? in
            switch try db.attempt(attempt, app: caller.app, now: now) {
            case .granted(let user, let code):
                let token = try resets.make(
                    userID: user.user.userID,
                    app: caller.app,
                    client: caller.client,
                    factors: code.factors + [code.method.authenticationMethod],
                    ignoresMFA: code.ignoresMFA
                )
                try token.record.insert(db)
                return token
            // Thrown, these would undo the count of the failure; nil is a wrong code.
            case .wrong: return nil
            case .expired: throw APIError.symbolic(400, isMail ? .authInvalidCredentials : .authOTPPasscodeExpired)
            case .locked: throw APIError.symbolic(403, .authLocked)
            }
        }
        guard let token else { throw APIError.symbolic(400, .authInvalidCredentials) }
        return Reply(200, ["result": .string(token.text)])
    }
}

extension ResetStart {
    /// Sends a reset code to the user's verified address.
    ///
    /// - Parameter compose: writes the message from address, code and lifetime in minutes.
    fileprivate func sendCode(
        _ method: OneTimeMethod,
        _ call: EndpointCall,
        _ services: SandboxServices,
        compose: @escaping @Sendable (MessageComposer, String, String, Double) -> OutboxMessage
    ) async throws {
        let caller = try call.client
        _ = try Self.preferences(caller.app)
        guard let limits = try caller.app.limits(method) else {
            throw APIError.symbolic(403, .authLoginPreferencesMissing)
        }
        let isMail = method == .resetEmailCode
        let (user, address) = try await services.store.read { db in
            try self.user(in: caller.app, by: isMail ? .email : .phoneNumber, isMail ? .mail : .sms, db)
        }
        let factors = try await services.resets.factors(of: previous, userID: user.user.userID)
        let now = services.clock.now
        let code = RandomText.passcode(length: limits.codeLength)
        let reference = UserReference(type: isMail ? "email" : "phone_number", value: value)
        try await services.store.write { [outbox = services.outbox] db in
            try db.issue(
                OneTimeCodeRecord(
                    method: method,
                    userID: user.user.userID,
                    appID: caller.app.appID,
                    clientID: caller.client.clientID,
                    digest: TokenIssuer.digest(code),
                    identifierType: reference.type,
                    identifier: reference.key,
                    factors: factors,
                    ignoresMFA: ignoresMFA,
                    createdAt: now,
                    expiresAt: now.addingTimeInterval(limits.lifetime * 60)
                )
            )
            let composer = MessageComposer(app: caller.app, userID: user.user.userID, now: now)
            try outbox.post(compose(composer, address.value, code, limits.lifetime), in: db)
        }
    }
}
