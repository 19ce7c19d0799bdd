import Secrets
import StrictJSON
import TestSupport
import Testing

@testable import MosaicAPI

@Suite(.longTimeLimit)
struct `Requests about sessions and tokens` {
    static let base = "https://api.eu.transmitsecurity.io/cis"
    static let tokens = #"{"access_token":"at","token_type":"Bearer","expires_in":60,"refresh_token":"rt2"}"#

    /// Makes one call and hands out what was sent.
    private func exchange(
        answering answer: ScriptedTransport.Outcome,
        authentication: ClientAuthentication = .clientSecretPost(Secret("client secret")),
        _ body: (ClientFixture) async throws -> Void
    ) async throws -> ScriptedTransport.Exchange {
        let transport = ScriptedTransport { _, _ in answer }
        try await ClientFixture.with(transport, authentication: authentication, body)
        #expect(transport.calls.count == 1)
        return try #require(transport.calls.first)
    }

    @Test func `E22 carries the session and what was given beside it`() async throws {
        let sent = try await exchange(answering: .granted) { fixture in
            var request = SessionAuthenticateOperation(sessionID: Secret("s 1"))
            request.resource = "https://r"
            request.organizationID = "org"
            request.claims = try JSONText(parsing: Array(#"{"id_token": {}}"#.utf8), maximumDepth: 4)
            request.clientAttributes = try JSONText(parsing: Array(#"{"user_agent":"UA"}"#.utf8), maximumDepth: 4)
            request.deviceID = "dev"
            let tokens = try await fixture.client.perform(request, call: fixture.call)
            #expect(tokens.sessionID == Secret("s1"))
        }
        #expect(sent.method == "POST" && sent.url == Self.base + "/v1/auth/session/authenticate")
        #expect(sent.bearer == "t1")
        #expect(
            sent.body
                == #"{"session_id":"s 1","org_id":"org","resource":"https://r","claims":{"id_token": {}},"#
                + #""client_attributes":{"user_agent":"UA"},"device_id":"dev"}"#
        )
    }

    @Test func `E24 carries the session and is content with an empty 204`() async throws {
        let sent = try await exchange(answering: .respond(204)) { fixture in
            try await fixture.client.perform(SessionLogoutOperation(sessionID: Secret("s\"1")), call: fixture.call)
        }
        #expect(sent.method == "POST" && sent.url == Self.base + "/v1/auth/session/logout")
        #expect(sent.bearer == "t1")
        #expect(sent.body == #"{"session_id":"s\"1"}"#)
    }

    @Test(arguments: [
        (#"{"sessions_count":3}"#, 3), (#"{"result":{"sessions_count":2}}"#, 2), ("", nil), ("{}", nil),
    ])
    func `E15 goes with the user's own token and takes both envelopes`(body: String, count: Int64?) async throws {
        let sent = try await exchange(answering: .respond(200, body)) { fixture in
            let output = try await fixture.client.perform(
                UserLogoutOperation(accessToken: Secret("user")),
                call: fixture.call
            )
            #expect(output.sessionsCount == count)
        }
        #expect(sent.method == "POST" && sent.url == Self.base + "/v1/auth/logout")
        #expect(sent.bearer == "user")
        #expect(sent.body == nil)
    }

    @Test func `E25 reads the bare array and keeps an odd user id one segment`() async throws {
        let body =
            #"[{"session_id":"s1","start_time":"2026-01-01T00:00:00Z","expiration_time":"later"},{"session_id":"s2"}]"#
        let sent = try await exchange(answering: .respond(200, body)) { fixture in
            let list = try await fixture.client.perform(
                SessionListOperation(userID: Array("a/b+c@d".utf8)),
                call: fixture.call
            )
            let sessions = list.elements.map(\.element)
            #expect(sessions.map(\.sessionID) == [Secret("s1"), Secret("s2")])
            #expect(sessions.first?.startTime == "2026-01-01T00:00:00Z")
            #expect(sessions.first?.expirationTime == "later")
        }
        #expect(sent.method == "GET" && sent.url == Self.base + "/v1/auth/users/a%2Fb%2Bc%40d/sessions")
        #expect(sent.bearer == "t1" && sent.body == nil)
    }

    @Test func `E26 deletes the sessions of a user`() async throws {
        let sent = try await exchange(answering: .respond(204)) { fixture in
            try await fixture.client.perform(SessionRevokeOperation(userID: Array("..".utf8)), call: fixture.call)
        }
        #expect(sent.method == "DELETE" && sent.url == Self.base + "/v1/auth/users/%2E%2E/sessions")
        #expect(sent.bearer == "t1" && sent.body == nil)
    }

    @Test func `E23 refreshes with the client's token`() async throws {
        let sent = try await exchange(answering: .respond(200, Self.tokens)) { fixture in
            let refresh = UserTokenRefresh(refreshToken: Secret("rt"), kind: .backend)
            let tokens = try await fixture.client.refresh(refresh, call: fixture.call)
            #expect(tokens.accessToken == Secret("at") && tokens.refreshToken == Secret("rt2"))
            #expect(tokens.sessionID == nil)
        }
        #expect(sent.url == Self.base + "/v1/auth/token/refresh" && sent.bearer == "t1")
        #expect(sent.body == #"{"refresh_token":"rt"}"#)
    }

    @Test func `E1's refresh grant has the client prove itself, in the form or in the header`() async throws {
        let refresh = UserTokenRefresh(refreshToken: Secret("r t"), kind: .oidc)
        let posted = try await exchange(answering: .respond(200, Self.tokens)) { fixture in
            _ = try await fixture.client.refresh(refresh, call: fixture.call)
        }
        #expect(posted.url == "https://api.eu.transmitsecurity.io/oidc/token")
        #expect(posted.mediaType == "application/x-www-form-urlencoded" && posted.bearer == nil)
        #expect(
            posted.body
                == "grant_type=refresh_token&refresh_token=r+t&client_id=client.example&client_secret=client+secret"
        )
        let basic = try await exchange(
            answering: .respond(200, Self.tokens),
            authentication: .clientSecretBasic(Secret("s"))
        ) { fixture in
            _ = try await fixture.client.refresh(refresh, call: fixture.call)
        }
        #expect(basic.basic == "Y2xpZW50LmV4YW1wbGU6cw==")
        #expect(basic.body == "grant_type=refresh_token&refresh_token=r+t")
    }

    @Test func `E1's code grant carries code, redirect URI and verifier`() async throws {
        let sent = try await exchange(answering: .respond(200, Self.tokens)) { fixture in
            let grant = CodeExchangeOperation(
                code: Secret("c/1"),
                redirectURI: "https://app.example/cb?x=1",
                codeVerifier: Secret("v~")
            )
            _ = try await fixture.client.perform(grant, call: fixture.call)
        }
        #expect(sent.url == "https://api.eu.transmitsecurity.io/oidc/token")
        #expect(
            sent.body
                == "grant_type=authorization_code&code=c%2F1&redirect_uri=https%3A%2F%2Fapp.example%2Fcb%3Fx%3D1"
                + "&code_verifier=v%7E&client_id=client.example&client_secret=client+secret"
        )
    }

    @Test func `E4 carries the token and the hint`() async throws {
        let sent = try await exchange(answering: .respond(200)) { fixture in
            let request = TokenRevokeOperation(token: Secret("rt"), hint: .refreshToken)
            try await fixture.client.perform(request, call: fixture.call)
        }
        #expect(sent.url == Self.base + "/oidc/token/revocation" && sent.bearer == nil)
        #expect(
            sent.body == "token=rt&token_type_hint=refresh_token&client_id=client.example&client_secret=client+secret"
        )
    }

    @Test func `E16 carries ID and secret in its JSON body`() async throws {
        let answer = #"{"access_token":"a","id_token":"i","refresh_token":"r","is_user_created":true}"#
        let sent = try await exchange(answering: .respond(200, answer)) { fixture in
            let output = try await fixture.client.perform(
                LegacyCodeExchangeOperation(code: Secret("c")),
                call: fixture.call
            )
            #expect(output.isUserCreated && output.accessToken == Secret("a"))
        }
        #expect(sent.url == Self.base + "/v1/token" && sent.bearer == nil && sent.mediaType == "application/json")
        #expect(sent.body == #"{"code":"c","client_id":"client.example","client_secret":"client secret"}"#)
    }

    @Test func `E5 goes without a bearer and brings the URL`() async throws {
        let sent = try await exchange(answering: .respond(200, #"{"result":{"url":"https://next?x=1"}}"#)) { fixture in
            var request = PasswordLoginOperation(
                kind: .phoneNumber,
                identifier: Secret("+49"),
                password: Secret("pw"),
                clientID: "client.example",
                redirectURI: "https://app.example/cb"
            )
            request.resource = "https://r"
            request.requireMFA = true
            request.organizationID = "org"
            guard case .continue(let url) = try await fixture.client.perform(request, call: fixture.call) else {
                Issue.record("not continued")
                return
            }
            #expect(url == Secret("https://next?x=1"))
        }
        #expect(sent.url == Self.base + "/v1/auth/password/login" && sent.bearer == nil)
        #expect(
            sent.body
                == #"{"phone_number":"+49","password":"pw","client_id":"client.example","#
                + #""redirect_uri":"https://app.example/cb","resource":"https://r","require_mfa":true,"org_id":"org"}"#
        )
    }
}
