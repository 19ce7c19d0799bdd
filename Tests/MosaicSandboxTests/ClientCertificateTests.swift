import AsyncHTTPClient
import Crypto
import Foundation
import HTTPTypes
import MosaicSandbox
import NIOCore
import NIOHTTP1
import NIOSSL
import SwiftASN1
import TestSupport
import Testing
import X509

/// A certificate with its key, made for a test.
struct TestCertificate: Sendable {
    let certificate: Certificate
    let key: P256.Signing.PrivateKey

    var pem: String { get throws { try certificate.serializeAsPEM().pemString } }

    /// Issued by `issuer`, or self-signed.
    init(_ name: String, issuer: TestCertificate? = nil, isAuthority: Bool = false, isExpired: Bool = false) throws {
        key = P256.Signing.PrivateKey()
        let subject = try DistinguishedName {
            OrganizationName("Example, Inc.")
            CommonName(name)
        }
        let end = Date().addingTimeInterval(isExpired ? -60 : 3600)
        certificate = try Certificate(
            version: .v3,
            serialNumber: .init(),
            publicKey: .init(key.publicKey),
            notValidBefore: end.addingTimeInterval(-7200),
            notValidAfter: end,
            issuer: issuer?.certificate.subject ?? subject,
            subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                if isAuthority {
                    Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                    Critical(KeyUsage(keyCertSign: true))
                } else {
                    Critical(KeyUsage(digitalSignature: true))
                }
            },
            issuerPrivateKey: .init(issuer?.key ?? key)
        )
    }
}

extension RunningServer {
    /// A request over a connection of its own, which shows the certificate if one is given.
    func request(
        _ method: HTTPMethod,
        _ url: String,
        form: [(String, String)]? = nil,
        bearer: String? = nil,
        certificate: TestCertificate? = nil
    ) async throws -> (status: Int, json: JSONValue) {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let caFile = description.caFile { tls.trustRoots = .file(caFile) }
        if let certificate {
            let pem = Array(try certificate.pem.utf8)
            tls.certificateChain = [.certificate(try NIOSSLCertificate(bytes: pem, format: .pem))]
            let key = Array(certificate.key.pemRepresentation.utf8)
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem))
        }
        let client = HTTPClient(
            eventLoopGroupProvider: .singleton,
            configuration: HTTPClient.Configuration(tlsConfiguration: tls)
        )
        var request = HTTPClientRequest(url: url)
        request.method = method
        if let bearer { request.headers.add(name: "Authorization", value: "Bearer \(bearer)") }
        if let form {
            request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
            let text = form.map { "\($0.0)=\(PercentText.encode($0.1))" }.joined(separator: "&")
            request.body = .bytes(ByteBuffer(string: text))
        }
        do {
            let response = try await client.execute(request, timeout: .seconds(10))
            let body = Data(try await response.body.collect(upTo: 1 << 20).readableBytesView)
            try await client.shutdown()
            return (Int(response.status.code), (try? JSONValue(text: body)) ?? .null)
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    /// A token request of a client that authenticates by certificate.
    func token(
        _ certificate: TestCertificate?,
        extra: [(String, String)] = []
    ) async throws -> (status: Int, json: JSONValue) {
        try await request(
            .POST,
            description.tokenURL,
            form: [("grant_type", "client_credentials"), ("client_id", description.clientID)] + extra,
            certificate: certificate
        )
    }

    /// Sends a control request.
    func control(_ method: String, _ path: String, _ body: JSONValue) async throws -> JSONValue {
        try await ControlClient(state: state).send(method, path, body)
    }
}

@Suite(.longTimeLimit, .serialized)
struct `Client certificates (RFC 8705)` {
    private static func run(_ body: @escaping @Sendable (RunningServer) async throws -> Void) async throws {
        try await Persistence.withDirectory { directory in
            try await RunningServer.run(in: "\(directory)/state") { server in try await body(server) }
        }
    }

    @Test func `a certificate of the registered authority with the registered subject is a proof`() async throws {
        try await Self.run { server in
            let authority = try TestCertificate("CA", isAuthority: true)
            _ = try await server.control(
                "PUT",
                "client/authentication",
                [
                    "method": "tls_client_auth", "ca": .string(try authority.pem),
                    "subject_dn": #"cn=agent, O=Example\, Inc."#,
                ]
            )
            let good = try await server.token(try TestCertificate("agent", issuer: authority))
            #expect(good.status == 200, "\(good.json)")
            let token = try #require(good.json["access_token"]?.string)
            // Not bound: the token works without the certificate.
            #expect(
                try await server.request(.GET, "\(server.description.baseURL)/v1/users", bearer: token).status == 200
            )
            let impostor = try TestCertificate("CA", isAuthority: true)
            let wrong: [TestCertificate?] = [
                nil, try TestCertificate("agent"), try TestCertificate("other", issuer: authority),
                try TestCertificate("agent", issuer: impostor),
                try TestCertificate("agent", issuer: authority, isExpired: true),
            ]
            for certificate in wrong {
                let answer = try await server.token(certificate)
                #expect(answer.status == 401)
                #expect(answer.json["error"] == "invalid_client")
            }
            let secret = try #require(FileManager.default.contents(atPath: server.description.clientSecretFile))
            let withSecret = try await server.token(
                try TestCertificate("agent", issuer: authority),
                extra: [("client_secret", String(decoding: secret, as: UTF8.self))]
            )
            #expect(withSecret.status == 401)
        }
    }

    @Test func `a registered self-signed certificate is a proof, another is not`() async throws {
        try await Self.run { server in
            let certificate = try TestCertificate("agent")
            _ = try await server.control(
                "PUT",
                "client/authentication",
                ["method": "self_signed_tls_client_auth", "certificate": .string(try certificate.pem)]
            )
            #expect(try await server.token(certificate).status == 200)
            #expect(try await server.token(try TestCertificate("agent")).status == 401)
            #expect(try await server.token(nil).status == 401)
            let expired = try TestCertificate("agent", isExpired: true)
            _ = try await server.control(
                "PUT",
                "client/authentication",
                ["method": "self_signed_tls_client_auth", "certificate": .string(try expired.pem)]
            )
            #expect(try await server.token(expired).status == 401)
        }
    }

    @Test func `a bound token works only with its certificate`() async throws {
        try await Self.run { server in
            let certificate = try TestCertificate("agent")
            let answer = try await server.control(
                "PUT",
                "client/authentication",
                [
                    "method": "self_signed_tls_client_auth", "certificate": .string(try certificate.pem),
                    "certificate_bound": true,
                ]
            )
            let token = try #require(try await server.token(certificate).json["access_token"]?.string)
            let payload = try #require(TokenReader.decode(token.split(separator: ".").map(String.init)[1]))
            let thumbprint = try JSONValue(text: payload)["cnf"]?["x5t#S256"]
            #expect(thumbprint != nil)
            #expect(thumbprint == answer["certificate_thumbprints"]?.elements?.first)
            let url = "\(server.description.baseURL)/v1/users"
            #expect(try await server.request(.GET, url, bearer: token, certificate: certificate).status == 200)
            #expect(try await server.request(.GET, url, bearer: token).status == 401)
            let other = try TestCertificate("agent")
            #expect(try await server.request(.GET, url, bearer: token, certificate: other).status == 401)
        }
    }
}
