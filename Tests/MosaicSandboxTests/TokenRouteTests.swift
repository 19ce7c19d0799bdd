import Foundation
import HTTPTypes
import JWTKit
import MosaicSandbox
import NIOCore
import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `The token endpoint (E1)` {
    @Test(arguments: ["/oidc/token", "/cis/oidc/token"])
    func `gives a bearer token for a posted secret`(path: String) async throws {
        try await SandboxHarness.run { sandbox in
            let answer = try await sandbox.token(try await sandbox.credentials(), path: path)
            #expect(answer.status == 200)
            #expect(answer["token_type"] == "Bearer")
            #expect(answer["expires_in"] == 3600)
            #expect(answer["scope"]?.string != nil)
            #expect(answer["access_token"]?.string?.split(separator: ".").count == 3)
            #expect(answer.headers[.cacheControl] == "no-store")
            #expect(answer["status"] == nil)
        }
    }

    @Test func `gives a bearer token for a secret in a Basic header`() async throws {
        try await SandboxHarness.run { sandbox in
            let client = try await sandbox.sandbox.client()
            let pair = Data("\(client.clientID):\(client.secret)".utf8).base64EncodedString()
            let answer = try await sandbox.token(
                [("grant_type", "client_credentials")],
                headers: [.authorization: "Basic \(pair)"]
            )
            #expect(answer.status == 200)
        }
    }

    @Test func `issues the documented claims`() async throws {
        try await SandboxHarness.run { sandbox in
            let claims = try await TokenReader(sandbox).claims(of: try await sandbox.clientToken())
            let client = try await sandbox.sandbox.client()
            let app = try await sandbox.sandbox.app()
            #expect(claims["sub"]?.string == client.clientID)
            #expect(claims["client_id"]?.string == client.clientID)
            #expect(claims["app_id"]?.string == app.appID)
            #expect(claims["app_name"]?.string == app.name)
            #expect(claims["tid"]?.string == app.tenantID)
            #expect(claims["iss"] == "https://mosaic-sandbox.invalid")
            #expect(claims["aud"] == "userid-api")
            #expect(claims["iat"]?.integer == 1_800_000_000)
            #expect(claims["exp"]?.integer == 1_800_003_600)
            #expect(claims["jti"]?.string?.isEmpty == false)
            for name in ["roles", "ts_roles", "ts_permissions"] { #expect(claims[name]?.elements != nil) }
        }
    }

    @Test func `takes the lifetime from the client's settings`() async throws {
        try await SandboxHarness.run { sandbox in
            #expect(try await sandbox.control(.patch, "client", ["access_token_ttl": 7]).status == 200)
            let answer = try await sandbox.token(try await sandbox.credentials())
            #expect(answer["expires_in"] == 7)
        }
    }

    @Test func `puts an attached resource into aud and refuses another`() async throws {
        try await SandboxHarness.run { sandbox in
            _ = try await sandbox.control(.patch, "client", ["resources": ["https://api.shop.example"]])
            let good = try await sandbox.token(
                try await sandbox.credentials() + [("resource", "https://api.shop.example")]
            )
            let token = try #require(good["access_token"]?.string)
            #expect(try await TokenReader(sandbox).claims(of: token)["aud"] == "https://api.shop.example")
            let bad = try await sandbox.token(try await sandbox.credentials() + [("resource", "https://other.example")])
            #expect(bad.status == 400)
            #expect(bad["error"] == "invalid_target")
        }
    }

    struct Rejection: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// nil removes the field.
        var changes: [(String, String?)]
        var status = 400
        var error: String
    }

    @Test(arguments: [
        Rejection(testDescription: "no grant", changes: [("grant_type", nil)], error: "invalid_request"),
        Rejection(
            testDescription: "other grant",
            changes: [("grant_type", "password")],
            error: "unsupported_grant_type"
        ),
        Rejection(testDescription: "no client", changes: [("client_id", nil)], error: "invalid_request"),
        Rejection(testDescription: "no secret", changes: [("client_secret", nil)], error: "invalid_request"),
        Rejection(testDescription: "empty secret", changes: [("client_secret", "")], error: "invalid_request"),
        Rejection(
            testDescription: "unknown client",
            changes: [("client_id", "nobody")],
            status: 401,
            error: "invalid_client"
        ),
        Rejection(
            testDescription: "wrong secret",
            changes: [("client_secret", "wrong")],
            status: 401,
            error: "invalid_client"
        ),
        Rejection(
            testDescription: "assertion",
            changes: [("client_secret", nil), ("client_assertion", "a.b.c")],
            status: 401,
            error: "invalid_client"
        ),
    ])
    func `refuses`(refusal: Rejection) async throws {
        try await SandboxHarness.run { sandbox in
            var fields = try await sandbox.credentials()
            for (name, value) in refusal.changes {
                fields.removeAll { $0.0 == name }
                if let value { fields.append((name, value)) }
            }
            let answer = try await sandbox.token(fields)
            #expect(answer.status == refusal.status)
            #expect(answer["error"]?.string == refusal.error)
            #expect(answer["error_description"]?.string?.isEmpty == false)
            #expect(answer.message != nil)
            #expect(answer.headers[.wwwAuthenticate] == nil)
            #expect(answer["access_token"] == nil)
        }
    }

    @Test func `answers a wrong Basic secret with a Basic challenge`() async throws {
        try await SandboxHarness.run { sandbox in
            let client = try await sandbox.sandbox.client()
            for text in ["\(client.clientID):wrong", "nobody:\(client.secret)", "no colon"] {
                let answer = try await sandbox.token(
                    [("grant_type", "client_credentials")],
                    headers: [.authorization: "Basic \(Data(text.utf8).base64EncodedString())"]
                )
                #expect(answer.status == 401)
                #expect(answer["error"] == "invalid_client")
                #expect(answer.headers[.wwwAuthenticate]?.hasPrefix("Basic ") == true)
            }
        }
    }

    @Test func `refuses both transports at once, a repeated field, and JSON`() async throws {
        try await SandboxHarness.run { sandbox in
            let fields = try await sandbox.credentials()
            let client = try await sandbox.sandbox.client()
            let pair = Data("\(client.clientID):\(client.secret)".utf8).base64EncodedString()
            let both = try await sandbox.token(fields, headers: [.authorization: "Basic \(pair)"])
            #expect(both.status == 400)
            #expect(both["error"] == "invalid_request")
            let twice = try await sandbox.token(fields + [("grant_type", "client_credentials")])
            #expect(twice.status == 400)
            let json = try await sandbox.send(.post, "/oidc/token", ["grant_type": "client_credentials"])
            #expect(json.status == 400)
            #expect(json["error"] == "invalid_request")
            #expect(json.errorCode == 400)
            let broken = try await sandbox.send(
                .post,
                "/oidc/token",
                bytes: ByteBuffer(string: "grant_type=%zz"),
                headers: [.contentType: "application/x-www-form-urlencoded"]
            )
            #expect(broken.status == 400)
        }
    }
}

