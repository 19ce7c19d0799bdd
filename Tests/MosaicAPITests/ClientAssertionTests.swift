import Crypto
import CryptoExtras
import JWTKit
import Logging
import Secrets
import StrictJSON
import TestSupport
import Testing

@testable import MosaicAPI

@Suite(.longTimeLimit)
struct `Client assertions` {
    private static let tokenURL = "https://api.example.com/oidc/token"

    /// What an assertion says, as the other library reads it.
    private struct Claims: JWTPayload {
        let iss: String
        let sub: String
        let aud: String
        let iat: Int64
        let exp: Int64
        let jti: String

        func verify(using algorithm: some JWTAlgorithm) {}
    }

    private func assertion(_ pem: String, keyID: String = "k 1") throws -> ClientAssertion {
        ClientAssertion(
            key: try AssertionKey(pem: Secret(pem)),
            keyID: keyID,
            audience: Self.tokenURL,
            wallClock: { 1_700_000_000 }
        )
    }

    private func header(of token: String) throws -> JSONValue {
        let bytes = try #require(Base64.decodeURL(token.utf8.prefix { $0 != UInt8(ascii: ".") }))
        return try JSONDocument(parsing: bytes, maximumDepth: 4).root
    }

    private func expectClaims(_ claims: Claims) {
        #expect(claims.iss == "client.example" && claims.sub == "client.example" && claims.aud == Self.tokenURL)
        #expect(claims.iat == 1_700_000_000 && claims.exp == 1_700_000_060)
        #expect(claims.jti.utf8.count == 22)
    }

    @Test func `with a P-256 key are ES256 and verified by another library`() async throws {
        let key = P256.Signing.PrivateKey()
        let token = try assertion(key.pemRepresentation).make(clientID: "client.example").text
        let keys = JWTKeyCollection()
        await keys.add(ecdsa: try ES256PublicKey(pem: key.publicKey.pemRepresentation), kid: "k 1")
        expectClaims(try await keys.verify(token, as: Claims.self))
        let header = try header(of: token)
        #expect(header["alg"]?.string == "ES256" && header["typ"]?.string == "JWT" && header["kid"]?.string == "k 1")
        #expect(header.count == 3)
        let other = JWTKeyCollection()
        await other.add(
            ecdsa: try ES256PublicKey(pem: P256.Signing.PrivateKey().publicKey.pemRepresentation),
            kid: "k 1"
        )
        await #expect(throws: JWTError.self) { try await other.verify(token, as: Claims.self) }
    }

    @Test func `with an RSA key are RS256 and verified by another library`() async throws {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let token = try assertion(key.pkcs8PEMRepresentation).make(clientID: "client.example").text
        let keys = JWTKeyCollection()
        await keys.add(
            rsa: try Insecure.RSA.PublicKey(pem: key.publicKey.pemRepresentation),
            digestAlgorithm: .sha256,
            kid: "k 1"
        )
        expectClaims(try await keys.verify(token, as: Claims.self))
        #expect(try header(of: token)["alg"]?.string == "RS256")
    }

    @Test func `are never the same twice`() throws {
        let assertion = try assertion(P256.Signing.PrivateKey().pemRepresentation)
        let payloads = try (0..<50).map { _ in
            try assertion.make(clientID: "c").text.split(separator: ".")[1]
        }
        #expect(Set(payloads).count == 50)
    }

