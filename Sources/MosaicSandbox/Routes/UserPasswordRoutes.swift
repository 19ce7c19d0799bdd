import Foundation
import GRDB

/// E28: `POST /cis/v1/users/{user_id}/password`. The first password of a user.
struct CreatePasswordRoute: EndpointHandler {
    let endpoint = Endpoint.createPassword
    let services: SandboxServices

    private struct Body {
        var password: String
        var username: String?
        var forceReplace: Bool
        var enforceComplexity: Bool
    }

    func respond(to call: EndpointCall) async throws -> Reply {
        let userID = try call.parameter("user_id")
        let app = try call.client.app
        let body = try call.fields {
            .symbolic(400, .systemInvalidInput, $0.joined(separator: "; "))
        } read: { fields in
            _ = fields.string("device_id", maximum: 80)
            return Body(
                password: fields.string("password", required: true, nonEmpty: true) ?? "",
                username: fields.string("username", nonEmpty: true),
                forceReplace: fields.boolean("force_replace") ?? true,
                enforceComplexity: fields.boolean("enforce_complexity") ?? true
            )
        }
        try await services.store.read { db in try Self.check(userID, body, app, db) }
        guard let preferences = try app.passwordPreferences else {
            throw APIError.symbolic(400, .authPasswordPolicyDisabled)
        }
        let violations = PasswordPolicy(preferences)
            .violations(of: body.password, enforceComplexity: body.enforceComplexity)
        if let violation = violations.first { throw APIError.symbolic(400, violation.code, violation.message) }
        let hash = try await services.hasher.hash(body.password)
        let now = services.clock.now
        try await services.store.write { db in
            try Self.check(userID, body, app, db)
            if let username = body.username {
                try db.execute(
                    sql: "UPDATE membership SET username = ? WHERE appID = ? AND userID = ?",
                    arguments: [username, app.appID, userID]
                )
            }
            try db.setPassword(userID: userID, hash: hash, isTemporary: body.forceReplace, now: now)
        }
        return Reply(201, ["result": ["message": "Password registered"]])
    }

    private static func check(_ userID: String, _ body: Body, _ app: AppRecord, _ db: Database) throws {
        guard let user = try db.appUser(userID: userID, appID: app.appID) else {
            throw APIError.symbolic(404, .userNotFound)
        }
        guard user.password == nil else { throw APIError.symbolic(409, .authPasswordAlreadyConfigured) }
        if let username = body.username, let holder = try db.appUser(username: username, appID: app.appID),
            holder.user.userID != userID
        {
            throw APIError.symbolic(400, .systemInvalidInput, "username is already taken")
        }
    }
}

/// E29: `PUT /cis/v1/users/{user_id}/password`. Replaces the password of a user who has one.
struct UpdatePasswordRoute: EndpointHandler {
    let endpoint = Endpoint.updatePassword
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let userID = try call.parameter("user_id")
        let app = try call.client.app
        let (password, forceReplace) = try call.fields {
            .symbolic(400, .systemInvalidInput, $0.joined(separator: "; "))
        } read: { fields in
            _ = fields.string("device_id", maximum: 80)
            return (
                fields.string("password", required: true, nonEmpty: true) ?? "", fields.boolean("force_replace") ?? true
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
        try await services.store.write { db in
            try Self.check(userID, app, db)
            try db.setPassword(userID: userID, hash: hash, isTemporary: forceReplace, now: now)
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
