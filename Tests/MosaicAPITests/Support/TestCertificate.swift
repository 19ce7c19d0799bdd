import Crypto
import Foundation
import NIOSSL
import SwiftASN1
import TestSupport
import X509

/// A certificate for 127.0.0.1 that is its own authority.
struct TestCertificate {
    /// The certificate in PEM.
    let pem: [UInt8]
    private let key: P256.Signing.PrivateKey

    init() throws {
        key = P256.Signing.PrivateKey()
        let signer = Certificate.PrivateKey(key)
        let name = try DistinguishedName { CommonName("test server") }
        let start = Date().addingTimeInterval(-3600)
        let certificate = try Certificate(
            version: .v3,
            serialNumber: .init(),
            publicKey: signer.publicKey,
            notValidBefore: start,
            notValidAfter: start.addingTimeInterval(86_400),
            issuer: name,
            subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                SubjectAlternativeNames([.ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1]))])
            },
            issuerPrivateKey: signer
        )
        pem = Array(try certificate.serializeAsPEM().pemString.utf8)
    }

    /// A server's TLS context with this certificate.
    ///
    /// - Parameter clientAuthority: Who must vouch for the certificates of clients; by default they need none.
    func context(
        minimum: TLSVersion = .tlsv12,
        maximum: TLSVersion? = nil,
        clientAuthority: TestIdentity? = nil
    ) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(pem).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.pemRepresentation.utf8), format: .pem))
        )
        configuration.minimumTLSVersion = minimum
        configuration.maximumTLSVersion = maximum
        if let clientAuthority {
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .certificates(
                try NIOSSLCertificate.fromPEMBytes(Array(clientAuthority.certificate.utf8))
            )
        }
        return try NIOSSLContext(configuration: configuration)
    }
}
