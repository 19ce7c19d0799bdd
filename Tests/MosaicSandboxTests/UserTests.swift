import Foundation
import HTTPTypes
import MosaicSandbox
import NIOCore
import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `Creating users (E27)` {
    @Test func `a full user comes back in the documented form`() async throws {
        try await SandboxHarness.run { sandbox in
            let answer = try await sandbox.call(
                .post,
                "/cis/v1/users",
                [
                    "email": "ann@example.com", "phone_number": "+16175551212", "username": "ann",
                    "credentials": ["password": .string(SandboxHarness.password)],
                    "secondary_emails": ["a2@example.com"], "secondary_phone_numbers": ["+16175551213"],
                    "name": ["first_name": "Ann", "last_name": "Lee"], "birthday": "1990-01-02T00:00:00.000Z",
                    "address": ["city": "Boston", "type": "Home"], "language": "en",
                    "picture": "https://x.example/a.png",
                    "external_user_id": "ext-1", "external_account_id": "acc-1", "custom_data": ["a": 1],
                    "custom_app_data": ["b": [true]],
                ]
            )
            #expect(answer.status == 201)
            let user = try #require(answer["result"]?.members)
            #expect(user["user_id"]?.string?.isEmpty == false)
            #expect(user["status"] == "Pending")
            #expect(user["email"] == ["value": "ann@example.com", "email_verified": false])
            #expect(user["phone_number"] == ["value": "+16175551212", "phone_number_verified": false])
            #expect(user["secondary_emails"] == [["value": "a2@example.com", "email_verified": false]])
            #expect(user["username"] == "ann")
            #expect(user["name"] == ["first_name": "Ann", "last_name": "Lee"])
            #expect(user["custom_data"] == ["a": 1])
            #expect(user["custom_app_data"] == ["b": [true]])
            #expect(user["external_user_id"] == "ext-1")
            #expect(user["created_at"] == 1_800_000_000_000)
            #expect(
                user["password_information"] == [
                    "expired": false, "temporary": true, "updated_at": 1_800_000_000_000,
                    "expires_in": "2027-01-18T08:00:00.000Z",
                ]
            )
            let read = try await sandbox.call(.get, "/cis/v1/users/\(user["user_id"]?.string ?? "")")
            #expect(read["result"]?.members == user)
        }
    }

    @Test(
        arguments: [
            ["username": "ann"], ["email": "ann@example.com"], ["phone_number": "+16175551212"],
            ["external_user_id": "e1"],
        ] as [JSONValue]
    )
    func `one identifier of any kind is enough`(body: JSONValue) async throws {
        try await SandboxHarness.run { sandbox in
            let answer = try await sandbox.call(.post, "/cis/v1/users", body)
            #expect(answer.status == 201)
            // A username shows only beside a password.
            #expect(answer["result"]?["username"] == nil)
        }
    }

    @Test(
        arguments: [
            [:], ["email": "no at sign"], ["phone_number": "6175551212"], ["phone_number": "+1"], ["email": 7],
            ["username": ""], ["username": "a", "credentials": ["force_replace": true]],
            ["username": "a", "credentials": ["password": "short"]], ["username": "a", "credentials": "x"],
            ["username": "a", "secondary_emails": ["x"]], ["username": "a", "secondary_emails": "x@example.com"],
            ["username": "a", "address": ["type": "Cave"]], ["username": "a", "custom_data": "x"],
            ["username": "a", "delegated_access": ["actor_id": "x"]],
            ["username": "a", "credentials": ["password": "Correct-Horse-42!", "force_replace": "no"]],
        ] as [JSONValue]
    )
    func `wrong input is refused in shape A`(body: JSONValue) async throws {
        try await SandboxHarness.run { sandbox in
            let answer = try await sandbox.call(.post, "/cis/v1/users", body)
            #expect(answer.status == 400)
            #expect(answer.errorCode == 400)
            #expect(answer["message"]?.elements?.isEmpty == false)
            let lookup = try await sandbox.call(.get, "/cis/v1/users/username/a")
            #expect(lookup.status == 404)
        }
    }

    @Test(
        arguments: [
            ["username": "ann"], ["email": "ANN@example.com"], ["phone_number": "+16175551212"],
            ["external_user_id": "e1"],
            ["email": "ann@example.com", "phone_number": "+16175559999"],
            ["email": "ann@example.com", "phone_number": "+16175550000"],
        ] as [JSONValue]
    )
    func `a taken identifier is refused in shape E`(body: JSONValue) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser(
                extra: ["email": "ann@example.com", "phone_number": "+16175551212", "external_user_id": "e1"])
            try await sandbox.createUser("bob", extra: ["phone_number": "+16175550000"])
            let answer = try await sandbox.call(.post, "/cis/v1/users", body)
            #expect(answer.status == 409)
            #expect(answer.errorCode == 409)
            #expect(answer["message"]?.string != nil)
            #expect(answer["ts_error_code"]?.string != nil)
        }
    }

    @Test func `usernames are taken byte by byte`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser("Caf\u{E9}")
            #expect(try await sandbox.call(.post, "/cis/v1/users", ["username": "Cafe\u{301}"]).status == 201)
            #expect(try await sandbox.call(.post, "/cis/v1/users", ["username": "caf\u{E9}"]).status == 201)
        }
    }

    @Test func `a user of the tenant is only attached: nothing of the call is kept, its password least of all`()
        async throws
    {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createUser(extra: ["email": "ann@example.com", "language": "en"])
            #expect(try await sandbox.control(.post, "users/ann/detach").status == 204)
            #expect(try await sandbox.call(.get, "/cis/v1/users/\(userID)").status == 404)
            let answer = try await sandbox.call(
                .post,
                "/cis/v1/users",
                [
                    "email": "ann@example.com", "language": "fr",
                    "credentials": ["password": "Another-Horse-77!", "force_replace": false],
                ]
            )
            #expect(answer.status == 201)
            #expect(answer["result"]?["user_id"]?.string == userID)
            #expect(answer["result"]?["language"] == "en")
            let email: [String: JSONValue] = ["username_type": "email"]
            #expect(try await sandbox.login("ann@example.com", "Another-Horse-77!", extra: email).status == 401)
            #expect(try await sandbox.login("ann@example.com", extra: email).status == 200)
        }
    }

    @Test func `parallel creations of one identifier make one user`() async throws {
        try await SandboxHarness.run { sandbox in
            let token = try await sandbox.clientToken()
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await sandbox.send(
                            .post,
                            "/cis/v1/users",
                            [
                                "username": "ann",
                                "credentials": ["password": .string(SandboxHarness.password), "force_replace": false],
                            ],
                            headers: SandboxHarness.bearer(token)
                        ).status
                    }
                }
                return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(statuses == [201: 1, 409: 19])
        }
    }

    @Test func `a password for an app without the method is refused`() async throws {
        try await SandboxHarness.run { sandbox in
            _ = try await sandbox.control(.patch, "preferences", ["password": .null])
            let answer = try await sandbox.call(
                .post,
                "/cis/v1/users",
                ["username": "a", "credentials": ["password": .string(SandboxHarness.password)]]
            )
            #expect(answer.status == 400)
            #expect(answer["message"]?.elements?.isEmpty == false)
        }
    }
}

