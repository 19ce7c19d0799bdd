import Crypto
import CryptoExtras
import FoundationEssentials
package import Secrets

/// The private key with which a client signs its assertions: RSA for RS256, or P-256 for ES256 (RFC 7518, section 3).
///
/// Prints, dumps and mirrors as `<redacted>`. The key's material lies in the memory of the cryptographic library, which
/// overwrites it on release.
package struct AssertionKey: Sendable {
    private enum Key: Sendable {
        case ecdsa(P256.Signing.PrivateKey)
        case rsa(_RSA.Signing.PrivateKey)
    }

    private let key: Key
    /// SubjectPublicKeyInfo in DER: what tells one key from another.
    let publicKey: [UInt8]

    /// The key in a PEM file of the form PKCS#8 (RFC 5958), not encrypted: `-----BEGIN PRIVATE KEY-----`.
    ///
    /// The key is used once, to see that it can sign.
    package init(pem: Secret) throws(PrivateKeyError) {
        var der = try PrivateKeyPEM.decode(pem)
        defer { der.wipe() }
        switch PrivateKeyPEM.algorithm(of: der) {
        case .rsa:
            let key = try Self.rsaKey(der)
            self.key = .rsa(key)
            publicKey = Array(key.publicKey.derRepresentation)
        case .p256:
            guard let key = try? P256.Signing.PrivateKey(derRepresentation: der) else { throw .damaged }
            self.key = .ecdsa(key)
            publicKey = Array(key.publicKey.derRepresentation)
        case .p384, nil:
            throw .unsupportedAlgorithm
        }
        _ = try signature(of: [])
    }

    private static func rsaKey(_ der: [UInt8]) throws(PrivateKeyError) -> _RSA.Signing.PrivateKey {
        do {
            return try _RSA.Signing.PrivateKey(derRepresentation: der)
        } catch CryptoKitError.incorrectParameterSize {
            throw .tooShort
        } catch {
            throw .damaged
        }
    }

    /// The name of the algorithm in the header of an assertion.
    package var algorithm: String {
        switch key {
        case .ecdsa: "ES256"
        case .rsa: "RS256"
        }
    }

    /// The signature in the form of RFC 7515: for ES256 the two numbers one behind the other, for RS256 that of PKCS#1 v1.5.
    func signature(of bytes: [UInt8]) throws(PrivateKeyError) -> [UInt8] {
        do {
            switch key {
            case .ecdsa(let key):
                return Array(try key.signature(for: bytes).rawRepresentation)
            case .rsa(let key):
                // The scheme that RS256 is; its name warns of what only new protocols can avoid.
                return Array(try key.signature(for: bytes, padding: .insecurePKCS1v1_5).rawRepresentation)
            }
        } catch {
            throw .cannotSign
        }
    }
}

extension AssertionKey: Hashable {
    /// Whether the public halves are the same.
    package static func == (left: AssertionKey, right: AssertionKey) -> Bool { left.publicKey == right.publicKey }

    /// Feeds the public half to `hasher`.
    package func hash(into hasher: inout Hasher) { hasher.combine(publicKey) }
}

extension AssertionKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<redacted>`.
    package var description: String { "<redacted>" }

    /// Always `<redacted>`.
    package var debugDescription: String { "<redacted>" }

    /// A mirror without children.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
