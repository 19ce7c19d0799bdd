import Crypto
import CryptoExtras
package import Foundation
import SwiftASN1
import X509

/// A private key and a certificate for it, made for a test.
package struct TestIdentity: Sendable {
    /// What sort of key it has.
    package enum Kind: Sendable, CaseIterable {
        case p256
        case p384
        case p521
        case rsa2048
        case ed25519
    }

    /// The key in PEM, PKCS#8.
    package let key: String
    /// The key's public half in PEM (SubjectPublicKeyInfo).
    package let publicKey: String
    /// The certificate in PEM.
    package let certificate: String
    private let parsed: Certificate
    private let signer: Certificate.PrivateKey

    /// A new key with a certificate.
    ///
    /// - Parameters:
    ///   - name: The common name of its subject.
    ///   - kind: What sort of key.
    ///   - issuer: Who signs the certificate; nobody else unless said.
    ///   - isAuthority: Whether it may sign certificates.
    ///   - start: When it begins to be good.
    ///   - end: When it ends.
    package init(
        _ name: String = "agent",
        kind: Kind = .p256,
        issuer: TestIdentity? = nil,
        isAuthority: Bool = false,
        start: Date = Date().addingTimeInterval(-3600),
        end: Date = Date().addingTimeInterval(90 * 86_400)
    ) throws {
        (key, signer) = try Self.makeKey(kind)
        let subject = try DistinguishedName { CommonName(name) }
        parsed = try Certificate(
            version: .v3,
            serialNumber: .init(),
            publicKey: signer.publicKey,
            notValidBefore: start,
            notValidAfter: end,
            issuer: issuer?.parsed.subject ?? subject,
            subject: subject,
            extensions: try Certificate.Extensions {
                if isAuthority {
                    Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                    Critical(KeyUsage(keyCertSign: true))
                } else {
                    Critical(BasicConstraints.notCertificateAuthority)
                }
            },
            issuerPrivateKey: issuer?.signer ?? signer
        )
        publicKey = try signer.publicKey.serializeAsPEM().pemString + "\n"
        certificate = try parsed.serializeAsPEM().pemString + "\n"
    }

    private static func makeKey(_ kind: Kind) throws -> (String, Certificate.PrivateKey) {
        switch kind {
        case .p256:
            let key = P256.Signing.PrivateKey()
            return (key.pemRepresentation, Certificate.PrivateKey(key))
        case .p384:
            let key = P384.Signing.PrivateKey()
            return (key.pemRepresentation, Certificate.PrivateKey(key))
        case .p521:
            let key = P521.Signing.PrivateKey()
            return (key.pemRepresentation, Certificate.PrivateKey(key))
        case .rsa2048:
            let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
            return (key.pkcs8PEMRepresentation, Certificate.PrivateKey(key))
        case .ed25519:
            let key = Certificate.PrivateKey(Curve25519.Signing.PrivateKey())
            return (try key.serializeAsPEM().pemString, key)
        }
    }
}
