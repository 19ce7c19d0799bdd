import CryptoExtras
import NIOSSL
package import Secrets
import X509

/// The certificate and the private key with which a client proves itself on its TLS connections (RFC 8705).
///
/// The key prints, dumps and mirrors as `<redacted>`; its material lies in the memory of the cryptographic library, which
/// overwrites it on release.
package struct ClientCertificate: Sendable, Hashable {
    /// What the client shows.
    package let chain: CertificateChain
    private let key: Key

    /// A certificate with its key.
    ///
    /// - Throws: ``ClientCertificateError/mismatch`` when the key is not the certificate's.
    package init(_ chain: CertificateChain, key: Key) throws(ClientCertificateError) {
        guard key.publicKey == chain.publicKey else { throw .mismatch }
        self.chain = chain
        self.key = key
    }

    /// Has connections of this configuration show the certificate to servers that ask for one.
    func apply(to configuration: inout TLSConfiguration) {
        configuration.certificateChain = chain.certificates.map { .certificate($0) }
        configuration.privateKey = .privateKey(key.material)
    }

    /// The private key of a certificate: RSA of at least 2,048 bits, P-256 or P-384.
    package struct Key: Sendable {
        fileprivate let material: NIOSSLPrivateKey
        /// What tells one key from another.
        fileprivate let publicKey: Certificate.PublicKey

        /// The key in a PEM file of the form PKCS#8 (RFC 5958), not encrypted.
        package init(pem: Secret) throws(PrivateKeyError) {
            var der = try PrivateKeyPEM.decode(pem)
            defer { der.wipe() }
            guard PrivateKeyPEM.algorithm(of: der) != nil else { throw .unsupportedAlgorithm }
            publicKey = try Self.publicKey(of: der)
            do { material = try NIOSSLPrivateKey(bytes: der, format: .der) } catch { throw .damaged }
        }

        private static func publicKey(of der: [UInt8]) throws(PrivateKeyError) -> Certificate.PublicKey {
            do {
                return try Certificate.PrivateKey(derBytes: der).publicKey
            } catch CryptoKitError.incorrectParameterSize {
                throw .tooShort
            } catch {
                throw .damaged
            }
        }
    }
}

extension ClientCertificate.Key: Hashable {
    /// Whether the public halves are the same.
    package static func == (left: Self, right: Self) -> Bool { left.publicKey == right.publicKey }

    /// Feeds the public half to `hasher`.
    package func hash(into hasher: inout Hasher) { hasher.combine(publicKey) }
}

extension ClientCertificate.Key: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<redacted>`.
    package var description: String { "<redacted>" }

    /// Always `<redacted>`.
    package var debugDescription: String { "<redacted>" }

    /// A mirror without children.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why certificate and key do not make a proof.
package enum ClientCertificateError: Error, Sendable, Hashable {
    /// The key is not the certificate's.
    case mismatch
}