@Suite(.longTimeLimit)
struct `Looking users up (E31, E32)` {
    @Test(arguments: ["ann", "ann lee", "ann+x@example.com", "a/b", "100%", "ünï", "?&#"])
    func `odd usernames are found when percent-encoded`(username: String) async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createUser(username)
            let answer = try await sandbox.call(.get, "/cis/v1/users/username/\(PercentText.encode(username))")
            #expect(answer.status == 200)
            #expect(answer["result"]?["user_id"]?.string == userID)
            #expect(answer["result"]?["username"]?.string == username)
        }
    }

    @Test(arguments: ["/cis/v1/users/username/nobody", "/cis/v1/users/nobody", "/cis/v1/users/username/Ann"])
    func `an unknown user is 404 in shape B`(path: String) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            let answer = try await sandbox.call(.get, path)
            #expect(answer.status == 404)
            #expect(answer.errorCode == 404)
            #expect(answer["message"] == "User not found")
        }
    }

    @Test func `broken percent-encoding is 400 in shape A`() async throws {
        try await SandboxHarness.run { sandbox in
            let answer = try await sandbox.call(.get, "/cis/v1/users/username/%zz")
            #expect(answer.status == 400)
            #expect(answer["message"]?.elements != nil)
        }
    }

    @Test func `a GET may carry a content type and no body`() async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createUser()
            var headers = SandboxHarness.bearer(try await sandbox.clientToken())
            headers[.contentType] = "application/json"
            #expect(try await sandbox.send(.get, "/cis/v1/users/\(userID)", headers: headers).status == 200)
        }
    }
}
