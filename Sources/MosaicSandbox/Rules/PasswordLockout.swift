package import Foundation

/// The count of wrong passwords of one user in one app, and the lock that follows (contract section 12).
///
/// A plain value: the time comes in with each event. What the contract leaves open is decided here:
///
/// - A try while locked is refused and not counted; the lock is not prolonged.
/// - A correct password clears the count. Setting a new password does not.
/// - Without tiers the count starts again at zero when a lock begins.
/// - With tiers the count goes on across locks: reaching a tier's `attempts` locks for its `duration`, and beyond the last tier
///   every further failure locks for the last duration. Time under a lock does not age the failures, else a 15-minute lock
///   would always outlive 15-minute failures and no second tier could be reached.
package struct PasswordLockout: Sendable, Codable, Equatable {
    /// When the failures that still count happened, oldest first.
    package private(set) var failures: [Date] = []
    /// When the lock ends, if one was ever set.
    package private(set) var lockedUntil: Date?

    /// No failure, no lock.
    package init() {}

    /// Whether password login is refused at that time.
    package func isLocked(at now: Date) -> Bool {
        if let lockedUntil { now < lockedUntil } else { false }
    }

    /// How many failures count at that time.
    package func failureCount(at now: Date, _ preferences: PasswordPreferences) -> Int {
        living(at: now, preferences).count
    }

    /// A wrong password at that time; locks when it is one too many.
    package mutating func recordFailure(at now: Date, _ preferences: PasswordPreferences) {
        guard !isLocked(at: now) else { return }
        failures = living(at: now, preferences) + [now]
        if preferences.lockoutTiers.isEmpty {
            if failures.count >= preferences.maxPasswordFailures {
                lockedUntil = now.addingTimeInterval(Double(preferences.passwordSuspensionDuration) * 60)
                failures = []
            }
            return
        }
        let tiers = preferences.lockoutTiers.sorted { $0.attempts < $1.attempts }
        guard let tier = tiers.last(where: { $0.attempts <= failures.count }) else { return }
        if tier.attempts == failures.count || tier == tiers.last {
            lockedUntil = now.addingTimeInterval(Double(tier.duration) * 60)
        }
    }

    /// A correct password, or an administrator's unlock: nothing counts any more.
    package mutating func clear() { self = Self() }

    private func living(at now: Date, _ preferences: PasswordPreferences) -> [Date] {
        let lifetime = Double(preferences.failuresExpireIn) * 60
        return failures.filter { failure in
            let start = preferences.lockoutTiers.isEmpty ? failure : max(failure, lockedUntil ?? failure)
            return now < start.addingTimeInterval(lifetime)
        }
    }
}
