/// The forms of user identifiers.
enum Identifiers {
    /// A mailbox in the usual form: something, one `@`, a host with a dot or `localhost`-like name; no spaces.
    static func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 254 else { return false }
        return parts.allSatisfy { part in
            !part.isEmpty && part.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0.value >= 0x20 }
        }
    }

    /// An E.164 number: `+`, then 7 to 15 digits that do not start with 0.
    static func isPhoneNumber(_ text: String) -> Bool {
        guard text.first == "+" else { return false }
        let digits = text.utf8.dropFirst()
        return (7...15).contains(digits.count) && digits.allSatisfy { (0x30...0x39).contains($0) }
            && digits.first != 0x30
    }

    /// The form under which an email is looked up: ASCII letters in lower case, everything else as it is.
    static func emailKey(_ email: String) -> String {
        String(decoding: email.utf8.map { (0x41...0x5a).contains($0) ? $0 + 0x20 : $0 }, as: UTF8.self)
    }
}
