/// The rules for one method's codes, drawn from an app's login preferences.
struct OneTimeLimits: Sendable, Equatable {
    /// Minutes a code lives unless the call says otherwise.
    var lifetime: Double
    /// Digits of a code.
    var codeLength: Int
    /// Wrong tries before a code is invalid.
    var maxFailures: Int
    /// Minutes that the method is locked afterwards.
    var lockoutDuration: Double
    /// Whether another client of the app may authenticate with a code.
    var crossClientsAllowed: Bool
}

extension AppRecord {
    /// The rules for codes of that method; nil when the app has not configured it.
    ///
    /// Direct codes go by the mail method's settings, else by SMS's. Reset codes have lifetime and length of their own and
    /// share tries and lock with the channel they travel by, or its defaults.
    func limits(_ method: OneTimeMethod) throws -> OneTimeLimits? {
        switch method {
        case .emailLink: return nil
        case .emailCode: return try codePreferences(.email).map(OneTimeLimits.init)
        case .smsCode: return try codePreferences(.sms).map(OneTimeLimits.init)
        case .directCode:
            return try (codePreferences(.email) ?? codePreferences(.sms)).map(OneTimeLimits.init)
        case .resetEmailCode, .resetSMSCode:
            guard let password = try passwordPreferences else { return nil }
            let channel = try codePreferences(method == .resetEmailCode ? .email : .sms) ?? CodePreferences()
            var limits = OneTimeLimits(channel)
            limits.lifetime = Double(password.resetValidityMinutes)
            limits.codeLength = password.codeLength
            return limits
        }
    }
}

extension OneTimeLimits {
    init(_ preferences: CodePreferences) {
        lifetime = preferences.expiresIn
        codeLength = preferences.codeLength
        maxFailures = preferences.maxFailures
        lockoutDuration = preferences.lockoutDuration
        crossClientsAllowed = preferences.crossClientsAllowed
    }
}
