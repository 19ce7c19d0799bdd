import Crypto
import Foundation
import GRDB
import NIOCore
import NIOSSL
import SwiftASN1
import X509

/// A certificate authority of the sandbox's own, and the server certificate it signs.
///
/// It can name nothing but the loopback interface. The key is kept in the database, so that with a database file a client
/// that trusts the CA still does after a restart.
struct CertificateAuthority: Sendable {
    private static let settingName = "certificate authority"
    private static let lifetime: TimeInterval = 10 * 365 * 86_400

    /// The CA's certificate in PEM, for clients to trust.
    let certificatePEM: String
    private let key: P256.Signing.PrivateKey
    private let certificate: Certificate

    /// Loads the CA of the database, making one when there is none.
    init(store: SandboxStore) throws {
        if let stored = try store.writeNow({ db in try SettingRecord.fetchOne(db, key: Self.settingName)?.value }) {
            let pems = stored.split(separator: "\n\n").map(String.init)
            guard pems.count == 2 else { throw PrivateFile.Failure("the database's certificate authority is damaged") }
            key = try P256.Signing.PrivateKey(pemRepresentation: pems[0])
            certificate = try Certificate(pemEncoded: pems[1])
            certificatePEM = pems[1] + "\n"
            return
        }
        key = P256.Signing.PrivateKey()
        let name = try DistinguishedName { CommonName("mosaic-sandbox CA \(RandomText.identifier(length: 6))") }
        let issuerKey = Certificate.PrivateKey(key)
        // A certificate from the future would be refused; an hour covers clocks that differ.
        let start = Date().addingTimeInterval(-3600)
        certificate = try Certificate(
            version: .v3,
            serialNumber: .init(),
            publicKey: issuerKey.publicKey,
            notValidBefore: start,
            notValidAfter: start.addingTimeInterval(Self.lifetime),
            issuer: name,
            subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: issuerKey.publicKey)
            },
            issuerPrivateKey: issuerKey
        )
        let pem = try certificate.serializeAsPEM().pemString
        certificatePEM = pem + "\n"
        let record = SettingRecord(
            name: Self.settingName,
            value: key.pemRepresentation.trimmingCharacters(in: .newlines) + "\n\n" + pem
        )
        try store.writeNow { db in try record.insert(db) }
    }

    /// A TLS configuration with a fresh server certificate for 127.0.0.1, ::1 and localhost.
    func serverConfiguration() throws -> TLSConfiguration {
        let serverKey = P256.Signing.PrivateKey()
        let publicKey = Certificate.PrivateKey(serverKey).publicKey
        let start = Date().addingTimeInterval(-3600)
        let loopbackV4 = ASN1OctetString(contentBytes: [127, 0, 0, 1])
        let loopbackV6 = ASN1OctetString(contentBytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
        let issued = try Certificate(
            version: .v3,
            serialNumber: .init(),
            publicKey: publicKey,
            notValidBefore: start,
            notValidAfter: start.addingTimeInterval(397 * 86_400),
            issuer: certificate.subject,
            subject: try DistinguishedName { CommonName("mosaic-sandbox") },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames([.dnsName("localhost"), .ipAddress(loopbackV4), .ipAddress(loopbackV6)])
                SubjectKeyIdentifier(hash: publicKey)
                AuthorityKeyIdentifier(
                    keyIdentifier: SubjectKeyIdentifier(hash: Certificate.PrivateKey(key).publicKey).keyIdentifier
                )
            },
            issuerPrivateKey: .init(key)
        )
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [
                .certificate(try NIOSSLCertificate(bytes: Array(issued.serializeAsPEM().pemString.utf8), format: .pem))
            ],
            privateKey: .privateKey(
                try NIOSSLPrivateKey(bytes: Array(serverKey.pemRepresentation.utf8), format: .pem)
            )
        )
        configuration.minimumTLSVersion = .tlsv12
        // How long the end of a connection waits for its client's farewell. Clients that keep idle connections do not listen on
        // them, and a stop would wait for each.
        configuration.shutdownTimeout = .milliseconds(100)
        configuration.certificateVerification = .optionalVerification
        // Not the system's authorities: which certificates are good is decided by the client's settings, and a machine
        // that has no authorities at all can serve, too.
        configuration.trustRoots = .certificates([])
        configuration.applicationProtocols = ["http/1.1"]
        return configuration
    }
}
