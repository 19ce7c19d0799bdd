import AgentProtocol
import Secrets
import StrictJSON
import TestSupport
import Testing

@testable import AgentDaemon
@testable import MosaicAPI

@Suite(.longTimeLimit) struct `Methods about sessions and tokens` {
    private static let rights = ["login", "session", "session-admin", "token", "client-token"]

    private static func secret(_ text: String) -> Secret { Secret(copying: text.utf8) }

    private static let tokens = UserTokens(
        accessToken: secret("at"),
        tokenType: "Bearer",
        expiresIn: 60,
        sessionID: secret("si"),
        idToken: secret("it"),
        refreshToken: secret("rt"),
        userID: "u1",
        authenticationMethods: ["pwd"]
    )

    struct Row: Sendable {
        var method: String
        var params: String
        var output: any Sendable
        var result: String
    }

    static let rows: [Row] = [
        Row(
            method: "session.authenticate",
            params: #"{"session_id":"s"}"#,
            output: tokens,
            result: #"{"access_token":"at","token_type":"Bearer","expires_in":60,"session_id":"si","id_token":"it","#
                + #""refresh_token":"rt","user_id":"u1","amr":["pwd"]}"#
        ),
        Row(method: "session.logout", params: #"{"session_id":"s"}"#, output: (), result: "{}"),
        Row(
            method: "user.logout",
            params: #"{"access_token":"a"}"#,
            output: UserLogoutOperation.Output(sessionsCount: 2),
            result: #"{"sessions_count":2}"#
        ),
        Row(
            method: "session.list",
            params: #"{"user_id":"u1"}"#,
            output: ForwardedList([
                SessionListOperation.Session(sessionID: secret("s1"), startTime: "t", expirationTime: nil)
            ]),
            result: #"{"sessions":[{"session_id":"s1","start_time":"t"}]}"#
        ),
        Row(method: "session.revoke", params: #"{"user_id":"u1"}"#, output: (), result: "{}"),
        Row(
            method: "token.refresh",
            params: #"{"refresh_token":"r","kind":"oidc"}"#,
            output: tokens,
            result: #"{"access_token":"at","token_type":"Bearer","expires_in":60,"id_token":"it","refresh_token":"rt","#
                + #""user_id":"u1","amr":["pwd"]}"#
        ),
        Row(method: "token.revoke", params: #"{"token":"r"}"#, output: (), result: "{}"),
        Row(
            method: "token.verify",
            params: #"{"token":"t","token_use":"access"}"#,
            output: TokenVerdict.valid(claims: JSONText { $0.null() }),
            result: #"{"valid":true,"claims":null}"#
        ),
        Row(
            method: "token.verify",
            params: #"{"token":"t","token_use":"id"}"#,
            output: TokenVerdict.invalid(.encrypted),
            result: #"{"valid":false,"reason":"encrypted"}"#
        ),
        Row(
            method: "code.exchange",
            params: #"{"code":"c","redirect_uri":"https://app/cb"}"#,
            output: tokens,
            result: #"{"access_token":"at","token_type":"Bearer","expires_in":60,"id_token":"it","refresh_token":"rt","#
                + #""user_id":"u1","amr":["pwd"]}"#
        ),
        Row(
            method: "code.exchange",
            params: #"{"code":"c","legacy":true}"#,
            output: LegacyCodeExchangeOperation.Output(
                accessToken: secret("at"),
                idToken: secret("it"),
                refreshToken: secret("rt"),
                isUserCreated: false,
                userID: nil,
                authenticationMethods: nil
            ),
            result: #"{"access_token":"at","id_token":"it","refresh_token":"rt","is_user_created":false}"#
        ),
        Row(
            method: "client_token.get",
            params: #"{"min_valid_s":60,"resource":"https://r"}"#,
            output: IssuedClientToken(value: secret("ct"), remaining: .milliseconds(3_599_900)),
            result: #"{"access_token":"ct","token_type":"Bearer","expires_in":3599}"#
        ),
        Row(
            method: "password.login",
            params: #"{"email":"a@b","password":"p","redirect_uri":"https://app/cb"}"#,
            output: BrowserPasswordDecision.continue(url: secret("https://next")),
            result: #"{"verdict":"continue","url":"https://next"}"#
        ),
        Row(
            method: "password.login",
            params: #"{"username":"a","password":"p","redirect_uri":"https://app/cb"}"#,
            output: BrowserPasswordDecision.denied(.locked),
            result: #"{"verdict":"denied"}"#
        ),
        Row(
            method: "password.login",
            params: #"{"phone_number":"+1","password":"p","redirect_uri":"https://app/cb"}"#,
            output: BrowserPasswordDecision.passwordChangeRequired(.temporary, resetToken: secret("x")),
            result: #"{"verdict":"password_change_required","cause":"temporary","reset_token":"x"}"#
        ),
    ]

    @Test(arguments: rows)
    func `answer what Mosaic has said`(row: Row) async throws {
        let service = FakeMosaicService(.output(row.output))
        try await DispatcherFixture.with(service, rights: Self.rights) { fixture in
            let outcome = try await fixture.send(Line.method(row.method, params: row.params))
            #expect(outcome.line == #"{"jsonrpc":"2.0","id":1,"result":\#(row.result)}"#)
            #expect(outcome.records.count == 1 && outcome.records.first?.method == row.method)
            let stranger = try await fixture.send(
                Line.method(row.method, params: row.params),
                uid: DispatcherFixture.strangerUID
            )
            #expect(stranger.kind == "forbidden")
        }
    }

    @Test(arguments: rows.filter { $0.method != "token.verify" && $0.method != "client_token.get" })
    func `answer an error with its outcome when Mosaic refuses`(row: Row) async throws {
        let refused = APIFailure(.invalidToken, outcome: .refused)
        try await DispatcherFixture.with(FakeMosaicService(.failAfterSending(refused)), rights: Self.rights) {
            fixture in
            let outcome = try await fixture.send(Line.method(row.method, params: row.params))
            #expect(outcome.kind == "invalid_token")
            #expect(outcome.data?["outcome"]?.string == "refused")
            #expect(outcome.data?["retryable"]?.boolean == false)
        }
    }

    @Test(arguments: [
        ("session.authenticate", "{}", "session_id"), ("session.logout", #"{"session_id":""}"#, "session_id"),
        ("user.logout", #"{"access_token":"a b"}"#, "access_token"), ("session.list", "{}", "user_id"),
        ("session.revoke", #"{"user_id":1}"#, "user_id"), ("token.refresh", #"{"refresh_token":"r"}"#, "kind"),
        ("token.refresh", #"{"refresh_token":"r","kind":"other"}"#, "kind"),
        ("token.verify", #"{"token":"t"}"#, "token_use"),
        ("token.verify", #"{"token":"t","token_use":"id","resource":"x"}"#, "resource"),
        ("token.revoke", #"{"token":"t","token_type_hint":"id_token"}"#, "token_type_hint"),
        ("code.exchange", #"{"code":"c"}"#, "redirect_uri"),
        ("code.exchange", #"{"code":"c","redirect_uri":"x","legacy":true}"#, "redirect_uri"),
        ("code.exchange", #"{"code":"c","redirect_uri":"x","code_verifier":"short"}"#, "code_verifier"),
        ("client_token.get", "{}", "min_valid_s"), ("client_token.get", #"{"min_valid_s":86401}"#, "min_valid_s"),
        ("password.login", #"{"password":"p","redirect_uri":"x"}"#, "username"),
        ("password.login", #"{"email":"e","username":"u","password":"p","redirect_uri":"x"}"#, "email"),
        ("password.login", #"{"email":"e","password":"p"}"#, "redirect_uri"),
    ])
    func `say which parameter is wrong, and do nothing`(method: String, params: String, parameter: String) async throws
    {
        let service = FakeMosaicService(.hang)
        try await DispatcherFixture.with(service, rights: Self.rights) { fixture in
            let outcome = try await fixture.send(Line.method(method, params: params))
            #expect(outcome.kind == "invalid_params")
            #expect(outcome.data?["param"]?.string == parameter)
            #expect(outcome.data?["outcome"]?.string == "not_sent")
            #expect(service.operations.isEmpty && service.refreshed.isEmpty && service.verified.isEmpty)
        }
    }

    @Test func `take what they send from the parameters and the client`() async throws {
        let service = FakeMosaicService(.output(BrowserPasswordDecision.denied(.locked)))
        try await DispatcherFixture.with(service, rights: Self.rights) { fixture in
            let params = #"{"email":"a@b","password":"p","redirect_uri":"https://cb","require_mfa":false,"org_id":"o"}"#
            let outcome = try await fixture.send(
                Line.method("password.login", params: params),
                uid: DispatcherFixture.detailsUID
            )
            #expect(outcome.result?["reason"]?.string == "locked")
            #expect(outcome.records.first?.reason == "locked" && outcome.records.first?.target != nil)
            let login = try #require(service.operations.first as? PasswordLoginOperation)
            #expect(login.clientID == "client-id" && login.kind == .email && login.requireMFA == false)
            #expect(login.identifier == Self.secret("a@b") && login.organizationID == "o")

            service.become(.output(Self.tokens))
            _ = try await fixture.send(
                Line.method("token.refresh", params: #"{"refresh_token":"r","kind":"backend"}"#)
            )
            #expect(service.refreshed.map(\.kind) == [.backend])
            #expect(service.refreshed.first?.refreshToken == Self.secret("r"))

            service.become(.output(TokenVerdict.invalid(.expired)))
            let verify = #"{"token":"t","token_use":"access","resource":"https://r"}"#
            let verdict = try await fixture.send(Line.method("token.verify", params: verify))
            #expect(verdict.records.first?.reason == "expired")
            #expect(service.verified.first?.resource == "https://r" && service.verified.first?.use == .access)

            service.become(.output(IssuedClientToken(value: Self.secret("c"), remaining: .zero)))
            _ = try await fixture.send(Line.method("client_token.get", params: #"{"min_valid_s":7}"#))
            #expect(service.lent.first?.minimumValidity == .seconds(7) && service.lent.first?.resource == nil)
        }
    }
}
