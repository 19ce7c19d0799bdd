import Foundation
import GRDB

/// E13: `POST /cis/v1/auth/password/reset`. Spends a reset token on a new, permanent password.
///
/// The token is spent only when the password is accepted, so that a weak one can be corrected; all of the user's other reset
/// tokens and codes end with it. Sessions and the lockout stay as they are (contract, open question 31).
struct ResetCompleteRoute: EndpointHandler {
    let endpoint = Endpoint.resetPassword
    let services: SandboxServices

    private struct Body: Sendable {
        var token: String
        var password: String
        var redirectURI: String?
        var resource: String?
        var requiresMFA: Bool
    }

    func respond(to call: EndpointCall) async throws -> Reply {
        let body = try call.fields {
            .messages(400, $0)
        } read: { fields in
            Body(
                token: fields.string("reset_token", required: true, nonEmpty: true) ?? "",
                password: fields.string("new_password", required: true, nonEmpty: true, allowsNUL: true) ?? "",
                redirectURI: fields.string("redirect_uri", nonEmpty: true),
                resource: fields.string("resource"),
                requiresMFA: fields.boolean("require_mfa") ?? false
            )
        }
        guard let content = try await services.resets.content(of: body.token) else { throw Self.invalidToken }
        guard !content.needsFactor else { throw APIError.message(403, "A second factor is required") }
        let found = try await services.store.read { db in
            (try db.authorizedClient(content.clientID), try db.recentPasswordHashes(userID: content.userID, limit: 20))
        }
        guard let caller = found.0, let preferences = try caller.app.passwordPreferences else {
            throw Self.invalidToken
        }
        if let uri = body.redirectURI, !caller.client.redirectURIs.contains(uri) {
            throw APIError.messages(
                400,
                ["redirect_uri is not one of the allowed redirect URIs configured for this app"]
            )
        }
        if let resource = body.resource, !caller.client.resources.contains(resource) {
            throw APIError.messages(400, ["resource is not configured for this client"])
        }
        var problems = PasswordPolicy(preferences).violations(of: body.password).map(\.message)
        let recent = Array(found.1.prefix(preferences.blockPreviousPasswords))
        if try await services.hasher.verify(body.password, againstAny: recent) {
            problems.append(SymbolicCode.authPasswordRecentlyUsed.meaning)
        }
        guard problems.isEmpty else { throw APIError.messages(400, problems) }
        let hash = try await services.hasher.hash(body.password)
        let (user, noticeAddress) = try await spend(content, hash: hash, caller, preferences)
        var reply: [String: JSONValue] = ["message": "Password changed successfully"]
        reply.set("email", noticeAddress)
        if let uri = body.redirectURI {
            let login = RedirectLogin(
                user: user,
                methods: content.factors,
                redirectURI: uri,
                requiresMFA: body.requiresMFA,
                request: UserTokenRequest(resource: body.resource)
            )
            reply["url"] = .string(try await login.url(caller, services, origin: call.origin))
        }
        return Reply(200, reply)
    }

    private static let invalidToken = APIError.message(403, "The reset token is invalid or expired")

    /// Sets the password and ends the token in one step, so that of two parallel calls one wins.
    private func spend(
        _ content: ResetTokens.Content,
        hash: String,
        _ caller: AuthorizedClient,
        _ preferences: PasswordPreferences
    ) async throws -> (user: AppUser, noticeAddress: String?) {
        let now = services.clock.now
        return try await services.store.write { [outbox = services.outbox] db in
            guard var record = try IssuedTokenRecord.fetchOne(db, key: content.tokenID), record.usedAt == nil,
                record.revokedAt == nil, now < record.expiresAt,
                let user = try db.appUser(userID: content.userID, appID: caller.app.appID),
                user.user.status != .disabled, user.password?.isActive == true
            else { throw Self.invalidToken }
            record.usedAt = now
            try record.update(db)
            try db.endResets(of: content.userID, now: now)
            try db.setPassword(userID: content.userID, hash: hash, isTemporary: false, now: now)
            let address = try outbox.noticePassword(of: content.userID, caller.app, preferences, now: now, in: db)
            let changed = try db.appUser(userID: content.userID, appID: caller.app.appID)
            return (changed ?? user, address)
        }
    }
}

