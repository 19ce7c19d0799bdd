import Foundation
import Secrets
import TestSupport
import Testing

@testable import MosaicAPI

@Suite struct `Client certificates` {
    private func chain(_ identities: TestIdentity...) throws -> CertificateChain {
        try CertificateChain(pem: Array(identities.map(\.certificate).joined().utf8))
    }

    @Test(arguments: [TestIdentity.Kind.p256, .p384, .rsa2048])
    func `go with their own key and with no other`(kind: TestIdentity.Kind) throws {
        let identity = try TestIdentity(kind: kind)
        #expect(throws: Never.self) { try identity.clientCertificate() }
        let other = try ClientCertificate.Key(pem: Secret(TestIdentity(kind: kind).key))
        #expect(throws: ClientCertificateError.mismatch) { try ClientCertificate(chain(identity), key: other) }
    }

    @Test(arguments: [TestIdentity.Kind.p521, .ed25519])
    func `have keys that TLS servers take`(kind: TestIdentity.Kind) throws {
        let pem = Secret(try TestIdentity(kind: kind).key)
        #expect(throws: PrivateKeyError.unsupportedAlgorithm) { try ClientCertificate.Key(pem: pem) }
    }

    @Test func `have keys of which nothing is said when they are damaged`() throws {
        let lines = try TestIdentity().key.split(separator: "\n")
        let cut = "\(lines[0])\n\(lines[1].dropLast(4))\n-----END PRIVATE KEY-----"
        let error = #expect(throws: PrivateKeyError.damaged) { try ClientCertificate.Key(pem: Secret(cut)) }
        #expect(error.map { !"\($0)".contains(lines[1].prefix(12)) } == true)
    }

    @Test func `are good as long as all of their chain is`() throws {
        let root = try TestIdentity("root", isAuthority: true)
        let start = Date(timeIntervalSince1970: 1_700_000_000)
        let middle = try TestIdentity(
            "middle",
            issuer: root,
            isAuthority: true,
            start: start,
            end: start.addingTimeInterval(500)
        )
        let own = try TestIdentity(
            issuer: middle,
            start: start.addingTimeInterval(100),
            end: start.addingTimeInterval(900)
        )
        #expect(try chain(own).validity == CertificateValidity(start: 1_700_000_100, end: 1_700_000_900))
        let both = try chain(own, middle).validity
        #expect(both == CertificateValidity(start: 1_700_000_100, end: 1_700_000_500))
        #expect(both.startText == "2023-11-14T22:15:00Z" && both.endText == "2023-11-14T22:21:40Z")
    }

    @Test func `stand before their issuers`() throws {
        let root = try TestIdentity("root", isAuthority: true)
        let own = try TestIdentity(issuer: root)
        #expect(throws: Never.self) { try chain(own, root) }
        #expect(throws: CertificateChainError.notInOrder) { try chain(root, own) }
        #expect(throws: CertificateChainError.notInOrder) { try chain(own, try TestIdentity("other")) }
    }

    @Test func `are certificates`() throws {
        let whole = try TestIdentity().certificate
        let broken = whole.replacing(whole.split(separator: "\n")[2], with: "AAAA")
        for text in ["", "hello", broken, try TestIdentity().key] {
            #expect(throws: CertificateChainError.notCertificates) { try CertificateChain(pem: Array(text.utf8)) }
        }
    }

    @Test(arguments: [false, true])
    func `leave the form with the client's ID alone`(isSelfSigned: Bool) throws {
        let certificate = try TestIdentity().clientCertificate()
        let authentication: ClientAuthentication =
            isSelfSigned ? .selfSignedTLSClientAuth(certificate) : .tlsClientAuth(certificate)
        #expect(authentication.name == (isSelfSigned ? "self_signed_tls_client_auth" : "tls_client_auth"))
        #expect(authentication.certificate == certificate && authentication.secret == nil)
        let request = try authentication.tokenRequest(
            to: try ServiceURL("https://api.example/oidc/token"),
            clientID: "client.example",
            resource: nil
        )
        #expect(request.body?.bytes.text == "grant_type=client_credentials&client_id=client.example")
        guard case .none = request.authorization else {
            Issue.record("an Authorization header was sent")
            return
        }
    }

    @Test func `and their keys never show in descriptions, dumps and mirrors`() throws {
        let identity = try TestIdentity()
        var configuration = TransportConfiguration()
        configuration.certificate = try identity.clientCertificate()
        let authentication = try ClientAuthentication.tlsClientAuth(identity.clientCertificate())
        var dumped = ""
        dump(authentication, to: &dumped)
        dump(configuration, to: &dumped)
        dump(try configuration.clientConfiguration(), to: &dumped)
        let shown = dumped + "\(authentication)" + String(reflecting: configuration)
        #expect(shown.contains("<redacted>"))
        for line in identity.key.split(separator: "\n") where !line.hasPrefix("-") { #expect(!shown.contains(line)) }
    }
}

extension TestIdentity {
    /// What a client proves itself with that has this key and certificate.
    func clientCertificate() throws -> ClientCertificate {
        try ClientCertificate(
            CertificateChain(pem: Array(certificate.utf8)),
            key: ClientCertificate.Key(pem: Secret(key))
        )
    }
}
