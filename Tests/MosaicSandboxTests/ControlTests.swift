import Foundation
import HTTPTypes
import MosaicSandbox
import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `Control routes` {
    @Test(arguments: ["status", "clock", "faults", "settings", "preferences", "client", "requests", "users/ann"])
    func `nothing is told without the token`(path: String) async throws {
        try await SandboxHarness.run { sandbox in
            let name = try #require(HTTPField.Name("X-Sandbox-Token"))
            for headers: HTTPFields in [[:], [name: "wrong"], [.authorization: "Bearer \(sandbox.sandbox.adminToken)"]]
            {
                let answer = try await sandbox.send(.get, "/_sandbox/\(path)", headers: headers)
                #expect(answer.status == 401)
                #expect(answer.json.members?.keys.sorted() == ["error_code", "message"])
            }
        }
    }

    @Test func `the status tells no secret`() async throws {
        try await SandboxHarness.run { sandbox in
            let client = try await sandbox.sandbox.client()
            for path in ["status", "client", "requests"] {
                let answer = try await sandbox.control(.get, path)
                #expect(answer.status == 200)
                #expect(!answer.text.contains(client.secret))
                #expect(!answer.text.contains(sandbox.sandbox.adminToken))
            }
        }
    }

    @Test func `the clock is moved and set`() async throws {
        try await SandboxHarness.run { sandbox in
            let present = try await sandbox.control(.get, "clock")
            #expect(present["now"] == "2027-01-15T08:00:00.000Z")
            let later = try await sandbox.control(.post, "clock/advance", ["seconds": 90])
            #expect(later["now"] == "2027-01-15T08:01:30.000Z")
            let half = try await sandbox.control(.post, "clock/advance", ["seconds": .number(0.5)])
            #expect(half["offset_seconds"]?.number == 90.5)
            let back = try await sandbox.control(.put, "clock", ["offset_seconds": -3600])
            #expect(back["now"] == "2027-01-15T07:00:00.000Z")
            let empty = try await sandbox.control(.put, "clock", [:])
            #expect(empty.status == 400)
            let text = try await sandbox.control(.post, "clock/advance", ["seconds": "1"])
            #expect(text.status == 400)
        }
    }

    @Test func `all client tokens are revoked at once, user tokens stay`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            let token = try await sandbox.clientToken()
            #expect(try await sandbox.login(token: token).status == 200)
            let revoked = try await sandbox.control(.post, "tokens/revoke", [:])["revoked"]?.integer ?? 0
            #expect(revoked >= 1)
            let dead = try await sandbox.login(token: token)
            #expect(dead.status == 401)
            #expect(dead.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true)
            #expect(try await sandbox.control(.post, "tokens/revoke", ["kind": "client"])["revoked"] == 0)
            #expect(try await sandbox.control(.post, "tokens/revoke", ["kind": "user"])["revoked"] == 1)
            #expect(try await sandbox.login().status == 200)
            #expect(try await sandbox.control(.post, "tokens/revoke", ["token": "x"]).status == 400)
            #expect(try await sandbox.control(.post, "tokens/revoke", ["kind": "x"]).status == 400)
        }
    }

    @Test func `users are seeded without the policy and shown with failures and lock`() async throws {
        try await SandboxHarness.run { sandbox in
            let created = try await sandbox.control(
                .post,
                "users",
                [
                    "username": "tom", "credentials": ["password": "weak", "force_replace": false], "status": "Active",
                    "email": "tom@example.com",
                ]
            )
            #expect(created.status == 201)
            #expect(created["user"]?["status"] == "Active")
            _ = try await sandbox.login("tom", "wrong")
            for name in ["tom", "tom%40example.com", created["user"]?["user_id"]?.string ?? ""] {
                let view = try await sandbox.control(.get, "users/\(name)")
                #expect(view["password_failures"] == 1)
                #expect(view["locked"] == false)
            }
            #expect(try await sandbox.control(.get, "users/nobody").status == 404)
            #expect(try await sandbox.control(.post, "users", ["username": "x", "hobby": "y"]).status == 400)
            #expect(try await sandbox.control(.put, "users/tom/status", ["status": "Gone"]).status == 400)
        }
    }

    @Test func `unlocking forgets failures and lock`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            for _ in 1...5 { _ = try await sandbox.login("ann", "wrong") }
            #expect(try await sandbox.login().status == 403)
            #expect(try await sandbox.control(.post, "users/ann/unlock")["locked"] == false)
            #expect(try await sandbox.login().status == 200)
        }
    }

    @Test func `requests are counted per endpoint and status, and logged without identifiers`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            _ = try await sandbox.control(.delete, "requests")
            let token = try await sandbox.clientToken()
            _ = try await sandbox.login(extra: ["hobby": "x", "client_attributes": ["shoe": 7]], token: token)
            _ = try await sandbox.login("ann", "wrong", token: token)
            _ = try await sandbox.send(.get, "/cis/v1/users/username/ann", headers: SandboxHarness.bearer(token))
            _ = try await sandbox.send(.get, "/nowhere")
            let answer = try await sandbox.control(.get, "requests")
            #expect(answer["counts"]?["E1"] == ["200": 1, "total": 1])
            #expect(answer["counts"]?["E17"] == ["200": 1, "401": 1, "total": 2])
            #expect(answer["counts"]?["none"] == ["404": 1, "total": 1])
            let entries = try #require(answer["requests"]?.elements)
            #expect(entries.map { $0["endpoint"] } == ["E1", "E17", "E17", "E31", nil])
            #expect(entries[1]["unknown_fields"] == ["client_attributes.shoe", "hobby"])
            #expect(entries[3]["path"] == "/cis/v1/users/username/{username}")
            #expect(entries[0]["time"] == "2027-01-15T08:00:00.000Z")
            #expect(!answer.text.contains("ann"))
            #expect(!answer.text.contains(token))
            let last = entries[2]["sequence"]?.integer ?? 0
            let rest = try await sandbox.control(.get, "requests?after=\(last)")
            #expect(rest["requests"]?.elements?.count == 2)
            #expect(try await sandbox.control(.get, "requests?after=x").status == 400)
        }
    }

    @Test func `the request log is bounded and its sequence goes on`() async throws {
        try await SandboxHarness.run { sandbox in
            for _ in 0...RequestLog.capacity { _ = try await sandbox.send(.get, "/cis/oidc/jwks") }
            let snapshot = sandbox.sandbox.requests.snapshot()
            #expect(snapshot.entries.count == RequestLog.capacity)
            #expect(snapshot.entries.first?.sequence == 2)
            #expect(snapshot.counts["E2"]?.statuses == [200: RequestLog.capacity + 1])
            #expect(snapshot.counts["E2"]?.total == RequestLog.capacity + 1)
        }
    }

    @Test(
        arguments: [
            ["access_token_ttl": 0], ["access_token_ttl": .number(1.5)], ["resources": "x"], ["roles": "x"],
            ["roles": [["name": "x"]]], ["secret": "x"],
        ] as [JSONValue]
    )
    func `wrong client settings are refused`(body: JSONValue) async throws {
        try await SandboxHarness.run { sandbox in
            let answer = try await sandbox.control(.patch, "client", body)
            #expect(answer.status == 400)
        }
    }
}
