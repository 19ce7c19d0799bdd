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

@Suite(.longTimeLimit)
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
