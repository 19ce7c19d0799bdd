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
