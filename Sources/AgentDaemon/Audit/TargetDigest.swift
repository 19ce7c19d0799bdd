package import AgentProtocol
import Crypto
package import Secrets

/// Names the target of a call in the audit trail without naming the person.
///
/// The same identifier always gives the same digest under the same key, so records can be tied together and a known
/// identifier looked up, but a journal that leaves the host does not list its users. ASCII letters of either case are the
/// same to it, as they are to mail systems and to Mosaic, and of a phone number only the digits count.
package struct TargetDigest: Sendable {
    private let key: SymmetricKey
    /// Where the key comes from; nil for plain targets.
    package let keySource: AuditKeySource?

    /// Digests with HMAC-SHA256 (RFC 2104) under `key`.
    package init(key: Secret, from source: AuditKeySource = .credential) {
        self.init(key: key, source: source)
    }

    private init(key: Secret, source: AuditKeySource?) {
        keySource = source
        self.key = key.withBytes { bytes in
            SymmetricKey(data: bytes.indices.map { index in bytes[index] })
        }
    }

    /// A new random key of 256 bits.
    package static func newKey() -> Secret {
        Secret(copying: (0..<32).map { _ in UInt8.random(in: .min ... .max) })
    }

    /// Writes targets as they are. Only by explicit configuration.
    package static let plain = TargetDigest(key: newKey(), source: nil)

    /// The text for `MOSAIC_TARGET`: 32 hexadecimal digits (the first 128 bits of the digest), or the plain identifier.
    ///
    /// - Parameters:
    ///   - kind: the identifier's kind, as Mosaic names it (`username`, `email`, `phone_number`, `user_id`).
    ///   - identifier: its bytes as the caller sent them; a plain target keeps them.
    package func text(kind: String, identifier: some Sequence<UInt8>) -> String {
        let bytes = Array(identifier)
        guard keySource != nil else { return kind + ":" + String(decoding: bytes, as: UTF8.self) }
        return value(kind: kind, identifier: bytes).description
    }

    /// The first 128 bits of the digest of a user, also where targets are written as they are.
    package func value(of target: Target) -> Value {
        value(kind: target.kind.name, identifier: target.identifier.bytes)
    }

    /// Tells keys apart without telling them: 32 bytes.
    var keyDigest: [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array("which key".utf8), using: key))
    }

    private func value(kind: String, identifier: [UInt8]) -> Value {
        var authentication = HMAC<SHA256>(key: key)
        authentication.update(data: Array(kind.utf8))
        authentication.update(data: [0])
        authentication.update(data: Self.folded(identifier, of: kind))
        return Value(bytes: authentication.finalize().prefix(16))
    }

    /// The identifier without what spellings of one differ in.
    private static func folded(_ identifier: [UInt8], of kind: String) -> [UInt8] {
        if kind == IdentifierKind.phoneNumber.name {
            return identifier.filter { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        }
        return identifier.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 }
    }
}