extension Database {
    /// Ends the user's reset tokens and codes that were not spent.
    fileprivate func endResets(of userID: String, now: Date) throws {
        try execute(
            sql: """
                UPDATE issuedToken SET revokedAt = ?
                WHERE userID = ? AND kind = 'reset' AND usedAt IS NULL AND revokedAt IS NULL
                """,
            arguments: [now, userID]
        )
        try OneTimeCodeRecord
            .filter(
                Column("userID") == userID && Column("endedAt") == nil
                    && [OneTimeMethod.resetEmailCode, .resetSMSCode].map(\.rawValue).contains(Column("method"))
            )
            .updateAll(self, Column("endedAt").set(to: now))
    }
}

/// E12: `POST /cis/v1/auth/password/reset/password/validate`. A reset token for the current password, also for an expired or
/// temporary one; wrong passwords count towards the lockout.
///
/// Without bearer: the client is named in the body. Disabled users and lapsed temporary passwords look like wrong passwords.
struct ResetVerifyPasswordRoute: EndpointHandler {
    let endpoint = Endpoint.validateCurrentPassword
    let services: SandboxServices

    private struct Body: Sendable {
        var name: (type: UsernameType, value: String)
        var password: String
        var clientID: String
        var previous: String?
    }

    func respond(to call: EndpointCall) async throws -> Reply {
        let body = try call.fields(refusal: ResetStart.invalid) { fields in
            Body(
                name: fields.loginName(UsernameType.allCases) ?? (.username, ""),
                password: fields.string("password", required: true, nonEmpty: true, allowsNUL: true) ?? "",
                clientID: fields.string("client_id", required: true, nonEmpty: true) ?? "",
                previous: fields.string("prev_reset_token")
            )
        }
        let found = try await services.store.read { db in try db.authorizedClient(body.clientID) }
        guard let caller = found else { throw APIError.symbolic(404, .clientNotExist) }
        // A useless token is found before a try is spent on the password.
        if let previous = body.previous, try await services.resets.content(of: previous) == nil {
            throw APIError.symbolic(403, .authPasswordInvalidResetToken)
        }
        let outcome = try await services.passwords.authenticate(
            body.name.type,
            body.name.value,
            password: body.password,
            app: caller.app
        )
        let user: AppUser
        switch outcome {
        case .granted(let granted), .mustChange(let granted, .temporary), .mustChange(let granted, .expired):
            user = granted
        case .locked: throw APIError.symbolic(403, .authLocked)
        case .refused, .inactive, .mustChange: throw APIError.symbolic(403, .authInvalidCredentials)
        }
        let factors = try await services.resets.factors(of: body.previous, userID: user.user.userID)
        let token = try await services.resets.issue(
            userID: user.user.userID,
            app: caller.app,
            client: caller.client,
            factors: factors + ["pwd"]
        )
        return Reply(200, ["result": .string(token)])
    }
}

extension Database {
    /// The client of that ID with its app.
    func authorizedClient(_ clientID: String) throws -> AuthorizedClient? {
        try ClientRecord.named(clientID, self).map { client in
            AuthorizedClient(client: client, app: try app(client.appID))
        }
    }
}

/// E14: `POST /cis/v1/auth/password/validate`. Whether a password could be set: by the app's policy and, with a user, by that
/// user's history.
///
/// An unknown user is not refused, which would tell who exists: then only the policy counts. The codes of `errors` are not
/// published; these are E29's.
struct PasswordCheckRoute: EndpointHandler {
    let endpoint = Endpoint.checkPassword
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let app = try call.client.app
        let (password, name) = try call.fields(refusal: ResetStart.invalid) { fields in
            (
                fields.string("password", required: true, allowsNUL: true) ?? "",
                fields.loginName(UsernameType.allCases, required: false)
            )
        }
        guard let preferences = try app.passwordPreferences else {
            throw APIError.message(403, SymbolicCode.authPasswordPolicyDisabled.meaning)
        }
        var errors = PasswordPolicy(preferences).violations(of: password)
        let recent = try await services.store.read { db -> [String] in
            guard let name, let user = try db.appUser(name.0, name.1, appID: app.appID) else { return [] }
            return try db.recentPasswordHashes(userID: user.user.userID, limit: preferences.blockPreviousPasswords)
        }
        if try await services.hasher.verify(password, againstAny: recent) {
            let code = SymbolicCode.authPasswordRecentlyUsed
            errors.append(PasswordPolicy.Violation(code: code, message: code.meaning))
        }
        let list = errors.map { ["code": .string($0.code.rawValue), "message": .string($0.message)] as JSONValue }
        return Reply(200, ["result": ["valid_password": .boolean(errors.isEmpty), "errors": .array(list)]])
    }
}
