import Foundation
import GRDB

/// E17: `POST /cis/v1/auth/password/authenticate`.
///
/// No source documents its failures; these are the best supported ones (contract section 6): wrong or unknown as
/// ``SandboxSettings`` says, locked 403 `auth_locked`, inactive 403 `user_not_active`, to be changed 403 in shape B with
/// `reset_token`, a dead session 400 in shape C.
struct PasswordAuthenticateRoute: EndpointHandler {
    let endpoint = Endpoint.authenticatePassword
    let services: SandboxServices

    private struct Body {
        var username: String
        var password: String
        var type: UsernameType
        var common: UserAuthentication.Fields
    }

    func respond(to call: EndpointCall) async throws -> Reply {
        let caller = try call.client
        let body = try Self.body(call)
        let authentication = try await UserAuthentication(
            services: services,
            caller: caller,
            fields: body.common,
            refusals: Self.refusals
        )
        let outcome = try await services.passwords.authenticate(
            body.type,
            body.username,
            password: body.password,
            app: caller.app
        )
        switch outcome {
        case .refused: return services.settings.wrongPasswordReply
        case .locked: throw APIError.symbolic(403, .authLocked)
        case .inactive: throw APIError.symbolic(403, .userNotActive)
        case .mustChange(let user, let state):
            throw try await services.resets.mustChange(user, state, app: caller.app, client: caller.client)
        case .granted(let user): return try await authentication.complete(user, method: "pwd")
        }
    }

    private static let refusals = UserAuthentication.Refusals(
        invalid: UserAuthentication.Refusals.symbolic.invalid,
        sessionNotFound: UserAuthentication.Refusals.digits.sessionNotFound
    )

    private static func body(_ call: EndpointCall) throws -> Body {
        try call.fields {
            refusals.invalid($0.joined(separator: "; "))
        } read: { fields in
            let username = fields.string("username", required: true, nonEmpty: true, allowsNUL: true)
            let password = fields.string("password", required: true, nonEmpty: true, allowsNUL: true)
            let type = fields.oneOf("username_type", UsernameType.self) ?? .username
            return Body(
                username: username ?? "",
                password: password ?? "",
                type: type,
                common: UserAuthentication.Fields(&fields)
            )
        }
    }
}

/// E28: `POST /cis/v1/users/{user_id}/password`. The first password of a user.
struct PasswordRegisterRoute: EndpointHandler {
    let endpoint = Endpoint.createPassword
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let userID = try call.parameter("user_id")
        let app = try call.client.app
        let first = try call.fields {
            .symbolic(400, .systemInvalidInput, $0.joined(separator: "; "))
        } read: { fields in
            fields.skipDeviceID()
            return FirstPassword(
                userID: userID,
                password: fields.string("password", required: true, nonEmpty: true, allowsNUL: true) ?? "",
                username: fields.string("username", nonEmpty: true),
                isTemporary: fields.boolean("force_replace") ?? true,
                enforceComplexity: fields.boolean("enforce_complexity") ?? true,
                alreadyConfigured: .symbolic(409, .authPasswordAlreadyConfigured)
            )
        }
        try await first.set(in: app, services)
        return Reply(201, ["result": ["message": "Password registered"]])
    }
}

/// E29: `PUT /cis/v1/users/{user_id}/password`. Replaces the password of a user who has one.
struct PasswordUpdateRoute: EndpointHandler {
    let endpoint = Endpoint.updatePassword
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let userID = try call.parameter("user_id")
        let app = try call.client.app
        let (password, forceReplace) = try call.fields {
            .symbolic(400, .systemInvalidInput, $0.joined(separator: "; "))
        } read: { fields in
            fields.skipDeviceID()
            return (
                fields.string("password", required: true, nonEmpty: true, allowsNUL: true) ?? "",
                fields.boolean("force_replace") ?? true
            )
        }
        try await services.store.read { db in try Self.check(userID, app, db) }
        guard let preferences = try app.passwordPreferences else {
            throw APIError.symbolic(400, .authPasswordPolicyDisabled)
        }
        if let violation = PasswordPolicy(preferences).violations(of: password).first {
            throw APIError.symbolic(400, violation.code, violation.message)
        }
        let recent = try await services.store.read { db in
            try db.recentPasswordHashes(userID: userID, limit: preferences.blockPreviousPasswords)
        }
        if try await services.hasher.verify(password, againstAny: recent) {
            throw APIError.symbolic(400, .authPasswordRecentlyUsed)
        }
        let hash = try await services.hasher.hash(password)
        let now = services.clock.now
        try await services.store.write { [outbox = services.outbox] db in
            try Self.check(userID, app, db)
            try db.setPassword(userID: userID, hash: hash, isTemporary: forceReplace, now: now)
            _ = try outbox.noticePassword(of: userID, app, preferences, now: now, in: db)
        }
        return Reply(200, ["result": ["message": "Password registered"]])
    }

    private static func check(_ userID: String, _ app: AppRecord, _ db: Database) throws {
        guard let user = try db.appUser(userID: userID, appID: app.appID) else {
            throw APIError.symbolic(404, .userNotFound)
        }
        // The contract's code says "already", its text "not configured" (open question 8).
        guard let password = user.password else {
            throw APIError.symbolic(409, .authPasswordAlreadyConfigured, "Password is not configured")
        }
        guard password.isActive else { throw APIError.symbolic(400, .authNotActive) }
        guard user.membership.username != nil || user.primary(.email) != nil || user.primary(.phoneNumber) != nil else {
            throw APIError.symbolic(400, .authPasswordIncompleteCredentials)
        }
    }
}

/// E30: `POST /cis/v1/users/me/password-credentials`. The logged-in user's own first password, permanent at once.
///
/// Only 403 is documented; a bad or weak password is refused as E28 does, which sets the same thing.
struct PasswordRegisterOwnRoute: EndpointHandler {
    let endpoint = Endpoint.registerPassword
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let caller = try call.user
        let first = try call.fields {
            .symbolic(400, .systemInvalidInput, $0.joined(separator: "; "))
        } read: { fields in
            fields.skipDeviceID()
            return FirstPassword(
                userID: caller.user.user.userID,
                password: fields.string("password", required: true, nonEmpty: true, allowsNUL: true) ?? "",
                username: fields.string("username", nonEmpty: true),
                isTemporary: false,
                enforceComplexity: true,
                alreadyConfigured: .message(403, "A password is already configured")
            )
        }
        try await first.set(in: caller.app, services)
        return Reply(200, ["result": ["message": "Password registered"]])
    }
}
