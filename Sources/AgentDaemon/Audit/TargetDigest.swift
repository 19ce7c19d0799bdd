package import AgentProtocol
import Crypto
package import Secrets

/// Names the target of a call in the audit trail without naming the person.
///
/// The same identifier always gives the same digest under the same key, so records can be tied together and a known
/// identifier looked up, but a journal that leaves the host does not list its users.
package struct TargetDigest: Sendable {
    private let key: SymmetricKey?
    /// Where the key comes from; nil for plain targets.
    package let keySource: AuditKeySource?

    /// Digests with HMAC-SHA256 (RFC 2104) under `key`.
    package init(key: Secret, from source: AuditKeySource = .credential) {
        keySource = source
        self.key = key.withBytes { bytes in
            SymmetricKey(data: bytes.indices.map { index in bytes[index] })
        }
    }

    private init() {
        key = nil
        keySource = nil
    }

    /// A new random key of 256 bits.
    package static func newKey() -> Secret {
        Secret(copying: (0..<32).map { _ in UInt8.random(in: .min ... .max) })
    }

    /// Writes targets as they are. Only by explicit configuration.
    package static let plain = TargetDigest()

    /// The text for `MOSAIC_TARGET`: 32 hexadecimal digits (the first 128 bits of the digest), or the plain identifier.
    ///
    /// - Parameters:
    ///   - kind: the identifier's kind, as Mosaic names it (`username`, `email`, `phone_number`, `user_id`).
    ///   - identifier: its bytes as the caller sent them.
    package func text(kind: String, identifier: some Sequence<UInt8>) -> String {
        let bytes = Array(identifier)
        guard let key else { return kind + ":" + String(decoding: bytes, as: UTF8.self) }
        var authentication = HMAC<SHA256>(key: key)
        authentication.update(data: Array(kind.utf8))
        authentication.update(data: [0])
        authentication.update(data: bytes)
        return authentication.finalize().prefix(16).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