    @Test func `go into the form beside the client's ID`() throws {
        let authentication = ClientAuthentication.privateKeyJWT(
            try assertion(P256.Signing.PrivateKey().pemRepresentation)
        )
        #expect(authentication.name == "private_key_jwt")
        let request = try authentication.tokenRequest(
            to: try ServiceURL(Self.tokenURL),
            clientID: "client.example",
            resource: nil
        )
        guard case .none = request.authorization else {
            Issue.record("an Authorization header was sent")
            return
        }
        let fields = try #require(request.body).bytes.text.split(separator: "&").map(String.init)
        #expect(fields.count == 4 && fields.contains("grant_type=client_credentials"))
        #expect(fields.contains("client_id=client.example"))
        #expect(
            fields.contains(
                "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
            )
        )
        #expect(fields.contains { $0.hasPrefix("client_assertion=eyJ") && $0.split(separator: ".").count == 3 })
    }

    private static func bad() throws -> [(String, PrivateKeyError)] {
        let pem = P256.Signing.PrivateKey().pemRepresentation
        let rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let lines = pem.split(separator: "\n")
        let unfinished = lines.dropLast().joined(separator: "\n")
        let cut = "\(lines[0])\n\(lines[1].dropLast(4))\n-----END PRIVATE KEY-----"
        let short = try _RSA.Signing.PrivateKey(unsafeKeySize: _RSA.Signing.KeySize(bitCount: 1024))
        return [
            ("", .notPEM), ("client secret", .notPEM), ("-----BEGIN CERTIFICATE-----\n", .notPEM),
            (P256.Signing.PrivateKey().publicKey.pemRepresentation, .notPEM),
            ("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----", .encrypted),
            (rsa.pemRepresentation, .olderForm),
            ("-----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY-----", .olderForm),
            (pem + "\n" + pem, .notAlone),
            (pem + "\n-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", .notAlone),
            ("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n" + pem, .notAlone),
            ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----\n", .openSSH),
            (
                "-----BEGIN EC PARAMETERS-----\nBggq\n-----END EC PARAMETERS-----\n-----BEGIN EC PRIVATE KEY-----\nMHcC\n",
                .olderForm
            ),
            ("0\u{0}1", .notText), (pem.map { "\($0)\u{0}" }.joined(), .notText),
            (P384.Signing.PrivateKey().pemRepresentation, .unsupportedAlgorithm),
            ("-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----", .unsupportedAlgorithm),
            (short.pkcs8PEMRepresentation, .tooShort),
            (unfinished, .damaged),
            ("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----", .damaged),
            ("-----BEGIN PRIVATE KEY-----\nMII*\n-----END PRIVATE KEY-----", .damaged),
            ("-----BEGIN PRIVATE KEY-----\nM_I-\n-----END PRIVATE KEY-----", .damaged),
            ("-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----", .damaged),
            (cut, .damaged),
        ]
    }

    @Test func `cannot be made with what is no such key, which is said without showing it`() throws {
        for (text, problem) in try Self.bad() {
            let error = #expect(throws: PrivateKeyError.self) { try AssertionKey(pem: Secret(text)) }
            #expect(error == problem, "\(text.prefix(40))")
            let content = text.split(separator: "\n").dropFirst().first { $0.utf8.count > 8 && !$0.hasPrefix("-") }
            if let content, let error { #expect(!"\(error)".contains(content)) }
        }
        let problems = Set(try Self.bad().map { $0.1 })
        #expect(problems.count == PrivateKeyError.allCases.count - 1)
    }

    @Test func `are made with a key however its file came about`() throws {
        let pem = P256.Signing.PrivateKey().pemRepresentation
        let bag = "Bag Attributes\n    localKeyID: 01\n    friendlyName: agent\nKey Attributes: <No Attributes>\n"
        for text in [
            pem.replacing("\n", with: "\r\n"), bag + pem, pem + "\nmore", bag + pem + "\n" + bag, "\u{FEFF}" + pem,
            pem.replacing("\n", with: " \n"), "\n\n  " + pem + "\n\n", "-----END CERTIFICATE-----\nx",
        ] {
            guard text.contains("BEGIN") else {
                #expect(throws: PrivateKeyError.notPEM) { try AssertionKey(pem: Secret(text)) }
                continue
            }
            #expect(try AssertionKey(pem: Secret(text)).algorithm == "ES256", "\(text.prefix(20))")
        }
    }

    @Test func `and their keys never show in descriptions, dumps and mirrors`() throws {
        let key = P256.Signing.PrivateKey()
        let pem = key.pemRepresentation
        let authentication = ClientAuthentication.privateKeyJWT(try assertion(pem))
        var dumped = ""
        dump(authentication, to: &dumped)
        let shown = dumped + "\(authentication)" + String(reflecting: authentication)
        #expect(shown.contains("<redacted>"))
        for line in pem.split(separator: "\n") where !line.hasPrefix("-") { #expect(!shown.contains(line)) }
        #expect(!shown.contains("PrivateKey("))
    }

    @Test func `are equal when key, ID and audience are`() throws {
        let pem = P256.Signing.PrivateKey().pemRepresentation
        #expect(try assertion(pem) == assertion(pem))
        #expect(try assertion(pem) != assertion(pem, keyID: "other"))
        #expect(try assertion(pem) != assertion(P256.Signing.PrivateKey().pemRepresentation))
    }
}
