import Foundation
import HTTPTypes
import MosaicSandbox
import NIOCore
import TestSupport
import Testing

@Suite(.longTimeLimit)
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

@Suite(.longTimeLimit)
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
