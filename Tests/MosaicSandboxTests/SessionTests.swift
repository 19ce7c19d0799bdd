import Foundation
import HTTPTypes
import MosaicSandbox
import NIOCore
import TestSupport
import Testing

extension SandboxHarness {
    /// Logs ann in; the members of the token response.
    func session(extra: [String: JSONValue] = [:]) async throws -> [String: JSONValue] {
        let answer = try await login(extra: extra)
        try #require(answer.status == 200, "\(answer.text)")
        return try #require(answer.json.members)
    }

    /// E23.
    func refresh(_ token: JSONValue?) async throws -> Answer {
        try await call(.post, "/cis/v1/auth/token/refresh", ["refresh_token": token ?? .null])
    }

    /// E22.
    func resume(_ session: JSONValue?, extra: [String: JSONValue] = [:]) async throws -> Answer {
        let body: [String: JSONValue] = ["session_id": session ?? .null]
        return try await call(.post, "/cis/v1/auth/session/authenticate", .object(body.merging(extra) { $1 }))
    }
}

@Suite(.patient)
struct `Backend sessions (E22, E24–E26, E15)` {
    @Test func `a session gives new tokens and is extended`() async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createUser(extra: ["email": "ann@example.com"])
            let first = try await sandbox.session()
            sandbox.sandbox.clock.advance(by: 13 * 86_400)
            let answer = try await sandbox.resume(
                first["session_id"],
                extra: [
                    "org_id": "org-1", "claims": ["id_token": ["email": .null]], "device_id": "d",
                    "client_attributes": ["user_agent": "x", "ip_address": "10.0.0.1"],
                ]
            )
            #expect(answer.status == 200)
            #expect(answer["session_id"] == first["session_id"])
            #expect(answer["refresh_token"] != first["refresh_token"])
            #expect(answer["token_type"] == "Bearer")
            let claims = try await TokenReader(sandbox).claims(of: try #require(answer["id_token"]?.string))
            #expect(claims["sub"]?.string == userID)
            #expect(claims["amr"] == ["pwd"])
            #expect(claims["email"] == "ann@example.com")
            #expect(claims["org_id"] == "org-1")
            #expect(claims["auth_time"] == 1_800_000_000)
            sandbox.sandbox.clock.advance(by: 13 * 86_400)
            #expect(try await sandbox.resume(first["session_id"]).status == 200)
            sandbox.sandbox.clock.advance(by: 14 * 86_400)
            #expect(try await sandbox.resume(first["session_id"]).status == 400)
        }
    }

    @Test func `an unknown, ended or foreign session is not found, a disabled user not active`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            let session = try await sandbox.session()
            let unknown = try await sandbox.resume("nothing")
            #expect(unknown.status == 400)
            #expect(unknown["message"] == "Session not found")
            #expect(try await sandbox.resume(nil).errorCode == "system_invalid_input")
            #expect(try await sandbox.resume(session["session_id"], extra: ["resource": "x"]).status == 400)
            _ = try await sandbox.control(.put, "users/ann/status", ["status": "Disabled"])
            let disabled = try await sandbox.resume(session["session_id"])
            #expect(disabled.status == 403)
            #expect(disabled.errorCode == "user_not_active")
            _ = try await sandbox.control(.post, "users/ann/detach")
            #expect(try await sandbox.resume(session["session_id"])["message"] == "Session not found")
        }
    }

    @Test func `logging a session out ends it and its refresh tokens, not its access token`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            let session = try await sandbox.session()
            let other = try await sandbox.session()
            let body: JSONValue = ["session_id": session["session_id"] ?? .null]
            let answer = try await sandbox.call(.post, "/cis/v1/auth/session/logout", body)
            #expect(answer.status == 204)
            #expect(answer.text == "")
            #expect(try await sandbox.resume(session["session_id"]).status == 400)
            #expect(try await sandbox.refresh(session["refresh_token"]).status == 400)
            #expect(try await sandbox.refresh(other["refresh_token"]).status == 200)
            let again = try await sandbox.call(.post, "/cis/v1/auth/session/logout", body)
            #expect(again.status == 400)
            #expect(again.message == "Session not found")
            #expect(try await sandbox.call(.post, "/cis/v1/auth/session/logout", [:]).status == 400)
            let token = try #require(session["access_token"]?.string)
            let own = try await sandbox.send(.post, "/cis/v1/auth/logout", headers: SandboxHarness.bearer(token))
            #expect(own.status == 200)
            #expect(own.json == ["sessions_count": 0])
        }
    }

    @Test func `living sessions are listed, and revoked together`() async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createUser()
            let path = "/cis/v1/auth/users/\(userID)/sessions"
            #expect(try await sandbox.call(.get, path).json == [])
            let first = try await sandbox.session()
            sandbox.sandbox.clock.advance(by: 60)
            let second = try await sandbox.session()
            #expect(
                try await sandbox.call(.get, path).json == [
                    [
                        "session_id": first["session_id"] ?? .null, "start_time": "2027-01-15T08:00:00.000Z",
                        "expiration_time": "2027-01-29T08:00:00.000Z",
                    ],
                    [
                        "session_id": second["session_id"] ?? .null, "start_time": "2027-01-15T08:01:00.000Z",
                        "expiration_time": "2027-01-29T08:01:00.000Z",
                    ],
                ]
            )
            let revoked = try await sandbox.call(.delete, path)
            #expect(revoked.status == 204)
            #expect(revoked.text == "")
            #expect(try await sandbox.call(.get, path).json == [])
            #expect(try await sandbox.resume(first["session_id"]).status == 400)
            #expect(try await sandbox.refresh(second["refresh_token"]).status == 400)
            #expect(try await sandbox.call(.delete, path).status == 204)
            for method in [HTTPRequest.Method.get, .delete] {
                let answer = try await sandbox.call(method, "/cis/v1/auth/users/nobody/sessions")
                #expect(answer.status == 404)
                #expect(answer.message == "User not found")
            }
        }
    }

    @Test func `a user token ends its own session once`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            let session = try await sandbox.session()
            let headers = SandboxHarness.bearer(try #require(session["access_token"]?.string))
            let answer = try await sandbox.send(.post, "/cis/v1/auth/logout", headers: headers)
            #expect(answer.status == 200)
            #expect(answer.json == ["sessions_count": 1])
            #expect(try await sandbox.resume(session["session_id"]).status == 400)
            sandbox.sandbox.clock.advance(by: 3600)
            let late = try await sandbox.send(.post, "/cis/v1/auth/logout", headers: headers)
            #expect(late.status == 401)
            #expect(late["message"] == "Invalid token")
            #expect(late.errorCode == 401)
        }
    }

    @Test func `user tokens and client tokens do not stand for one another`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            let session = try await sandbox.session()
            let client = SandboxHarness.bearer(try await sandbox.clientToken())
            let user = SandboxHarness.bearer(try #require(session["access_token"]?.string))
            #expect(try await sandbox.send(.post, "/cis/v1/auth/logout", headers: client).status == 401)
            #expect(try await sandbox.send(.post, "/cis/v1/auth/logout").status == 401)
            #expect(try await sandbox.send(.get, "/cis/v1/users", headers: user).status == 401)
            _ = try await sandbox.control(.put, "users/ann/status", ["status": "Disabled"])
            #expect(try await sandbox.send(.post, "/cis/v1/auth/logout", headers: user).status == 403)
        }
    }
}

