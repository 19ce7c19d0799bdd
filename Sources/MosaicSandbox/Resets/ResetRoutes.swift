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

/// E6: `POST /cis/v1/auth/password/reset/email/link`. A mail with a link that brings a reset token to the redirect URI.
struct ResetSendEmailLinkRoute: EndpointHandler {
    let endpoint = Endpoint.sendResetLink
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let (request, content) = try call.fields(refusal: ResetStart.invalid) { fields in
            (ResetLinkRequest(&fields), EmailContent(&fields))
        }
        _ = try await request.makeLink(call, services, postingIn: services.outbox, content)
        return Reply(200, ["message": "Reset password email sent"])
    }
}

/// E7: `POST /cis/v1/auth/password/reset/link`. The same link, for the caller to deliver.
struct ResetCreateLinkRoute: EndpointHandler {
    let endpoint = Endpoint.createResetLink
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let request = try call.fields(refusal: ResetStart.invalid) { fields in ResetLinkRequest(&fields) }
        let link = try await request.makeLink(call, services, postingIn: nil, nil)
        return Reply(200, ["reset_link": .string(link)])
    }
}

/// What E6 and E7 are asked for.
private struct ResetLinkRequest: Sendable {
    var start: ResetStart
    var redirectURI: String

    init(_ fields: inout RequestFields) {
        start = ResetStart(&fields, [.email, .username])
        redirectURI = fields.string("redirect_uri", required: true, nonEmpty: true) ?? ""
    }

    /// Makes the link, and mails it when there is an outbox.
    func makeLink(
        _ call: EndpointCall,
        _ services: SandboxServices,
        postingIn outbox: Outbox?,
        _ content: EmailContent?
    ) async throws -> String {
        let caller = try call.client
        guard caller.client.redirectURIs.contains(redirectURI) else {
            throw ResetStart.invalid(["redirect_uri is not one of the allowed redirect URIs configured for this app"])
        }
        let preferences = try ResetStart.preferences(caller.app)
        let (user, address) = try await services.store.read { db in
            try start.user(in: caller.app, by: .email, .mail, db)
        }
        let before = try await services.resets.factors(of: start.previous, userID: user.user.userID)
        let token = try services.resets.make(
            userID: user.user.userID,
            app: caller.app,
            client: caller.client,
            factors: before + [OneTimeMethod.emailLink.authenticationMethod],
            ignoresMFA: start.ignoresMFA
        )
        let now = services.clock.now
        return try await services.store.write { [origin = call.origin] db in
            try token.record.insert(db)
            let path = try db.makeLink(to: redirectURI, [("code", token.text)], until: token.record.expiresAt)
            let link = origin + path
            try outbox?.post(
                MessageComposer(app: caller.app, userID: user.user.userID, now: now).mail(
                    .resetLink,
                    to: address.value,
                    link: link,
                    code: token.text,
                    minutes: Double(preferences.resetValidityMinutes),
                    style: MailStyle(
                        content: content,
                        look: preferences.message,
                        subject: "Choose a new password for \(caller.app.name)"
                    )
                ),
                in: db
            )
            return link
        }
    }
}

/// What E6, E7, E8 and E10 have in common: a backend asks that a user be helped to a new password.
struct ResetStart: Sendable {
    /// How the user is named: `email`, `username` or `phone_number`.
    var type: UsernameType
    var value: String
    /// The token of a first factor.
    var previous: String?
    var ignoresMFA: Bool

    /// Reads the members; exactly one of `types` must be there.
    init(_ fields: inout RequestFields, _ types: [UsernameType]) {
        (type, value) = fields.loginName(types) ?? (.email, "")
        previous = fields.string("prev_reset_token")
        ignoresMFA = fields.boolean("ignore_mfa") ?? false
    }

    /// How E6–E12 word mistakes of form: shape D.
    static func invalid(_ problems: [String]) -> APIError {
        .symbolic(400, .systemInvalidInput, problems.joined(separator: "; "))
    }

    /// The user who is to be helped, and the address that proves them.
    ///
    /// A user without a password has none to reset and is not found. Of the refusals the contract knows "not found" and "not
    /// verified"; a disabled user is `user_not_active`, as on E20.
    func user(
        in app: AppRecord,
        by kind: AddressRecord.Kind,
        _ refusals: Refusals,
        _ db: Database
    ) throws -> (
        user: AppUser, address: AddressRecord
    ) {
        guard let user = try db.appUser(type, value, appID: app.appID), user.password != nil else {
            throw refusals.unknown
        }
        guard user.user.status != .disabled else { throw refusals.inactive }
        guard let address = user.primary(kind), address.verifiedAt != nil else { throw refusals.unverified }
        return (user, address)
    }

    /// The app's password settings.
    ///
    /// - Throws: 403 `auth_login_preferences_missing` when passwords are not configured.
    static func preferences(_ app: AppRecord) throws -> PasswordPreferences {
        guard let preferences = try app.passwordPreferences else {
            throw APIError.symbolic(403, .authLoginPreferencesMissing)
        }
        return preferences
    }

    /// The words of an endpoint for a user who cannot be helped.
    struct Refusals: Sendable {
        var unknown: APIError
        var inactive: APIError
        var unverified: APIError

        /// E6, E7, E8: shape B, as last documented.
        static let mail = Self(
            unknown: .message(404, "User not found"),
            inactive: .symbolic(403, .userNotActive),
            unverified: .message(403, "The email address is not verified")
        )
        /// E10.
        static let sms = Self(
            unknown: .symbolic(404, .userPhoneNumberMissing),
            inactive: .symbolic(403, .systemForbidden, "User is not active"),
            unverified: .symbolic(403, .systemForbidden, "The phone number is not verified")
        )
    }
}

extension RequestFields {
    /// Exactly one of the members `username`, `email`, `phone_number` that are allowed.
    mutating func loginName(_ types: [UsernameType], required: Bool = true) -> (UsernameType, String)? {
        let given = types.compactMap { type in string(type.rawValue, nonEmpty: true, allowsNUL: true).map { (type, $0) }
        }
        if let name = given.first, given.count == 1 { return name }
        let names = types.map(\.rawValue).joined(separator: ", ")
        if given.count > 1 { report("only one of \(names) may be given") }
        if given.isEmpty && required {
            report(types.count == 1 ? "\(names) is required" : "one of \(names) is required")
        }
        return nil
    }
}
