package import AgentProtocol
import Crypto
package import Secrets

/// Names the target of a call in the audit trail without naming the person.
///
/// The same identifier always gives the same digest under the same key, so records can be tied together and a known
/// identifier looked up, but a journal that leaves the host does not list its users. ASCII letters of either case are the
/// same to it, as they are to mail systems and to Mosaic, and of a phone number only the digits count.
package struct TargetDigest: Sendable {
    private let keyed: PreparedHMAC
    private let keyIdentity: UInt64
    /// Where the key comes from; nil for plain targets.
    package let keySource: AuditKeySource?

    /// Digests with HMAC-SHA256 (RFC 2104) under `key`.
    package init(key: Secret, from source: AuditKeySource = .credential) {
        self.init(key: key, source: source)
    }

    private init(key: Secret, source: AuditKeySource?) {
        keySource = source
        keyed = PreparedHMAC(key: key)
        keyIdentity = TargetHash(keyed, of: Array("which key".utf8)).high
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

    /// The digest of a user together with what it was made with, to be used again where the key is the same.
    func keyedHash(of target: Target) -> KeyedHash { KeyedHash(value: value(of: target), keyIdentity: keyIdentity) }

    /// The text of a target whose digest is known, perhaps under another key.
    func text(of target: Target, known: KeyedHash?) -> String {
        guard keySource != nil, let known, known.keyIdentity == keyIdentity else { return text(of: target) }
        return known.value.description
    }

    /// Tells keys apart without telling them: 32 bytes.
    var keyDigest: [UInt8] {
        Array(keyed.code(of: Array("which key".utf8)))
    }

    private func value(kind: String, identifier: [UInt8]) -> Value {
        var message: [UInt8] = []
        message.reserveCapacity(kind.utf8.count + 1 + identifier.count)
        message.append(contentsOf: kind.utf8)
        message.append(0)
        // The identifier without what spellings of one differ in.
        if kind == IdentifierKind.phoneNumber.name {
            for byte in identifier where UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { message.append(byte) }
        } else {
            for byte in identifier {
                message.append(UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte)
            }
        }
        return Value(keyed, of: message)
    }
}

extension TargetDigest {
    /// A digest that knows which key it was made with.
    struct KeyedHash {
        /// The digest.
        let value: Value
        fileprivate let keyIdentity: UInt64
    }
}

extension TargetHash {
    /// The first 128 bits of the HMAC of a message, with the key of `keyed`.
    fileprivate init(_ keyed: PreparedHMAC, of message: [UInt8]) {
        self = unsafe keyed.code(of: message).withUnsafeBytes { bytes in
            // Sound: the code has 32 bytes.
            unsafe TargetHash(
                high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }
}

/// HMAC-SHA256 (RFC 2104) with the key set up once, which is half of the cost of a short message.
///
/// Made of the library's SHA-256: its HMAC takes twice the time for a message that is one array.
struct PreparedHMAC: Sendable {
    /// The hashes of the key with the inner and the outer padding (RFC 2104, section 2), to be copied for each message.
    private let inner: SHA256
    private let outer: SHA256

    /// A code under `key`.
    init(key: Secret) {
        var block = [UInt8](repeating: 0, count: SHA256.blockByteCount)
        key.withBytes { bytes in
            if bytes.count <= block.count {
                for index in bytes.indices { block[index] = bytes[index] }
            } else {
                var hash = SHA256()
                unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
                for (index, byte) in hash.finalize().enumerated() { block[index] = byte }
            }
        }
        inner = Self.hash(block, paddedWith: 0x36)
        outer = Self.hash(block, paddedWith: 0x5C)
        block.wipe()
    }

    private static func hash(_ block: [UInt8], paddedWith padding: UInt8) -> SHA256 {
        var padded = block.map { $0 ^ padding }
        var hash = SHA256()
        unsafe padded.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
        padded.wipe()
        return hash
    }

    /// The code of a message: 32 bytes.
    func code(of message: [UInt8]) -> SHA256Digest {
        var inner = inner
        // Sound: the buffers are only read, and only inside the closures.
        unsafe message.withUnsafeBytes { unsafe inner.update(bufferPointer: $0) }
        var outer = outer
        unsafe inner.finalize().withUnsafeBytes { unsafe outer.update(bufferPointer: $0) }
        return outer.finalize()
    }
}

extension TargetDigest {
    /// The digest of a user: 128 bits.
    package typealias Value = TargetHash
}
