import Foundation
import GRDB

/// The first password of a user, as E28 and E30 set it.
struct FirstPassword: Sendable {
    var userID: String
    var password: String
    /// Becomes the user's username when given.
    var username: String?
    var isTemporary: Bool
    /// Whether length, variety and dictionary count.
    var enforceComplexity: Bool
    /// The refusal for a user who has a password already.
    var alreadyConfigured: APIError

    /// Checks the policy and sets the password.
    ///
    /// - Throws: shape D: 400 for what the policy says or a taken username, 404 `user_not_found`; or ``alreadyConfigured``.
    func set(in app: AppRecord, _ services: SandboxServices) async throws {
        try await services.store.read { db in try check(app, db) }
        guard let preferences = try app.passwordPreferences else {
            throw APIError.symbolic(400, .authPasswordPolicyDisabled)
        }
        let violations = PasswordPolicy(preferences).violations(of: password, enforceComplexity: enforceComplexity)
        if let violation = violations.first { throw APIError.symbolic(400, violation.code, violation.message) }
        let hash = try await services.hasher.hash(password)
        let now = services.clock.now
        try await services.store.write { db in
            try check(app, db)
            if let username {
                try db.execute(
                    sql: "UPDATE membership SET username = ? WHERE appID = ? AND userID = ?",
                    arguments: [username, app.appID, userID]
                )
            }
            try db.setPassword(userID: userID, hash: hash, isTemporary: isTemporary, now: now)
        }
    }

    private func check(_ app: AppRecord, _ db: Database) throws {
        guard let user = try db.appUser(userID: userID, appID: app.appID) else {
            throw APIError.symbolic(404, .userNotFound)
        }
        guard user.password == nil else { throw alreadyConfigured }
        if let username, let holder = try db.appUser(username: username, appID: app.appID),
            holder.user.userID != userID
        {
            throw APIError.symbolic(400, .systemInvalidInput, "username is already taken")
        }
    }
}
