import Foundation

/// Random identifiers and secrets from the system's generator.
enum RandomText {
    /// `byteCount` random bytes in base64url without padding.
    static func base64URL(byteCount: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return Data((0..<byteCount).map { _ in UInt8.random(in: .min ... .max, using: &generator) }).base64URLText
    }

    /// `length` characters of a–z and 0–9: for identifiers that people read and form fields carry unencoded.
    static func identifier(length: Int) -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        return String((0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count)] })
    }

    /// `length` digits, leading zeros among them.
    static func passcode(length: Int) -> String {
        String((0..<length).map { _ in Character(String(Int.random(in: 0...9))) })
    }

    /// The form of request IDs: a random UUID in lower case.
    static func requestID() -> String { UUID().uuidString.lowercased() }
}

extension Data {
    /// These bytes in base64url without padding (RFC 4648, section 5).
    var base64URLText: String {
        base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The bytes of a base64url text without padding; nil when it is malformed.
    init?(base64URLText text: String) {
        guard !text.contains(where: { $0 == "+" || $0 == "/" || $0 == "=" }) else { return nil }
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        self.init(base64Encoded: text.replacing("-", with: "+").replacing("_", with: "/") + padding)
    }
}