@Suite(.patient)
struct `Refreshing tokens (E23, E1)` {
    @Test func `each token works once and leads to the next, carrying what was asked for`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            let first = try await sandbox.session(extra: [
                "org_id": "org-1", "claims": ["id_token": ["username": .null]],
            ])
            sandbox.sandbox.clock.advance(by: 3600)
            let second = try await sandbox.refresh(first["refresh_token"])
            #expect(second.status == 200)
            #expect(
                Set((second.json.members ?? [:]).keys) == [
                    "access_token", "id_token", "refresh_token", "token_type", "expires_in",
                ]
            )
            let claims = try await TokenReader(sandbox).claims(of: try #require(second["id_token"]?.string))
            #expect(claims["username"] == "ann")
            #expect(claims["org_id"] == "org-1")
            #expect(claims["iat"] == 1_800_003_600)
            #expect(try await sandbox.refresh(second["refresh_token"]).status == 200)
        }
    }

    @Test func `a token shown twice revokes the whole chain, not the session`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            let first = try await sandbox.session()
            let second = try await sandbox.refresh(first["refresh_token"])
            let third = try await sandbox.refresh(second["refresh_token"])
            #expect(third.status == 200)
            let reused = try await sandbox.refresh(first["refresh_token"])
            #expect(reused.status == 400)
            #expect(reused.errorCode == "auth_invalid_credentials")
            #expect(try await sandbox.refresh(third["refresh_token"]).status == 400)
            #expect(try await sandbox.resume(first["session_id"]).status == 200)
        }
    }

    @Test func `parallel refreshes of one token succeed once`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            let token = try await sandbox.session()["refresh_token"]
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 { group.addTask { try await sandbox.refresh(token).status } }
                return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(statuses == [200: 1, 400: 7])
        }
    }

    @Test func `a chain ends two weeks after it began, and refreshing does not extend the session`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            let first = try await sandbox.session()
            sandbox.sandbox.clock.advance(by: 13 * 86_400)
            let second = try await sandbox.refresh(first["refresh_token"])
            #expect(second.status == 200)
            sandbox.sandbox.clock.advance(by: 86_400)
            #expect(try await sandbox.refresh(second["refresh_token"]).status == 400)
            #expect(try await sandbox.resume(first["session_id"]).status == 400)
        }
    }

    @Test func `unknown tokens are refused, a disabled user is not active`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            let token = try await sandbox.session()["refresh_token"]
            #expect(try await sandbox.refresh("nothing").errorCode == "auth_invalid_credentials")
            #expect(try await sandbox.refresh(nil).errorCode == "system_invalid_input")
            _ = try await sandbox.control(.put, "users/ann/status", ["status": "Disabled"])
            #expect(try await sandbox.refresh(token).errorCode == "user_not_active")
            _ = try await sandbox.control(.put, "users/ann/status", ["status": "Active"])
            #expect(try await sandbox.refresh(token).status == 200)
        }
    }

    @Test func `the token endpoint refreshes as well`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            let session = try await sandbox.session()
            let credentials = try await sandbox.credentials().filter { $0.0 != "grant_type" }
            let grant = credentials + [("grant_type", "refresh_token")]
            #expect(try await sandbox.token(grant)["error"] == "invalid_request")
            let unknown = try await sandbox.token(grant + [("refresh_token", "nothing")])
            #expect(unknown.status == 400)
            #expect(unknown["error"] == "invalid_grant")
            let token = try #require(session["refresh_token"]?.string)
            let answer = try await sandbox.token(grant + [("refresh_token", token)])
            #expect(answer.status == 200)
            #expect(answer["id_token"]?.string != nil)
            #expect(answer["session_id"] == nil)
            #expect(try await sandbox.refresh(answer["refresh_token"]).status == 200)
            #expect(try await sandbox.token(grant + [("refresh_token", token)])["error"] == "invalid_grant")
            let wrong = grant.map { $0.0 == "client_secret" ? ($0.0, "wrong") : $0 }
            #expect(try await sandbox.token(wrong + [("refresh_token", token)]).status == 401)
        }
    }
}

