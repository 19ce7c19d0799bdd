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
