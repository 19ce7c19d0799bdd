import Secrets
import StrictJSON
import Synchronization
import TestSupport
import Testing

@testable import MosaicAPI

@Suite(.longTimeLimit)
struct `A check of a token` {
    private static let forge = Result { try TokenForge() }
    private let forge: TokenForge

    init() throws { forge = try Self.forge.get() }

    /// The claims of a good access token, with changes: a member for another value, `nil` for none.
    private static func claims(_ changes: [String: String?] = [:], id: Bool = false) -> String {
        var members: [String: String?] = [
            "iss": #""https://eu.userid.security""#, "tid": #""tenant""#, "sub": #""u1""#,
            "aud": id ? #""client.example""# : #""userid-api""#, "exp": "\(ClientFixture.now + 100)",
            "iat": "\(ClientFixture.now)",
        ]
        if !id { members["client_id"] = #""client.example""# }
        for (name, value) in changes { members.updateValue(value, forKey: name) }
        let texts = members.sorted { $0.key < $1.key }.compactMap { name, value in value.map { #""\#(name)": \#($0)"# }
        }
        return "{\n " + texts.joined(separator: ",\n ") + "}"
    }

    /// A Mosaic that publishes the keys that `keys` says at the n-th asking, and issues a client token of the tenant.
    private static func mosaic(
        _ keys: @escaping @Sendable (Int) -> ScriptedTransport.Outcome
    ) -> ScriptedTransport {
        let own = TokenForge.url(Array(#"{"tid":"tenant"}"#.utf8))
        return ScriptedTransport(token: { _ in .token("h.\(own).s") }, api: { number, _ in keys(number) })
    }

    private func check(
        _ token: Secret,
        as use: TokenVerification.Use = .access,
        resource: String? = nil
    ) async throws -> TokenVerdict {
        let keys = try forge.keySet()
        let transport = Self.mosaic { _ in .respond(200, keys) }
        let verdict = Mutex<TokenVerdict?>(nil)
        try await ClientFixture.with(transport) { (fixture) async throws in
            let found = try await fixture.client.verify(
                TokenVerification(token: token, use: use, resource: resource),
                call: fixture.call
            )
            verdict.withLock { $0 = found }
        }
        return try #require(verdict.withLock { $0 })
    }

    @Test(arguments: [#"{"alg":"RS256","kid":"r1","typ":"JWT"}"#, #"{"alg":"ES256","kid":"e1"}"#])
    func `finds a good one good, and hands out its claims as they are`(header: String) async throws {
        let access = Self.claims()
        let verdict = try await check(forge.token(access, header: header))
        #expect(verdict == .valid(claims: try JSONText(parsing: Array(access.utf8), maximumDepth: 8)))
        let id = Self.claims(["aud": #"["x","client.example"]"#], id: true)
        guard case .valid = try await check(forge.token(id, header: header), as: .id) else {
            Issue.record("not valid")
            return
        }
    }

    @Test(
        arguments: [
            (["iss": #""https://userid.security""#], .issuer), (["iss": nil], .issuer),
            (["tid": #""other""#], .tenant), (["tid": nil], .tenant), (["client_id": #""other""#], .client),
            (["client_id": nil], .client), (["aud": #""client.example""#], .audience), (["aud": "[]"], .audience),
            (["aud": nil], .audience), (["sub": nil], .subject), (["sub": #""""#], .subject),
            (["sub": #""client.example""#], .subject), (["exp": "\(ClientFixture.now - 60)"], .expired),
            (["exp": nil], .expired), (["exp": #""never""#], .expired),
            (["nbf": "\(ClientFixture.now + 61)"], .notYetValid), (["iat": "\(ClientFixture.now + 61)"], .notYetValid),
            (["exp": "\(ClientFixture.now - 59)"], nil), (["nbf": "\(ClientFixture.now + 60)"], nil),
            (["iat": nil], nil),
            (["exp": "1.8e9"], nil),
        ] as [([String: String?], TokenFlaw?)]
    )
    func `looks at every claim`(changes: [String: String?], flaw: TokenFlaw?) async throws {
        let claims = Self.claims(changes)
        let expected =
            try flaw.map { .invalid($0) }
            ?? TokenVerdict.valid(claims: JSONText(parsing: Array(claims.utf8), maximumDepth: 8))
        #expect(try await check(forge.token(claims)) == expected)
    }

    @Test func `keeps access tokens and ID tokens apart, and resources`() async throws {
        #expect(try await check(forge.token(Self.claims()), as: .id) == .invalid(.audience))
        #expect(try await check(forge.token(Self.claims(id: true))) == .invalid(.client))
        #expect(try await check(forge.token(Self.claims()), resource: "https://r") == .invalid(.audience))
        let other = Self.claims(["aud": #""https://r""#])
        #expect(try await check(forge.token(other)) == .invalid(.audience))
        guard case .valid = try await check(forge.token(other), resource: "https://r") else {
            Issue.record("not valid")
            return
        }
    }

    @Test(
        arguments: [
            (#"{"alg":"none","kid":"r1"}"#, .algorithm), (#"{"alg":"HS256","kid":"secret"}"#, .algorithm),
            (#"{"alg":"RS384","kid":"r1"}"#, .algorithm), (#"{"kid":"r1"}"#, .algorithm),
            (#"{"alg":"RS256","kid":"r1","crit":["b64"]}"#, .algorithm), (#"{"alg":"ES256","kid":"r1"}"#, .algorithm),
            (#"{"alg":"RS256","kid":"e1"}"#, .algorithm), (#"{"alg":"RS256"}"#, .unknownKey),
            (#"{"alg":"RS256","kid":"r2"}"#, .unknownKey), (#"{"alg":"RS256","kid":"secret"}"#, .unknownKey),
            (#"{"alg":"RS256","kid":"enc"}"#, .unknownKey), (#"{"alg":"RS256","kid":"r1","kid":"r1"}"#, .malformed),
        ] as [(String, TokenFlaw)]
    )
    func `is not talked into another algorithm or key`(header: String, flaw: TokenFlaw) async throws {
        #expect(try await check(forge.token(Self.claims(), header: header)) == .invalid(flaw))
    }

    @Test func `finds any change`() async throws {
        let parts = try forge.token(Self.claims()).text.split(separator: ".").map(String.init)
        let changed = TokenForge.url(Array(Self.claims(["sub": #""u2""#]).utf8))
        #expect(try await check(Secret("\(parts[0]).\(changed).\(parts[2])")) == .invalid(.signature))
        #expect(try await check(Secret("\(parts[0]).\(parts[1]).")) == .invalid(.signature))
        #expect(try await check(Secret("\(parts[0]).\(parts[1]).AAAA")) == .invalid(.signature))
        #expect(try await check(Secret("\(parts[0]).\(parts[1])")) == .invalid(.malformed))
        #expect(try await check(Secret("\(parts[0]).\(parts[1]).\(parts[2])=")) == .invalid(.malformed))
        #expect(try await check(Secret("opaque")) == .invalid(.malformed))
        #expect(try await check(Secret("a.b.c.d.e")) == .invalid(.encrypted))
    }

    // MARK: The keys

    @Test func `asks for the keys once, however many check at the same time`() async throws {
        let keys = try forge.keySet()
        let transport = Self.mosaic { _ in .respond(200, keys) }
        let token = TokenVerification(token: try forge.token(Self.claims()), use: .access)
        try await ClientFixture.with(transport) { (fixture) async throws in
            let call = fixture.call
            try await withThrowingTaskGroup(of: TokenVerdict.self) { group in
                for _ in 0..<50 { group.addTask { try await fixture.client.verify(token, call: call) } }
                for try await verdict in group { #expect(verdict != .invalid(.unknownKey)) }
            }
            #expect(transport.calls.map(\.url) == ["https://api.eu.transmitsecurity.io/cis/oidc/jwks"])
            #expect(transport.calls.first?.bearer == nil && transport.calls.first?.method == "GET")
        }
    }

    @Test func `asks again for an unknown key, at most once a minute`() async throws {
        let old = try forge.keySet(kid: "r0")
        let new = try forge.keySet(kid: "r1")
        let transport = Self.mosaic { $0 < 3 ? .respond(200, old) : .respond(200, new) }
        let token = TokenVerification(token: try forge.token(Self.claims()), use: .access)
        try await ClientFixture.with(transport) { (fixture) async throws in
            func verdict() async throws -> TokenVerdict { try await fixture.client.verify(token, call: fixture.call) }
            #expect(try await verdict() == .invalid(.unknownKey))
            #expect(transport.calls.count == 1, "the keys are fresh: another look would be no use")
            #expect(try await verdict() == .invalid(.unknownKey))
            #expect(transport.calls.count == 1)
            fixture.clock.advance(by: .seconds(60))
            #expect(try await verdict() == .invalid(.unknownKey))
            #expect(transport.calls.count == 2)
            fixture.clock.advance(by: .seconds(59))
            #expect(try await verdict() == .invalid(.unknownKey))
            #expect(transport.calls.count == 2)
            fixture.clock.advance(by: .seconds(1))
            guard case .valid = try await verdict() else {
                Issue.record("not valid")
                return
            }
            #expect(transport.calls.count == 3)
        }
    }

    @Test func `serves on with the keys at hand while Mosaic is away`() async throws {
        let keys = try forge.keySet()
        let transport = Self.mosaic { $0 == 1 ? .respond(200, keys) : .refusedConnection }
        let token = TokenVerification(token: try forge.token(Self.claims()), use: .access)
        let unknown = try forge.token(Self.claims(), header: #"{"alg":"RS256","kid":"new"}"#)
        try await ClientFixture.with(transport) { (fixture) async throws in
            _ = try await fixture.client.verify(token, call: fixture.call)
            fixture.clock.advance(by: .seconds(7200))
            guard case .valid = try await fixture.client.verify(token, call: fixture.call) else {
                Issue.record("not valid")
                return
            }
            // An unknown key stays unknown.
            let other = TokenVerification(token: unknown, use: .access)
            let found = try await fixture.client.verify(other, call: fixture.call)
            #expect(found == .invalid(.unknownKey))
        }
    }

    @Test(
        arguments: [
            .respond(403, "<html>"), .respond(200, "[]"), .respond(200, #"{"keys":{}}"#), .respond(404),
        ] as [ScriptedTransport.Outcome]
    )
    func `is no verdict without keys`(answer: ScriptedTransport.Outcome) async throws {
        let token = TokenVerification(token: try forge.token(Self.claims()), use: .access)
        try await ClientFixture.with(Self.mosaic { _ in answer }) { fixture in
            do throws(APIFailure) {
                _ = try await fixture.client.verify(token, call: fixture.call)
                Issue.record("a verdict")
            } catch {
                #expect(error.kind == .unavailable && error.outcome == .notSent)
            }
        }
    }

    @Test func `takes the issuer from the discovery document where it is not known`() async throws {
        let keys = try forge.keySet()
        let transport = Self.mosaic { number in
            number == 1 ? .respond(200, keys) : .respond(200, #"{"issuer":"https://issuer.example","jwks_uri":"x"}"#)
        }
        let token = try forge.token(Self.claims(["iss": #""https://issuer.example""#]))
        try await ClientFixture.with(transport, endpoints: MosaicEndpoints(region: .sandbox)) { fixture in
            let verdict = try await fixture.client.verify(
                TokenVerification(token: token, use: .access),
                call: fixture.call
            )
            #expect(verdict != .invalid(.issuer))
            #expect(
                transport.calls.map(\.url) == [
                    "https://api.sbx.transmitsecurity.io/cis/oidc/jwks",
                    "https://api.sbx.transmitsecurity.io/cis/oidc/.well-known/openid-configuration",
                ]
            )
        }
    }
}
