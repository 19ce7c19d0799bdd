import Crypto
import CryptoExtras
import Foundation
import HTTPTypes
import MosaicSandbox
import TestSupport
import Testing

/// Signs assertions as a client does, apart from the code under test.
struct AssertionSigner: Sendable {
    enum Key: Sendable {
        case rsa(_RSA.Signing.PrivateKey)
        case p256(P256.Signing.PrivateKey)
    }

    var key: Key
    var keyID = "key-1"

    static func p256() -> Self { Self(key: .p256(P256.Signing.PrivateKey())) }
    static func rsa() throws -> Self {
        Self(key: .rsa(try _RSA.Signing.PrivateKey(pemRepresentation: SandboxHarness.signingKey)))
    }

    var algorithm: String {
        switch key {
        case .rsa: "RS256"
        case .p256: "ES256"
        }
    }

    /// The public key in PEM, as it is registered.
    var publicPEM: String {
        switch key {
        case .rsa(let key): key.publicKey.pemRepresentation
        case .p256(let key): key.publicKey.pemRepresentation
        }
    }

    /// The compact form of a JWT with those claims.
    func sign(_ claims: [String: JSONValue], header change: [String: JSONValue] = [:]) throws -> String {
        let header: [String: JSONValue] = ["alg": .string(algorithm), "typ": "JWT", "kid": .string(keyID)]
        let parts = [header.merging(change) { $1 }, claims].map { Self.base64URL(JSONValue.object($0).text) }
        let input = Data(parts.joined(separator: ".").utf8)
        let signature: Data
        switch key {
        case .rsa(let key):
            signature = try key.signature(for: SHA256.hash(data: input), padding: .insecurePKCS1v1_5).rawRepresentation
        case .p256(let key): signature = try key.signature(for: input).rawRepresentation
        }
        return (parts + [Self.base64URL(signature)]).joined(separator: ".")
    }

