import AgentProtocol
import StrictJSON
import Testing

/// Requests and results about sessions and tokens, written and read again.
@Suite struct SessionRoundTripTests {
    private static let tokens = IssuedTokens(
        accessToken: Fixtures.secret("canary"),
        tokenType: "Bearer",
        expiresIn: 60,
        idToken: Fixtures.secret("canary"),
        refreshToken: Fixtures.secret("canary"),
        userID: "u1",
        amr: ["pwd", "mfa"]
    )

    @Test func `parameters`() throws {
        try expectSame(
            SessionAuthenticate.self,
            .init(
                sessionID: Fixtures.secret("s"),
                resource: "https://r",
                orgID: "o",
                claims: Fixtures.emptyObject,
                clientAttributes: ClientAttributes(userAgent: "UA"),
                deviceID: "d"
            )
        )
        try expectSame(SessionLogout.self, .init(sessionID: Fixtures.secret("s")))
        try expectSame(UserLogout.self, .init(accessToken: Fixtures.secret("a.b")))
        try expectSame(SessionList.self, .init(userID: "u-1"))
        try expectSame(SessionRevoke.self, .init(userID: "u"))
        try expectSame(TokenRefresh.self, .init(refreshToken: Fixtures.secret("r"), kind: .oidc))
        try expectSame(TokenRevoke.self, .init(token: Fixtures.secret("t"), tokenTypeHint: "access_token"))
        try expectSame(TokenVerify.self, .init(token: Fixtures.secret("t"), tokenUse: .access, resource: "r"))
        try expectSame(
            PasswordLogin.self,
            .init(
                user: Target(kind: .email, identifier: "a@b"),
                password: Fixtures.secret("p"),
                redirectURI: "https://cb",
                resource: "r",
                requireMFA: true,
                claims: Fixtures.emptyObject,
                orgID: "o"
            )
        )
        let verifier = Fixtures.secret(String(repeating: "v", count: 43))
        try expectSame(CodeExchange.self, .init(code: Fixtures.secret("c"), redirectURI: "u", codeVerifier: verifier))
        try expectSame(CodeExchange.self, .init(legacyCode: Fixtures.secret("c")))
        try expectSame(ClientTokenGet.self, .init(minimumValiditySeconds: 60, resource: "r"))
    }

    @Test func `results`() throws {
        try expectSame(
            SessionAuthenticate.self,
            result: GrantedTokens(
                accessToken: Fixtures.secret("a"),
                tokenType: "Bearer",
                expiresIn: 1,
                sessionID: Fixtures.secret("s")
            )
        )
        try expectSame(SessionLogout.self, result: .init())
        try expectSame(UserLogout.self, result: .init())
        try expectSame(UserLogout.self, result: .init(sessionsCount: 3))
        try expectSame(
            SessionList.self,
            result: .init(sessions: [.init(sessionID: Fixtures.secret("s"), startTime: "t", expirationTime: "u")])
        )
        try expectSame(TokenRefresh.self, result: Self.tokens)
        try expectSame(TokenVerify.self, result: .valid(claims: Fixtures.emptyObject))
        try expectSame(TokenVerify.self, result: .invalid(reason: "expired"))
        try expectSame(CodeExchange.self, result: .init(tokens: Self.tokens))
        try expectSame(
            CodeExchange.self,
            result: .init(tokens: IssuedTokens(accessToken: Fixtures.secret("a")), isUserCreated: true)
        )
        try expectSame(ClientTokenGet.self, result: .init(accessToken: Fixtures.secret("c"), expiresIn: 5))
        try expectSame(PasswordLogin.self, result: .continue(url: Fixtures.secret("https://next")))
        try expectSame(PasswordLogin.self, result: .denied(reason: "locked"))
        try expectSame(
            PasswordLogin.self,
            result: .passwordChangeRequired(.init(cause: .expired, resetToken: Fixtures.secret("r")))
        )
    }

    @Test func `claims of several lines become one line`() throws {
        let claims = try JSONText(parsing: Array("{\n\"a\": 1\r\n}".utf8), maximumDepth: 4)
        let line = TokenVerify.answerLine(id: try #require(RequestID(1)), result: .valid(claims: claims))
        #expect(!line.contains(0x0A) && !line.contains(0x0D))
        #expect(try Response(parsing: line).outcome.get()["claims"]?["a"]?.integer == 1)
    }

    private func expectSame<M: AgentMethod>(_ method: M.Type, _ parameters: M.Parameters) throws {
        let id = try #require(RequestID("a"))
        let line = M.requestLine(id: id, parameters: parameters)
        guard case .request(let request) = IncomingLine(parsing: line) else {
            Issue.record("no request: \(String(decoding: line, as: UTF8.self))")
            return
        }
        #expect(M.requestLine(id: id, parameters: try M.parameters(of: request)) == line)
    }

    private func expectSame<M: AgentMethod>(_ method: M.Type, result: M.Result) throws {
        let id = try #require(RequestID(7))
        let line = M.answerLine(id: id, result: result)
        let json = try Response(parsing: line).outcome.get()
        try M.descriptor.result.check(json)
        #expect(M.answerLine(id: id, result: try M.result(from: json)) == line)
    }
}
