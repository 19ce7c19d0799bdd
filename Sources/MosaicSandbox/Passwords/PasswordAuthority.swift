import Foundation
import GRDB

/// Decides whether a password logs a user in, and counts what is wrong.
struct PasswordAuthority: Sendable {
    /// What a login attempt came to.
    enum Outcome: Sendable {
        case granted(AppUser)
        /// No such user in the app, no password, or another password.
        case refused
        /// Too many failures; the password was not looked at.
        case locked
        /// The user is disabled.
        case inactive
        /// The password is right but must be replaced.
        case mustChange(AppUser, PasswordState)
    }

    let store: SandboxStore
    let hasher: PasswordHasher
    let clock: SandboxClock

    /// Tries a password.
    ///
    /// An unknown user costs the same hashing as a known one. The decision and the count are one transaction, so that parallel
    /// failures are counted one by one and none slips past the lock.
    func authenticate(
        _ type: UsernameType,
        _ identifier: String,
        password: String,
        app: AppRecord
    ) async throws -> Outcome {
        guard let preferences = try app.passwordPreferences else {
            _ = try await hasher.verify(password, against: nil)
            return .refused
        }
        // The password may be replaced while its hash is computed; then the new one decides.
        while true {
            let hash = try await store.read { db in
                try db.appUser(type, identifier, appID: app.appID)?.password.flatMap { $0.isActive ? $0.hash : nil }
            }
            let isRight = try await hasher.verify(password, against: hash)
            let decision = try await store.write { [clock] db -> Outcome? in
                guard let user = try db.appUser(type, identifier, appID: app.appID), let record = user.password,
                    record.isActive
                else { return .refused }
                guard record.hash == hash else { return nil }
                return try Self.decide(user, record, isRight: isRight, now: clock.now, preferences, in: db)
            }
            if let decision { return decision }
        }
    }

    private static func decide(
        _ user: AppUser,
        _ password: PasswordRecord,
        isRight: Bool,
        now: Date,
        _ preferences: PasswordPreferences,
        in db: Database
    ) throws -> Outcome {
        let userID = user.user.userID
        var lockout = try db.passwordLockout(userID: userID)
        if lockout.isLocked(at: now) { return .locked }
        if user.user.status == .disabled { return .inactive }
        guard isRight else {
            lockout.recordFailure(at: now, preferences)
            try db.setPasswordLockout(lockout, userID: userID)
            return .refused
        }
        lockout.clear()
        try db.setPasswordLockout(lockout, userID: userID)
        let state = PasswordState(
            isTemporary: password.isTemporary,
            updatedAt: password.updatedAt,
            now: now,
            preferences
        )
        guard state == .valid else { return .mustChange(user, state) }
        return .granted(try db.recordAuthentication(of: user, by: IdentityRecord.password, now: now))
    }
}

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
