import Foundation
import GRDB
import HTTPTypes
import MosaicSandbox
import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `Login in the browser (E5, E16, code grant)` {
    @Test func `a password gives a redirect with a code, and the code tokens`() async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createUser()
            let answer = try await sandbox.passwordLogin(["claims": ["id_token": ["username": .null]]])
            #expect(answer.status == 200)
            #expect(answer.json.members?.keys.sorted() == ["result"])
            let target = try await sandbox.follow(answer["result"]?["url"]?.string ?? "")
            #expect(target.base == SandboxHarness.redirect)
            let code = try #require(target.query["code"])
            let tokens = try await sandbox.exchange(code)
            #expect(tokens.status == 200)
            #expect(tokens["token_type"] == "Bearer")
            #expect(tokens["expires_in"] == 3600)
            #expect(tokens["scope"] == "openid")
            #expect(tokens["refresh_token"]?.string?.isEmpty == false)
            #expect(tokens["session_id"] == nil)
            let identity = try await sandbox.identity(tokens)
            #expect(identity["sub"]?.string == userID)
            #expect(identity["amr"] == ["pwd"])
            #expect(identity["username"] == "ann")
        }
    }

    @Test(arguments: [("username", "ann"), ("email", "ANN@example.com"), ("phone_number", "+16175551212")])
    func `each identifier works, two at once do not`(type: String, value: String) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            var name: [String: JSONValue] = ["username": .null]
            name[type] = .string(value)
            #expect(try await sandbox.passwordLogin(name).status == 200)
            let both = try await sandbox.passwordLogin(["username": "ann", "email": "ann@example.com"])
            #expect(both.status == 400)
        }
    }

    @Test func `refusals have their shapes`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            try await sandbox.createUser("tom", temporary: true)
            let wrong = try await sandbox.passwordLogin(["password": "wrong"])
            let unknown = try await sandbox.passwordLogin(["username": "nobody"])
            #expect(wrong.status == 401)
            #expect(wrong["message"]?.string?.isEmpty == false)
            #expect(wrong.text == unknown.text)
            let temporary = try await sandbox.passwordLogin(["username": "tom"])
            #expect(temporary.status == 403)
            #expect(temporary["message"] == "temporary_password")
            #expect(temporary.errorCode == 403)
            let token = try #require(temporary["reset_token"]?.string)
            #expect(try await sandbox.reset(token).status == 200)
            sandbox.sandbox.clock.advance(by: 91 * 86_400)
            let expired = try await sandbox.passwordLogin()
            #expect(expired["message"] == "password_expired")
            #expect(expired["reset_token"]?.string != nil)
            let client = try await sandbox.passwordLogin(["client_id": "nobody"])
            #expect(client.status == 404)
            #expect(client.errorCode == "client_not_exist")
            for _ in 1...5 { _ = try await sandbox.passwordLogin(["password": "wrong"]) }
            let locked = try await sandbox.passwordLogin()
            #expect(locked.status == 403)
            #expect(locked.errorCode == "auth_locked")
            #expect(locked["reset_token"] == nil)
            sandbox.sandbox.clock.advance(by: 15 * 60)
            _ = try await sandbox.control(.put, "users/ann/status", ["status": "Disabled"])
            #expect(try await sandbox.passwordLogin().errorCode == "user_not_active")
        }
    }

    @Test(
        arguments: [
            ["redirect_uri": "https://evil.example/"], ["redirect_uri": .null], ["password": .null],
            ["username": .null], ["client_id": .null], ["require_mfa": "yes"], ["claims": 7],
            ["resource": "https://other.example"],
        ] as [JSONValue]
    )
    func `a malformed login is a 400 in shape A`(extra: JSONValue) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            let answer = try await sandbox.passwordLogin(extra.members ?? [:])
            #expect(answer.status == 400)
            #expect(answer["message"]?.elements?.isEmpty == false)
        }
    }

    @Test func `with require_mfa the redirect says so and names the factors`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let answer = try await sandbox.passwordLogin(["require_mfa": true])
            let target = try await sandbox.follow(answer["result"]?["url"]?.string ?? "")
            #expect(target.query["error"] == "mfa_required")
            #expect(target.query["error_description"]?.hasSuffix("email,sms,email-otp") == true)
            #expect(target.query["code"] == nil)
        }
    }

    @Test func `a code works once, and a second use revokes its tokens`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            let code = try await sandbox.authorizationCode()
            #expect(try await sandbox.exchange(code).status == 200)
            let again = try await sandbox.exchange(code)
            #expect(again.status == 400)
            #expect(again["error"] == "invalid_grant")
            #expect(try await sandbox.control(.post, "tokens/revoke", ["kind": "user"])["revoked"] == 0)
        }
    }

    @Test func `a code is bound to redirect URI, client and time`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            let code = try await sandbox.authorizationCode()
            let refusals: [([String: String?], String)] = [
                (["redirect_uri": "http://127.0.0.1/callback"], "invalid_grant"),
                (["redirect_uri": nil], "invalid_request"),
                (["code": nil], "invalid_request"), (["code": "x"], "invalid_grant"),
                (["code_verifier": String(repeating: "v", count: 43)], "invalid_grant"),
                (["client_id": sandbox.sandbox.clientID + ".second"], "invalid_grant"),
                (["client_secret": "wrong"], "invalid_client"),
            ]
            _ = try await sandbox.secondClientToken()
            for (changes, error) in refusals {
                let answer = try await sandbox.exchange(code, changes)
                #expect(answer["error"]?.string == error)
            }
            #expect(try await sandbox.exchange(code).status == 200)
            let late = try await sandbox.authorizationCode()
            sandbox.sandbox.clock.advance(by: 300)
            #expect(try await sandbox.exchange(late)["error"] == "invalid_grant")
            #expect(try await sandbox.exchangeLegacy(late).status == 400)
        }
    }

    @Test(arguments: ["S256", "plain"])
    func `a code with PKCE wants its verifier`(method: String) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            // RFC 7636, appendix B.
            let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
            let challenge = method == "plain" ? verifier : "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
            let made = try await sandbox.control(
                .post,
                "authorization-codes",
                [
                    "user": "ann", "redirect_uri": .string(SandboxHarness.redirect),
                    "code_challenge": .string(challenge), "code_challenge_method": .string(method),
                ]
            )
            #expect(made.status == 201)
            let code = try #require(made["code"]?.string)
            #expect(try await sandbox.exchange(code)["error"] == "invalid_grant")
            #expect(try await sandbox.exchange(code, ["code_verifier": "wrong"])["error"] == "invalid_grant")
            #expect(try await sandbox.exchangeLegacy(code).status == 400)
            #expect(try await sandbox.exchange(code, ["code_verifier": verifier]).status == 200)
        }
    }

    @Test func `codes on demand are refused for unknown users and redirects`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            let uri = JSONValue.string(SandboxHarness.redirect)
            let unknown = try await sandbox.control(.post, "authorization-codes", ["user": "x", "redirect_uri": uri])
            #expect(unknown.status == 404)
            let foreign = try await sandbox.control(
                .post,
                "authorization-codes",
                ["user": "ann", "redirect_uri": "https://evil.example"]
            )
            #expect(foreign.status == 400)
        }
    }

    @Test func `the deprecated exchange answers its four members`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            let code = try await sandbox.authorizationCode()
            let secret = try await sandbox.exchangeLegacy(code, ["client_secret": "wrong"])
            #expect(secret.status == 400)
            #expect(secret["message"]?.elements?.count == 1)
            let long = try await sandbox.exchangeLegacy(code, ["client_id": .string(String(repeating: "x", count: 51))])
            #expect(long.status == 400)
            let answer = try await sandbox.exchangeLegacy(code)
            #expect(answer.status == 200)
            #expect(
                answer.json.members?.keys.sorted() == ["access_token", "id_token", "is_user_created", "refresh_token"]
            )
            #expect(answer["is_user_created"] == false)
            #expect(try await sandbox.exchangeLegacy(code).status == 400)
        }
    }

    @Test func `a reset can go on to a login`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createVerifiedUser()
            let uri: [String: JSONValue] = ["redirect_uri": .string(SandboxHarness.redirect)]
            let foreign = try await sandbox.reset(
                try await sandbox.resetToken("email"),
                SandboxHarness.newPassword,
                ["redirect_uri": "https://evil.example"]
            )
            #expect(foreign.status == 400)
            let token = try await sandbox.resetToken("email")
            let done = try await sandbox.reset(token, SandboxHarness.newPassword, uri)
            let target = try await sandbox.follow(done["url"]?.string ?? "")
            let tokens = try await sandbox.exchange(target.query["code"] ?? "")
            #expect(try await sandbox.identity(tokens)["amr"] == ["eotp"])
            let next = try await sandbox.resetToken("sms")
            let strict = try await sandbox.reset(
                next,
                "Newest-Horse-44!",
                uri.merging(["require_mfa": true]) { $1 }
            )
            #expect(try await sandbox.follow(strict["url"]?.string ?? "").query["error"] == "mfa_required")
        }
    }

    @Test func `a front-end session is unknown to the backend endpoints, and its user's token ends it`() async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createUser()
            let tokens = try await sandbox.exchange(try await sandbox.authorizationCode())
            let session = JSONValue.string(
                try #require(
                    try await sandbox.sandbox.store.read { db in
                        try String.fetchOne(db, sql: "SELECT sessionID FROM session")
                    }
                )
            )
            let joined = try await sandbox.login(extra: ["session_id": session])
            #expect(joined.status == 400)
            #expect(joined["message"] == "Session not found")
            for path in ["authenticate", "logout"] {
                let answer = try await sandbox.call(.post, "/cis/v1/auth/session/\(path)", ["session_id": session])
                #expect(answer["message"] == "Session not found")
            }
            let list = "/cis/v1/auth/users/\(userID)/sessions"
            #expect(try await sandbox.call(.get, list).json == [])
            #expect(try await sandbox.call(.delete, list).status == 204)
            let bearer = SandboxHarness.bearer(try #require(tokens["access_token"]?.string))
            let logout = try await sandbox.send(.post, "/cis/v1/auth/logout", headers: bearer)
            #expect(logout["sessions_count"] == 1)
            let refreshed = try await sandbox.exchange(
                "",
                [
                    "grant_type": "refresh_token", "code": nil, "redirect_uri": nil,
                    "refresh_token": tokens["refresh_token"]?.string,
                ]
            )
            #expect(refreshed["error"] == "invalid_grant")
        }
    }
}