@Suite(.longTimeLimit)
struct `Keys and discovery (E2, E3)` {
    @Test func `the key set has exactly the documented members`() async throws {
        try await SandboxHarness.run { sandbox in
            let answer = try await sandbox.send(.get, "/cis/oidc/jwks")
            #expect(answer.status == 200)
            let key = try #require(answer["keys"]?.elements?.first?.members)
            #expect(Set(key.keys) == ["kty", "use", "kid", "alg", "e", "n"])
            #expect(key["kty"] == "RSA")
            #expect(key["alg"] == "RS256")
            #expect(key["use"] == "sig")
        }
    }

    @Test func `jwt-kit verifies a token against the key set and refuses an altered one`() async throws {
        try await SandboxHarness.run { sandbox in
            let token = try await sandbox.clientToken()
            let keys = JWTKeyCollection()
            try await keys.add(jwksJSON: try await sandbox.send(.get, "/cis/oidc/jwks").text)
            let payload = try await keys.verify(token, as: AnyPayload.self)
            #expect(payload.iss.value == "https://mosaic-sandbox.invalid")
            var parts = token.split(separator: ".").map(String.init)
            parts[1] = Data(#"{"iss":"https://mosaic-sandbox.invalid","sub":"x"}"#.utf8).base64EncodedString()
                .replacing("=", with: "")
            await #expect(throws: (any Error).self) {
                try await keys.verify(parts.joined(separator: "."), as: AnyPayload.self)
            }
        }
    }

    @Test func `discovery names the issuer and addresses under which it was reached`() async throws {
        try await SandboxHarness.run { sandbox in
            let answer = try await sandbox.send(.get, "/cis/oidc/.well-known/openid-configuration")
            #expect(answer.status == 200)
            #expect(answer["issuer"] == "https://mosaic-sandbox.invalid")
            #expect(answer["jwks_uri"] == "https://localhost/cis/oidc/jwks")
            #expect(answer["token_endpoint"] == "https://localhost/oidc/token")
        }
    }
}

/// A payload that checks nothing by itself.
struct AnyPayload: JWTPayload {
    var iss: IssuerClaim
    var sub: SubjectClaim

    func verify(using algorithm: some JWTAlgorithm) {}
}

/// Reads tokens the way a client would: key by `kid` from E2, signature checked with the platform's RSA, not with the
/// sandbox's own code.
struct TokenReader {
    private let sandbox: SandboxHarness

    init(_ sandbox: SandboxHarness) { self.sandbox = sandbox }

    /// The claims of a token whose signature verifies.
    func claims(of token: String) async throws -> [String: JSONValue] {
        let parts = token.split(separator: ".").map(String.init)
        try #require(parts.count == 3)
        let headerText = try #require(Self.decode(parts[0]))
        let header = try JSONValue(text: headerText)
        #expect(header["alg"] == "RS256")
        #expect(header["typ"] == "JWT")
        let keys = try #require(try await sandbox.send(.get, "/cis/oidc/jwks")["keys"]?.elements)
        let key = try #require(keys.first { $0["kid"] == header["kid"] })
        let modulus = try #require(Self.decode(key["n"]?.string ?? ""))
        let exponent = try #require(Self.decode(key["e"]?.string ?? ""))
        let signature = try #require(Self.decode(parts[2]))
        try RSASignature.verify(
            modulus: modulus,
            exponent: exponent,
            signature: signature,
            input: Data("\(parts[0]).\(parts[1])".utf8)
        )
        let payload = try #require(Self.decode(parts[1]))
        return try #require(JSONValue(text: payload).members)
    }

    static func decode(_ text: String) -> Data? {
        let padded = text + String(repeating: "=", count: (4 - text.count % 4) % 4)
        return Data(base64Encoded: padded.replacing("-", with: "+").replacing("_", with: "/"))
    }
}
