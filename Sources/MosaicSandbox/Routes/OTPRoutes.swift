import Foundation
import GRDB

/// E20: `POST /cis/v1/auth/otp/send`. A passcode by mail or SMS, or with `channel` `direct` in the answer.
struct OTPSendRoute: EndpointHandler {
    let endpoint = Endpoint.sendCode
    let services: SandboxServices

    private enum Channel: String, CaseIterable {
        case sms
        case email
        case direct

        var method: OneTimeMethod {
            switch self {
            case .sms: .smsCode
            case .email: .emailCode
            case .direct: .directCode
            }
        }
    }

    private struct Body: Sendable {
        var channel: Channel
        var reference: UserReference
        var minutes: Double?
        var wantsRequestID: Bool
        var approvalData: [String: JSONValue]?
        var customEmail: String?
        var customNumber: String?
        var content: EmailContent?
        var customSMS: CustomSMS?
    }

    func respond(to call: EndpointCall) async throws -> Reply {
        let caller = try call.client
        let body = try Self.body(call)
        guard let limits = try caller.app.limits(body.channel.method) else {
            throw APIError.symbolic(403, .authLoginPreferencesMissing)
        }
        let now = services.clock.now
        return try await services.store.write { [outbox = services.outbox] db in
            guard let user = try db.appUser(body.reference, appID: caller.app.appID) else {
                throw APIError.symbolic(404, .userNotFound)
            }
            guard user.user.status != .disabled else { throw APIError.symbolic(403, .userNotActive) }
            let code = RandomText.passcode(length: limits.codeLength)
            let minutes = body.minutes ?? limits.lifetime
            let address = try Self.address(body, user)
            let record = OneTimeCodeRecord(
                method: body.channel.method,
                userID: user.user.userID,
                appID: caller.app.appID,
                clientID: caller.client.clientID,
                digest: TokenIssuer.digest(code),
                identifierType: body.reference.type,
                identifier: body.reference.key,
                requestID: body.wantsRequestID ? RandomText.requestID() : nil,
                addressKind: address?.kind,
                addressKey: address.map { AddressRecord.key($0.kind, $0.value) },
                approvalData: body.approvalData,
                createdAt: now,
                expiresAt: now.addingTimeInterval(minutes * 60)
            )
            try db.issue(record)
            if let address {
                let composer = MessageComposer(app: caller.app, userID: user.user.userID, now: now)
                try outbox.post(
                    Self.message(body, composer, to: address.value, code: code, minutes: minutes),
                    in: db
                )
            }
            var reply: [String: JSONValue] = ["message": address == nil ? "OTP created" : "OTP sent"]
            reply.set("request_id", record.requestID)
            reply.set("approval_data", body.approvalData.map(JSONValue.object))
            if address == nil { reply["code"] = .string(code) }
            return Reply(200, reply)
        }
    }

    private static func body(_ call: EndpointCall) throws -> Body {
        try call.fields {
            .symbolic(400, .systemInvalidInput, $0.joined(separator: "; "))
        } read: { fields in
            if !fields.has("channel") { fields.report("channel is required") }
            let channel = fields.oneOf("channel", Channel.self) ?? .email
            fields.skipClientAttributes()
            fields.skipDeviceID()
            let body = Body(
                channel: channel,
                reference: UserReference(&fields),
                minutes: fields.minutes("expires_in"),
                wantsRequestID: fields.boolean("generate_request_id") ?? false,
                approvalData: ApprovalData.read(&fields),
                customEmail: fields.string("custom_email", nonEmpty: true),
                customNumber: fields.string("custom_phone_number", nonEmpty: true),
                content: EmailContent(&fields),
                customSMS: CustomSMS(&fields)
            )
            if let email = body.customEmail, !Identifiers.isEmail(email) {
                fields.report("custom_email must be an email")
            }
            if let number = body.customNumber, !Identifiers.isPhoneNumber(number) {
                fields.report("custom_phone_number must be a valid E.164 phone number")
            }
            return body
        }
    }

    /// Where the code goes; nil for a direct one.
    private static func address(_ body: Body, _ user: AppUser) throws -> (kind: AddressRecord.Kind, value: String)? {
        switch body.channel {
        case .direct: return nil
        case .email:
            guard let value = body.customEmail ?? user.primary(.email)?.value else {
                throw APIError.symbolic(404, .userEmailAddressMissing)
            }
            return (.email, value)
        case .sms:
            guard let value = body.customNumber ?? user.primary(.phoneNumber)?.value else {
                throw APIError.symbolic(404, .userPhoneNumberMissing)
            }
            return (.phoneNumber, value)
        }
    }

    private static func message(
        _ body: Body,
        _ composer: MessageComposer,
        to address: String,
        code: String,
        minutes: Double
    ) throws -> OutboxMessage {
        guard body.channel == .email else {
            return composer.sms(.oneTimeCode, to: address, code: code, minutes: minutes, custom: body.customSMS)
        }
        return composer.mail(
            .oneTimeCode,
            to: address,
            code: code,
            minutes: minutes,
            style: MailStyle(
                content: body.content,
                look: try composer.app.codePreferences(.email)?.message,
                subject: "Your code for \(composer.app.name)"
            )
        )
    }
}

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
