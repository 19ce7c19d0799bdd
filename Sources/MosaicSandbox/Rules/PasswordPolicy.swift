package import Foundation

/// Whether a new password is good enough by an app's login preferences, its history aside.
package struct PasswordPolicy: Sendable {
    /// A reason to refuse a password: the code that E28 and E29 answer, and a sentence.
    package struct Violation: Sendable, Equatable {
        package let code: SymbolicCode
        package let message: String
    }

    package let preferences: PasswordPreferences

    package init(_ preferences: PasswordPreferences) { self.preferences = preferences }

    /// Everything that speaks against the password, complexity first.
    ///
    /// - Parameter enforceComplexity: false leaves out length, variety and dictionary, as E28's `enforce_complexity` does; the
    ///   breach check stays.
    package func violations(of password: String, enforceComplexity: Bool = true) -> [Violation] {
        var violations: [Violation] = []
        if enforceComplexity {
            if password.count < preferences.passwordMinLength {
                violations.append(
                    .weak("Password must be at least \(preferences.passwordMinLength) characters long")
                )
            }
            violations += PasswordComplexity(level: preferences.passwordComplexity).problems(of: password)
                .map(Violation.weak)
            if preferences.checkDictionary && CommonPasswords.containsWord(password) {
                violations.append(.weak("Password must not be a common word"))
            }
        }
        if preferences.checkHibp && CommonPasswords.isBreached(password) {
            violations.append(
                Violation(code: .authPasswordBreached, message: SymbolicCode.authPasswordBreached.meaning)
            )
        }
        return violations
    }
}

extension PasswordPolicy.Violation {
    static func weak(_ message: String) -> Self { Self(code: .authPasswordWeak, message: message) }
}

/// The sandbox's own reading of `passwordComplexity`, whose levels Mosaic does not publish.
///
/// The level is a floor on variety; the length is a setting of its own:
///
/// | level | demands |
/// |---|---|
/// | 1 | nothing besides the length |
/// | 2 | two of: lower case, upper case, digit, other |
/// | 3 | three of them |
/// | 4 | all four |
/// | 5 | all four, and no character three times in a row |
package struct PasswordComplexity: Sendable {
    /// 1 to 5; other values count as the nearest of these.
    package let level: Int

    package init(level: Int) { self.level = min(max(level, 1), 5) }

    /// What the password lacks, one sentence each; empty when it is strong enough.
    package func problems(of password: String) -> [String] {
        var problems: [String] = []
        let classes = Self.classes(in: password)
        let demanded = min(level, 4)
        if level > 1 && classes < demanded {
            problems.append(
                "Password must contain at least \(demanded) of: lower case letter, upper case letter, digit, other character"
            )
        }
        if level == 5 && Self.hasTripleCharacter(password) {
            problems.append("Password must not contain the same character three times in a row")
        }
        return problems
    }

    private static func classes(in password: String) -> Int {
        var lower = false
        var upper = false
        var digit = false
        var other = false
        for character in password {
            if character.isLowercase {
                lower = true
            } else if character.isUppercase {
                upper = true
            } else if character.isNumber {
                digit = true
            } else {
                other = true
            }
        }
        return [lower, upper, digit, other].count { $0 }
    }

    private static func hasTripleCharacter(_ password: String) -> Bool {
        let characters = Array(password)
        return characters.indices.dropFirst(2).contains {
            characters[$0] == characters[$0 - 1] && characters[$0] == characters[$0 - 2]
        }
    }
}

/// The sandbox's stand-in for Mosaic's breach corpus and dictionary: it asks no service on the network, so it knows only a few
/// famous entries, enough to see the refusals.
enum CommonPasswords {
    private static let breached: Set<String> = [
        "password", "password1", "password123", "123456", "12345678", "123456789", "1234567890", "qwerty", "qwerty123",
        "qwertyuiop", "abc123", "111111", "letmein", "welcome", "welcome1", "iloveyou", "monkey", "dragon", "football",
        "sunshine", "princess", "admin", "trustno1", "passw0rd", "p@ssw0rd", "p@ssw0rd123!", "password123!",
        "password1234!", "correcthorsebatterystaple",
    ]

    private static let words: Set<String> = [
        "password", "passphrase", "welcome", "administrator", "letmein", "sunshine", "football", "baseball", "princess",
        "dragon", "monkey", "master", "shadow", "superman", "qwerty", "summer", "winter", "spring", "autumn", "secret",
    ]

    /// Whether the password is in the corpus; letter case is ignored.
    static func isBreached(_ password: String) -> Bool { breached.contains(password.lowercased()) }

    /// Whether the password is a common word, digits and other marks around it aside.
    static func containsWord(_ password: String) -> Bool {
        let letters = password.lowercased().drop { !$0.isLetter }
        return words.contains(String(letters.reversed().drop { !$0.isLetter }.reversed()))
    }
}

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

/// What a correct password is worth at a given time: it may have to be changed first (contract section 12).
package enum PasswordState: Sendable, Equatable {
    /// It logs the user in.
    case valid
    /// It is right but older than the app allows; a reset token is given.
    case expired
    /// It was set by someone else and must be replaced; a reset token is given.
    case temporary
    /// It is temporary and too old to be worth anything: must be changed, and no reset token is given for it.
    case temporaryLapsed

    /// The state of a password set at `updatedAt`.
    ///
    /// Computed from the preferences of the moment, because a changed `passwordExpiresIn` also concerns old passwords.
    package init(isTemporary: Bool, updatedAt: Date, now: Date, _ preferences: PasswordPreferences) {
        let expiry = Self.expiry(isTemporary: isTemporary, updatedAt: updatedAt, preferences)
        let isPast = expiry.map { now >= $0 } ?? false
        switch (isTemporary, isPast) {
        case (true, true): self = .temporaryLapsed
        case (true, false): self = .temporary
        case (false, true): self = .expired
        case (false, false): self = .valid
        }
    }

    /// When such a password expires; nil when never.
    package static func expiry(isTemporary: Bool, updatedAt: Date, _ preferences: PasswordPreferences) -> Date? {
        if isTemporary {
            return updatedAt.addingTimeInterval(Double(preferences.tempPasswordValidityHours) * 3600)
        }
        if preferences.ignoreExpiration { return nil }
        return updatedAt.addingTimeInterval(Double(preferences.passwordExpiresIn) * 86_400)
    }
}