@Suite(.patient)
struct `Revoking tokens (E4)` {
    @Test(arguments: ["/cis/oidc/token/revocation", "/oidc/token/revocation"])
    func `refresh and access tokens are revoked, unknown ones accepted in silence`(path: String) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            let session = try await sandbox.session()
            let second = try await sandbox.refresh(session["refresh_token"])
            let client = try await sandbox.credentials().filter { $0.0 != "grant_type" }
            func revoke(_ token: JSONValue?) async throws {
                let answer = try await sandbox.token(client + [("token", token?.string ?? "")], path: path)
                #expect(answer.status == 200)
                #expect(answer.text == "")
            }
            try await revoke("nothing")
            #expect(try await sandbox.resume(session["session_id"]).status == 200)
            try await revoke(session["refresh_token"])
            #expect(try await sandbox.refresh(second["refresh_token"]).status == 400)
            let clientToken = try await sandbox.clientToken()
            let headers = SandboxHarness.bearer(clientToken)
            #expect(try await sandbox.send(.get, "/cis/v1/users", headers: headers).status == 200)
            try await revoke(.string(clientToken))
            #expect(try await sandbox.send(.get, "/cis/v1/users", headers: headers).status == 401)
        }
    }

    @Test func `a request without token, with wrong credentials or in JSON is refused`() async throws {
        try await SandboxHarness.run { sandbox in
            let path = "/cis/oidc/token/revocation"
            let client = try await sandbox.credentials().filter { $0.0 != "grant_type" }
            let empty = try await sandbox.token(client, path: path)
            #expect(empty.status == 400)
            #expect(empty["message"]?.elements?.count == 1)
            #expect(empty.errorCode == 400)
            let wrong = client.map { $0.0 == "client_secret" ? ($0.0, "wrong") : $0 }
            let refused = try await sandbox.token(wrong + [("token", "x")], path: path)
            #expect(refused.status == 401)
            #expect(refused["error"] == "invalid_client")
            let json = try await sandbox.send(.post, path, ["token": "x"])
            #expect(json.status == 400)
            #expect(json["message"]?.elements != nil)
        }
    }
}

