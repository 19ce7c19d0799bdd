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
