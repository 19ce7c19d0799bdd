/// The `password` member of an app's login preferences (contract section 10); members that the contract lists and this type
/// does not need are kept in the stored JSON.
package struct PasswordPreferences: Sendable, Codable, Equatable {
    /// One step of progressive lockout.
    package struct LockoutTier: Sendable, Codable, Equatable {
        /// Failures that trigger the step, counted across locks.
        package var attempts: Int
        /// Minutes locked.
        package var duration: Int

        package init(attempts: Int, duration: Int) {
            self.attempts = attempts
            self.duration = duration
        }
    }

    /// Least number of characters.
    package var passwordMinLength = 14
    /// Strength level, 1 to 5; see ``PasswordComplexity``.
    package var passwordComplexity = 5
    /// How many recent passwords, the current one included, may not be used again.
    package var blockPreviousPasswords = 0
    /// Days until a permanent password expires.
    package var passwordExpiresIn = 90
    /// Whether passwords never expire.
    package var ignoreExpiration = false
    /// Wrong tries before a suspension.
    package var maxPasswordFailures = 5
    /// Length of a suspension in minutes.
    package var passwordSuspensionDuration = 15
    /// Minutes until a failure is forgotten.
    package var failuresExpireIn = 15
    /// Progressive lockout; replaces the two values above when not empty.
    package var lockoutTiers: [LockoutTier] = []
    /// Minutes that a reset token, link or code lives.
    package var resetValidityMinutes = 5
    /// Digits of a reset code.
    package var codeLength = 6
    /// Hours that a temporary password works; the contract's journey page says 72.
    package var tempPasswordValidityHours = 72
    /// Whether a reset takes two factors.
    package var requireMFA = false
    /// Whether the user gets a mail when the password changes.
    package var notifyOnPasswordUpdate = false
    /// Whether passwords are checked against breached ones when they are set.
    package var checkHibp = false
    /// Whether passwords are checked against common words when they are set.
    package var checkDictionary = false
    /// The look of mails.
    package var message: MessageLook?

    package init() {}

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func value<Value: Decodable>(_ key: CodingKeys, _ standard: Value) throws -> Value {
            try container.decodeIfPresent(Value.self, forKey: key) ?? standard
        }
        passwordMinLength = try value(.passwordMinLength, passwordMinLength)
        passwordComplexity = try value(.passwordComplexity, passwordComplexity)
        blockPreviousPasswords = try value(.blockPreviousPasswords, blockPreviousPasswords)
        passwordExpiresIn = try value(.passwordExpiresIn, passwordExpiresIn)
        ignoreExpiration = try value(.ignoreExpiration, ignoreExpiration)
        maxPasswordFailures = try value(.maxPasswordFailures, maxPasswordFailures)
        passwordSuspensionDuration = try value(.passwordSuspensionDuration, passwordSuspensionDuration)
        failuresExpireIn = try value(.failuresExpireIn, failuresExpireIn)
        lockoutTiers = try value(.lockoutTiers, lockoutTiers)
        resetValidityMinutes = try value(.resetValidityMinutes, resetValidityMinutes)
        codeLength = try value(.codeLength, codeLength)
        requireMFA = try value(.requireMFA, requireMFA)
        notifyOnPasswordUpdate = try value(.notifyOnPasswordUpdate, notifyOnPasswordUpdate)
        tempPasswordValidityHours = try value(.tempPasswordValidityHours, tempPasswordValidityHours)
        checkHibp = try value(.checkHibp, checkHibp)
        checkDictionary = try value(.checkDictionary, checkDictionary)
        message = try container.decodeIfPresent(MessageLook.self, forKey: .message)
    }

    /// The values that are out of the contract's ranges, one sentence per member.
    package var problems: [String] {
        let ranges: [(String, Int, ClosedRange<Int>)] = [
            ("passwordMinLength", passwordMinLength, 5...14),
            ("passwordComplexity", passwordComplexity, 1...5),
            ("blockPreviousPasswords", blockPreviousPasswords, 0...20),
            ("passwordExpiresIn", passwordExpiresIn, 1...1096),
            ("maxPasswordFailures", maxPasswordFailures, 1...20),
            ("passwordSuspensionDuration", passwordSuspensionDuration, 1...525_600),
            ("failuresExpireIn", failuresExpireIn, 1...525_600),
            ("resetValidityMinutes", resetValidityMinutes, 5...60),
            ("codeLength", codeLength, 4...8),
            ("tempPasswordValidityHours", tempPasswordValidityHours, 1...8760),
        ]
        var problems = ranges.compactMap { name, value, range in
            range.contains(value)
                ? nil : "password.\(name) must be between \(range.lowerBound) and \(range.upperBound)"
        }
        for tier in lockoutTiers {
            if tier.attempts < 1 { problems.append("password.lockoutTiers.attempts must be at least 1") }
            if !(1...525_600).contains(tier.duration) {
                problems.append("password.lockoutTiers.duration must be between 1 and 525600")
            }
        }
        return problems
    }
}
