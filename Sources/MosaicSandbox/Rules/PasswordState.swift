package import Foundation

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
