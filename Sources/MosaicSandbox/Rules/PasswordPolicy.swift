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