    static func base64URL(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

extension SandboxHarness {
    /// Registers the signer's key for `private_key_jwt`.
    func register(_ signer: AssertionSigner) async throws {
        let answer = try await control(
            .put,
            "client/authentication",
            [
                "method": "private_key_jwt", "public_key": .string(signer.publicPEM),
                "key_id": .string(signer.keyID),
            ]
        )
        try #require(answer.status == 200, "\(answer.text)")
    }

    /// Good claims of an assertion, with changes; null takes a claim away.
    func claims(_ change: [String: JSONValue] = [:]) -> [String: JSONValue] {
        let clientID = JSONValue.string(sandbox.clientID)
        let now = Int64(Self.start.timeIntervalSince1970)
        let claims: [String: JSONValue] = [
            "iss": clientID, "sub": clientID, "aud": "https://localhost/oidc/token", "iat": .integer(now),
            "exp": .integer(now + 60), "jti": .string(UUID().uuidString),
        ]
        return claims.merging(change) { $1 }.filter { $0.value != .null }
    }

    /// A token request with an assertion.
    func token(assertion: String, path: String = "/oidc/token", extra: [(String, String)] = []) async throws -> Answer {
        try await token(
            [
                ("grant_type", "client_credentials"), ("client_id", sandbox.clientID), ("client_assertion", assertion),
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ] + extra,
            path: path
        )
    }
}

@Suite(.longTimeLimit)
struct `Client assertions (private_key_jwt)` {
    @Test(arguments: [AssertionSigner.p256(), try? .rsa()].compactMap { $0 })
    func `a signed assertion gets a token that works`(signer: AssertionSigner) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.register(signer)
            let answer = try await sandbox.token(assertion: try signer.sign(sandbox.claims()))
            #expect(answer.status == 200, "\(answer.text)")
            let headers = SandboxHarness.bearer(try #require(answer["access_token"]?.string))
            #expect(try await sandbox.send(.get, "/cis/v1/users", headers: headers).status == 200)
        }
    }

    @Test(arguments: [86_400, -86_400])
    func `times may be the machine's, the sandbox's or any between, as its clock moved`(offset: Int64) async throws {
        try await SandboxHarness.run { sandbox in
            let signer = AssertionSigner.p256()
            try await sandbox.register(signer)
            sandbox.sandbox.clock.advance(by: Double(offset))
            func assertion(at shift: Int64) throws -> String {
                let now = Int64(SandboxHarness.start.timeIntervalSince1970) + shift
                return try signer.sign(sandbox.claims(["iat": .integer(now), "exp": .integer(now + 60)]))
            }
            for shift in [0, offset / 2, offset] {
                #expect(try await sandbox.token(assertion: try assertion(at: shift)).status == 200, "\(shift)")
            }
            for shift in [offset > 0 ? -100 : 100, offset + offset.signum() * 100] {
                #expect(try await sandbox.token(assertion: try assertion(at: shift)).status == 401, "\(shift)")
            }
        }
    }

    static let wrong: [(String, [String: JSONValue])] = [
        ("iss", ["iss": "other"]), ("no iss", ["iss": .null]), ("sub", ["sub": "other"]), ("no sub", ["sub": .null]),
        ("aud", ["aud": "https://localhost/cis/oidc/token"]), ("other host", ["aud": "https://example.com/oidc/token"]),
        ("no aud", ["aud": .null]), ("slash", ["aud": "https://localhost/oidc/token/"]), ("aud list", ["aud": ["x"]]),
        ("expired", ["exp": 1_799_999_970]), ("no exp", ["exp": .null]), ("text exp", ["exp": "1800000060"]),
        ("future iat", ["iat": 1_800_000_031]), ("no iat", ["iat": .null]), ("nbf", ["nbf": 1_800_000_031]),
        ("no jti", ["jti": .null]), ("empty jti", ["jti": ""]),
    ]

    @Test(arguments: wrong)
    func `wrong claims are refused`(name: String, change: [String: JSONValue]) async throws {
        try await SandboxHarness.run { sandbox in
            let signer = AssertionSigner.p256()
            try await sandbox.register(signer)
            let answer = try await sandbox.token(assertion: try signer.sign(sandbox.claims(change)))
            #expect(answer.status == 401)
            #expect(answer["error"] == "invalid_client")
            #expect(answer["access_token"] == nil)
        }
    }

    @Test(
        arguments: [
            ["alg": "none"], ["alg": "HS256"], ["alg": "RS256"], ["alg": .null], ["kid": "key-2"], ["kid": .null],
        ] as [[String: JSONValue]]
    )
    func `a header that does not name the registered key and its algorithm is refused`(
        change: [String: JSONValue]
    ) async throws {
        try await SandboxHarness.run { sandbox in
            let signer = AssertionSigner.p256()
            try await sandbox.register(signer)
            let answer = try await sandbox.token(assertion: try signer.sign(sandbox.claims(), header: change))
            #expect(answer.status == 401)
            #expect(answer["error"] == "invalid_client")
        }
    }

    @Test func `another key's signature, an altered text and no JWT are refused`() async throws {
        try await SandboxHarness.run { sandbox in
            let signer = AssertionSigner.p256()
            try await sandbox.register(signer)
            let foreign = try AssertionSigner.p256().sign(sandbox.claims())
            var parts = try signer.sign(sandbox.claims()).split(separator: ".").map(String.init)
            parts[1] = AssertionSigner.base64URL(JSONValue.object(sandbox.claims(["exp": 1_900_000_000])).text)
            for text in [foreign, parts.joined(separator: "."), "a.b.c", "x", parts[1]] {
                let answer = try await sandbox.token(assertion: text)
                #expect(answer.status == 401)
                #expect(answer["error"] == "invalid_client")
            }
        }
    }

    @Test func `an assertion works once, also in parallel, and not at all after its end`() async throws {
        try await SandboxHarness.run { sandbox in
            let signer = AssertionSigner.p256()
            try await sandbox.register(signer)
            let assertion = try signer.sign(sandbox.claims())
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<6 { group.addTask { try await sandbox.token(assertion: assertion).status } }
                return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(statuses == [200: 1, 401: 5])
        }
    }

    @Test func `the revocation endpoint takes assertions for it or for the token endpoint`() async throws {
        try await SandboxHarness.run { sandbox in
            let signer = AssertionSigner.p256()
            try await sandbox.register(signer)
            let path = "/cis/oidc/token/revocation"
            for audience in ["https://localhost\(path)", "https://localhost/oidc/token"] {
                let assertion = try signer.sign(sandbox.claims(["aud": .string(audience)]))
                let answer = try await sandbox.token(assertion: assertion, path: path, extra: [("token", "x")])
                #expect(answer.status == 200, "\(answer.text)")
            }
            let wrong = try signer.sign(sandbox.claims(["aud": "https://localhost"]))
            #expect(try await sandbox.token(assertion: wrong, path: path, extra: [("token", "x")]).status == 401)
        }
    }

    @Test func `a client uses its own method only`() async throws {
        try await SandboxHarness.run { sandbox in
            let signer = AssertionSigner.p256()
            let early = try await sandbox.token(assertion: try signer.sign(sandbox.claims()))
            #expect(early.status == 401)
            try await sandbox.register(signer)
            let client = try await sandbox.sandbox.client()
            let secret = try await sandbox.token(try await sandbox.credentials())
            #expect(secret.status == 401)
            #expect(secret["error"] == "invalid_client")
            #expect(secret.message?.contains("private_key_jwt") == true)
            let pair = Data("\(client.clientID):\(client.secret)".utf8).base64EncodedString()
            let basic = try await sandbox.token(
                [("grant_type", "client_credentials")],
                headers: [.authorization: "Basic \(pair)"]
            )
            #expect(basic.status == 401)
            #expect(basic.headers[.wwwAuthenticate]?.hasPrefix("Basic") == true)
            let both = try await sandbox.token(
                assertion: try signer.sign(sandbox.claims()),
                extra: [("client_secret", client.secret)]
            )
            #expect(both.status == 400)
            let none = try await sandbox.token([
                ("grant_type", "client_credentials"), ("client_id", client.clientID),
            ])
            #expect(none.status == 400)
            _ = try await sandbox.control(.put, "client/authentication", ["method": "client_secret_basic"])
            #expect(try await sandbox.token(try await sandbox.credentials()).status == 200)
        }
    }

    @Test func `a bound client needs a certificate on its connection`() async throws {
        try await SandboxHarness.run { sandbox in
            let body: JSONValue = ["method": "client_secret_basic", "certificate_bound": true]
            #expect(try await sandbox.control(.put, "client/authentication", body).status == 200)
            let answer = try await sandbox.token(try await sandbox.credentials())
            #expect(answer.status == 400)
            #expect(answer["error"] == "invalid_request")
        }
    }

    @Test(
        arguments: [
            [:], ["method": "password"], ["method": "private_key_jwt"], ["method": "tls_client_auth"],
            ["method": "self_signed_tls_client_auth"], ["method": "private_key_jwt", "jwks": ["keys": []]],
            ["method": "private_key_jwt", "jwks": ["kty": "oct", "kid": "a", "k": "AAAA"]],
            ["method": "private_key_jwt", "jwks": ["kty": "EC", "crv": "P-256", "kid": "a", "x": "AA", "y": "AA"]],
            ["method": "private_key_jwt", "jwks": ["kty": "RSA", "n": "AQAB", "e": "AQAB"]],
            ["method": "private_key_jwt", "public_key": "no PEM", "key_id": "a"],
            ["method": "tls_client_auth", "ca": "no PEM", "subject_dn": "CN=a"],
            ["method": "self_signed_tls_client_auth", "certificate": "no PEM"],
        ] as [JSONValue]
    )
    func `an incomplete or unreadable registration is refused and changes nothing`(body: JSONValue) async throws {
        try await SandboxHarness.run { sandbox in
            let answer = try await sandbox.control(.put, "client/authentication", body)
            #expect(answer.status == 400)
            let now = try await sandbox.control(.get, "client/authentication")
            #expect(now["method"] == "client_secret_basic")
            #expect(now["certificate_bound"] == false)
        }
    }

    @Test func `a private key is not taken`() async throws {
        try await SandboxHarness.run { sandbox in
            let jwk: JSONValue = ["kty": "EC", "crv": "P-256", "kid": "a", "x": "AA", "y": "AA", "d": "AA"]
            let answer = try await sandbox.control(
                .put,
                "client/authentication",
                ["method": "private_key_jwt", "jwks": jwk]
            )
            #expect(answer.status == 400)
            #expect(answer.message?.contains("private") == true)
        }
    }

    @Test func `a new secret replaces the old one at once`() async throws {
        try await SandboxHarness.run { sandbox in
            let old = try await sandbox.credentials()
            let token = try await sandbox.clientToken()
            #expect(try await sandbox.control(.put, "client/secret", ["secret": "a new one: ü%&+"]).status == 204)
            #expect(try await sandbox.token(old).status == 401)
            #expect(try await sandbox.token(try await sandbox.credentials()).status == 200)
            #expect(try await sandbox.send(.get, "/cis/v1/users", headers: SandboxHarness.bearer(token)).status == 200)
            #expect(try await sandbox.control(.put, "client/secret", ["secret": ""]).status == 400)
        }
    }
}