extension SandboxHarness {
    /// Logs in at E5, without bearer.
    func passwordLogin(_ extra: [String: JSONValue] = [:]) async throws -> Answer {
        var body: [String: JSONValue] = [
            "username": "ann", "password": .string(Self.password), "client_id": .string(sandbox.clientID),
            "redirect_uri": .string(Self.redirect),
        ]
        body.merge(extra) { $1 }
        return try await send(.post, "/cis/v1/auth/password/login", .object(body.filter { $0.value != .null }))
    }

    /// A code by E5.
    func authorizationCode() async throws -> String {
        let url = try #require(try await passwordLogin()["result"]?["url"]?.string)
        return try #require(try await follow(url).query["code"])
    }

    /// Exchanges a code at E1; nil leaves a field out.
    func exchange(_ code: String, _ changes: [String: String?] = [:]) async throws -> Answer {
        let client = try await sandbox.client()
        var fields: [String: String?] = [
            "grant_type": "authorization_code", "code": code, "redirect_uri": Self.redirect,
            "client_id": client.clientID, "client_secret": client.secret,
        ]
        fields.merge(changes) { $1 }
        return try await token(fields.compactMap { name, value in value.map { (name, $0) } })
    }

    /// Exchanges a code at E16.
    func exchangeLegacy(_ code: String, _ extra: [String: JSONValue] = [:]) async throws -> Answer {
        let client = try await sandbox.client()
        var body: [String: JSONValue] = [
            "code": .string(code), "client_id": .string(client.clientID), "client_secret": .string(client.secret),
        ]
        body.merge(extra) { $1 }
        return try await send(.post, "/cis/v1/token", .object(body))
    }
}