@Suite(.patient)
struct `Registering one's own password (E30)` {
    private static let path = "/cis/v1/users/me/password-credentials"

    /// A user who logged in by email code and has no password.
    private static func userToken(_ sandbox: SandboxHarness) async throws -> String {
        _ = try await sandbox.control(.post, "users", ["email": "ann@example.com", "email_verified": true])
        let user: [String: JSONValue] = ["identifier_type": "email", "identifier": "ann@example.com"]
        let sent = try await sandbox.call(
            .post,
            "/cis/v1/auth/otp/send",
            .object(user.merging(["channel": "direct"]) { $1 })
        )
        let answer = try await sandbox.call(
            .post,
            "/cis/v1/auth/otp/authenticate",
            .object(user.merging(["passcode": sent["code"] ?? .null]) { $1 })
        )
        return try #require(answer["access_token"]?.string, "\(answer.text)")
    }

    @Test func `the first password is permanent; a second one is refused in shape B`() async throws {
        try await SandboxHarness.run { sandbox in
            let headers = SandboxHarness.bearer(try await Self.userToken(sandbox))
            let weak = try await sandbox.send(.post, Self.path, ["password": "short"], headers: headers)
            #expect(weak.status == 400)
            #expect(weak.errorCode == "auth_password_weak")
            #expect(try await sandbox.send(.post, Self.path, [:], headers: headers).status == 400)
            let body: JSONValue = ["password": .string(SandboxHarness.password), "username": "ann", "device_id": "d"]
            let answer = try await sandbox.send(.post, Self.path, body, headers: headers)
            #expect(answer.status == 200)
            #expect(answer["result"]?["message"]?.string != nil)
            #expect(try await sandbox.login().status == 200)
            let again = try await sandbox.send(.post, Self.path, body, headers: headers)
            #expect(again.status == 403)
            #expect(again.errorCode == 403)
            #expect(again["message"]?.string != nil)
        }
    }

    @Test func `a client token is not enough`() async throws {
        try await SandboxHarness.run { sandbox in
            let answer = try await sandbox.call(.post, Self.path, ["password": .string(SandboxHarness.password)])
            #expect(answer.status == 401)
            #expect(answer.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true)
        }
    }
}
