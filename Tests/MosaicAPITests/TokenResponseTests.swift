import Secrets
import Testing

@testable import MosaicAPI

struct `A client token response` {
    @Test func `brings a token and its lifetime`() throws {
        let body = #"{"access_token":"a.b.c","token_type":"Bearer","expires_in":3600,"scope":"x"}"#
        let grant = try ClientTokenGrant.classify(UpstreamResponse(200, body), wallClock: 0).get()
        #expect(grant.accessToken.text == "a.b.c")
        #expect(grant.lifetime == .seconds(3600))
    }

    @Test(arguments: [
        ("", Duration.seconds(300)), (#","expires_in":null"#, .seconds(300)), (#","expires_in":1"#, .seconds(1)),
        (#","expires_in":3600.0"#, .seconds(3600)), (#","expires_in":86401"#, .seconds(86_400)),
        (#","expires_in":1e300"#, .seconds(86_400)), (#","expires_in":9223372036854775807"#, .seconds(86_400)),
    ])
    func `may state odd lifetimes`(member: String, lifetime: Duration) {
        let body = #"{"access_token":"t","token_type":"bearer"\#(member)}"#
        #expect(ClientTokenGrant(parsing: Array(body.utf8))?.lifetime == lifetime)
    }

    @Test(arguments: [
        "", "[]", "<html>", "{}", #"{"access_token":"t"}"#, #"{"access_token":"","token_type":"Bearer"}"#,
        #"{"access_token":5,"token_type":"Bearer"}"#, #"{"access_token":"t","token_type":"mac"}"#,
        #"{"access_token":"t","token_type":"Bearer","expires_in":0}"#,
        #"{"access_token":"t","token_type":"Bearer","expires_in":-5}"#,
        #"{"access_token":"t","token_type":"Bearer","expires_in":"an hour"}"#,
        #"{"access_token":"t\r\nX: y","token_type":"Bearer","expires_in":60}"#,
        #"{"access_token":"t t","token_type":"Bearer","expires_in":60}"#,
        #"{"access_token":"é","token_type":"Bearer","expires_in":60}"#,
    ])
    func `that breaks the contract is a protocol failure`(body: String) {
        #expect(
            ClientTokenGrant.classify(UpstreamResponse(200, body), wallClock: 0).failure?.kind == .protocolViolation
        )
    }

    @Test(arguments: [
        (401, #"{"error":"invalid_client"}"#, APIFailure.Kind.credentialRejected),
        (401, "", .credentialRejected),
        (401, "<html>Unauthorized</html>", .protocolViolation),
        (401, "Unauthorized", .protocolViolation),
        (401, #"{"message":"no","error_code":401}"#, .credentialRejected),
        (400, #"{"error":"invalid_client"}"#, .credentialRejected),
        (400, #"{"error":"unauthorized_client"}"#, .credentialRejected),
        (400, #"{"error":"invalid_scope"}"#, .credentialRejected),
        (400, #"{"error":"invalid_target"}"#, .notConfigured),
        (400, #"{"error":"temporarily_unavailable"}"#, .unavailable),
        (400, #"{"message":"Bad request","error_code":400}"#, .protocolViolation),
        (400, #"{"message":["Bad request"],"error_code":400}"#, .protocolViolation),
        (403, "<html>", .forbidden), (404, "", .protocolViolation), (302, "", .protocolViolation),
        (429, "", .rateLimited), (500, #"{"message":"x","error_code":500}"#, .unavailable), (503, "", .unavailable),
    ])
    func `that refuses is classified`(status: Int, body: String, kind: APIFailure.Kind) {
        let failure = ClientTokenGrant.classify(UpstreamResponse(status, body), wallClock: 0).failure
        #expect(failure?.kind == kind)
        #expect(failure?.status == status)
    }
}

struct `A user token response` {
    /// An ID token whose payload is the given JSON; the signature is never looked at.
    private static func idToken(_ payload: String) -> String {
        let encoded = String(decoding: Base64.encode(Array(payload.utf8)), as: UTF8.self)
        return "h." + encoded.filter { $0 != "=" }.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 } + ".s"
    }

    private func parse(_ extra: String, requiresSession: Bool = true) -> UserTokens? {
        let body = #"{"access_token":"at","token_type":"Bearer","expires_in":3600\#(extra)}"#
        return UserTokens(parsing: Array(body.utf8), requiresSession: requiresSession)
    }

    @Test func `brings all its tokens and the two claims of the ID token`() throws {
        let id = Self.idToken(#"{"sub":"u1","amr":["pwd","mfa"],"x":"ÿ?>"}"#)
        let tokens = try #require(parse(#","session_id":"s","id_token":"\#(id)","refresh_token":"rt""#))
        #expect(tokens.accessToken.text == "at")
        #expect(tokens.tokenType == "Bearer")
        #expect(tokens.expiresIn == 3600)
        #expect(tokens.sessionID?.text == "s")
        #expect(tokens.idToken?.text == id)
        #expect(tokens.refreshToken?.text == "rt")
        #expect(tokens.userID == "u1")
        #expect(tokens.authenticationMethods == ["pwd", "mfa"])
    }

    @Test(arguments: [
        "", #","id_token":"a.b.c.d.e""#, #","id_token":"no""#, #","id_token":"a.!.c""#, #","id_token":"a.bnVsbA.c""#,
    ])
    func `does without a readable ID token`(member: String) throws {
        let tokens = try #require(parse(#","session_id":"s"\#(member)"#))
        #expect(tokens.userID == nil)
        #expect(tokens.authenticationMethods == nil)
    }

    @Test func `tolerates claims of other types`() throws {
        let id = Self.idToken(#"{"sub":5,"amr":"pwd"}"#)
        let tokens = try #require(parse(#","session_id":"s","id_token":"\#(id)""#))
        #expect(tokens.userID == nil)
        #expect(tokens.authenticationMethods == nil)
    }

    @Test func `must name its session where the contract promises one`() {
        #expect(parse("") == nil)
        #expect(parse(#","session_id":"""#) == nil)
        #expect(parse("", requiresSession: false) != nil)
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"access_token":"a","token_type":"Bearer","session_id":"s"}"#,
        #"{"access_token":"a","token_type":"Bearer","expires_in":-1,"session_id":"s"}"#,
        #"{"access_token":"","token_type":"Bearer","expires_in":1,"session_id":"s"}"#,
        #"{"token_type":"Bearer","expires_in":1,"session_id":"s"}"#,
        #"{"access_token":"a","token_type":"x","expires_in":1,"session_id":"s"}"#,
    ])
    func `that breaks the contract is none`(body: String) {
        #expect(UserTokens(parsing: Array(body.utf8), requiresSession: true) == nil)
    }
}
