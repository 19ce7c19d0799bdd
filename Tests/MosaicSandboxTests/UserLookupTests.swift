import Foundation
import HTTPTypes
import MosaicSandbox
import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `Looking users up by other keys (E33–E36)` {
    static let ann: [String: JSONValue] = [
        "email": "ann+x@example.com", "phone_number": "+16175551212", "external_user_id": "ext/1",
    ]

    @Test(arguments: [
        "/cis/v1/users/email/ann%2Bx%40example.com", "/cis/v1/users/email/ANN%2BX@example.com",
        "/cis/v1/users/phone-number/%2B16175551212", "/cis/v1/users/phone/%2B16175551212",
        "/cis/v1/users/external-user-id/ext%2F1",
        "/cis/v1/users/identifier?identifier_name=email&identifier_value=ann%2Bx%40example.com",
        "/cis/v1/users/identifier?identifier_name=phoneNumber&identifier_value=%2B16175551212",
        "/cis/v1/users/identifier?identifier_name=externalUserId&identifier_value=ext%2F1",
        "/cis/v1/users/identifier?identifier_name=username&identifier_value=ann",
    ])
    func `a user is found`(path: String) async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createUser(extra: Self.ann)
            let answer = try await sandbox.call(.get, path)
            #expect(answer.status == 200)
            #expect(answer["result"]?["user_id"]?.string == userID)
        }
    }

    @Test(arguments: [
        "/cis/v1/users/email/bob@example.com", "/cis/v1/users/phone-number/%2B16175550000",
        "/cis/v1/users/external-user-id/none",
        "/cis/v1/users/identifier?identifier_name=username&identifier_value=Ann",
        "/cis/v1/users/identifier?identifier_name=idpIdentifier&identifier_value=ann",
    ])
    func `an unknown user is 404 in shape B`(path: String) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser(extra: Self.ann)
            let answer = try await sandbox.call(.get, path)
            #expect(answer.status == 404)
            #expect(answer.errorCode == 404)
            #expect(answer["message"] == "User not found")
        }
    }

    @Test(arguments: [
        "/cis/v1/users/email/nobody", "/cis/v1/users/phone-number/16175551212", "/cis/v1/users/identifier",
        "/cis/v1/users/identifier?identifier_name=email", "/cis/v1/users/identifier?identifier_value=x",
        "/cis/v1/users/identifier?identifier_name=phone_number&identifier_value=%2B16175551212",
    ])
    func `a malformed key is 400 in shape A`(path: String) async throws {
        try await SandboxHarness.run { sandbox in
            let answer = try await sandbox.call(.get, path)
            #expect(answer.status == 400)
            #expect(answer.errorCode == 400)
            #expect(answer["message"]?.elements?.isEmpty == false)
        }
    }

    @Test func `look-ups need a client token with the permission`() async throws {
        try await SandboxHarness.run { sandbox in
            let path = "/cis/v1/users/email/ann@example.com"
            #expect(try await sandbox.send(.get, path).status == 401)
            _ = try await sandbox.control(
                .patch,
                "client",
                ["roles": [["name": "writer", "permissions": ["users:edit"]]]]
            )
            #expect(try await sandbox.call(.get, path).status == 403)
            #expect(try await sandbox.call(.get, "/cis/v1/users").status == 403)
            #expect(try await sandbox.call(.put, "/cis/v1/users/nobody", [:]).status == 404)
        }
    }
}

@Suite(.longTimeLimit)
struct `Updating users (E38)` {
    @Test func `given members replace, absent ones stay, custom data is merged`() async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createUser(extra: [
                "email": "ann@example.com", "name": ["first_name": "Ann", "last_name": "Lee"], "language": "en",
                "custom_data": ["a": 1, "b": ["x": 1]], "custom_app_data": ["c": 1],
                "secondary_emails": ["one@example.com", "two@example.com"],
            ])
            sandbox.sandbox.clock.advance(by: 60)
            let answer = try await sandbox.call(
                .put,
                "/cis/v1/users/\(userID)",
                [
                    "name": ["first_name": "Anna"], "custom_data": ["b": ["y": 2], "d": 4], "custom_app_data": ["e": 5],
                    "secondary_emails": ["two@example.com"], "username": "anna", "status": "Disabled",
                    "phone_number": "+16175551212",
                ]
            )
            #expect(answer.status == 200)
            let user = try #require(answer["result"]?.members)
            #expect(user["name"] == ["first_name": "Anna"])
            #expect(user["custom_data"] == ["a": 1, "b": ["y": 2], "d": 4])
            #expect(user["custom_app_data"] == ["e": 5])
            #expect(user["secondary_emails"] == [["value": "two@example.com", "email_verified": false]])
            #expect(user["language"] == "en")
            #expect(user["email"]?["value"] == "ann@example.com")
            #expect(user["phone_number"]?["value"] == "+16175551212")
            #expect(user["username"] == "anna")
            #expect(user["status"] == "Disabled")
            #expect(user["status_changed_at"] == "2027-01-15T08:01:00.000Z")
            #expect(user["updated_at"] == 1_800_000_060_000)
            #expect(try await sandbox.call(.get, "/cis/v1/users/username/ann").status == 404)
        }
    }

    @Test func `an empty change leaves the user as it was`() async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createUser(extra: ["email": "ann@example.com"])
            let before = try await sandbox.call(.get, "/cis/v1/users/\(userID)")
            let answer = try await sandbox.call(.put, "/cis/v1/users/\(userID)", [:])
            #expect(answer.status == 200)
            #expect(answer["result"] == before["result"])
        }
    }

    @Test func `a new email is not verified, the same one stays so`() async throws {
        try await SandboxHarness.run { sandbox in
            let seeded = try await sandbox.control(
                .post,
                "users",
                ["email": "ann@example.com", "email_verified": true]
            )
            let userID = try #require(seeded["user"]?["user_id"]?.string)
            let path = "/cis/v1/users/\(userID)"
            let same = try await sandbox.call(.put, path, ["email": "Ann@example.com"])
            #expect(same["result"]?["email"]?["email_verified"] == true)
            let other = try await sandbox.call(.put, path, ["email": "bob@example.com"])
            #expect(other["result"]?["email"]?["email_verified"] == false)
        }
    }

    @Test(
        arguments: [
            ["email": "bob@example.com"], ["username": "bob"], ["phone_number": "+16175550000"],
            ["external_user_id": "bob"], ["status": "Gone"], ["email": "nobody"], ["name": "Ann"],
            ["secondary_emails": "a@example.com"], ["custom_data": []], ["phone_number": "123"],
        ] as [JSONValue]
    )
    func `a taken identifier or wrong input is 400 in shape A and changes nothing`(body: JSONValue) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser(
                "bob",
                extra: ["email": "bob@example.com", "phone_number": "+16175550000", "external_user_id": "bob"]
            )
            let userID = try await sandbox.createUser()
            let before = try await sandbox.call(.get, "/cis/v1/users/\(userID)")
            let answer = try await sandbox.call(.put, "/cis/v1/users/\(userID)", body)
            #expect(answer.status == 400)
            #expect(answer.errorCode == 400)
            #expect(answer["message"]?.elements?.isEmpty == false)
            #expect(try await sandbox.call(.get, "/cis/v1/users/\(userID)")["result"] == before["result"])
        }
    }

    @Test func `an unknown user is 404 in shape B, and credentials are no member`() async throws {
        try await SandboxHarness.run { sandbox in
            let answer = try await sandbox.call(.put, "/cis/v1/users/nobody", ["language": "en"])
            #expect(answer.status == 404)
            #expect(answer.errorCode == 404)
            let userID = try await sandbox.createUser()
            let change: JSONValue = ["credentials": ["password": "Another-Horse-77!"]]
            #expect(try await sandbox.call(.put, "/cis/v1/users/\(userID)", change).status == 200)
            #expect(sandbox.sandbox.requests.snapshot().entries.last?.unknownFields == ["credentials"])
            #expect(try await sandbox.login().status == 200)
        }
    }
}

@Suite(.longTimeLimit)
struct `Authenticators (E39)` {
    @Test func `the password shows its state`() async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createUser()
            let path = "/cis/v1/users/\(userID)/authenticators"
            func password() async throws -> JSONValue? {
                try await sandbox.call(.get, path).json.elements?.first { $0["type"] == "password" }
            }
            let first = try await password()
            #expect(first?["status"] == "Active")
            #expect(first?["id"]?.string?.isEmpty == false)
            #expect(first?["registered_at"] == "2027-01-15T08:00:00.000Z")
            for _ in 0..<5 { _ = try await sandbox.login("ann", "wrong") }
            #expect(try await password()?["status"] == "Locked")
            sandbox.sandbox.clock.advance(by: 900)
            #expect(try await password()?["status"] == "Active")
            _ = try await sandbox.control(.put, "users/ann/password", ["active": false])
            #expect(try await password()?["status"] == "Deactivated")
            #expect(try await password()?["id"] == first?["id"])
        }
    }

    @Test func `one-time methods are listed when the app has them and the user an address`() async throws {
        try await SandboxHarness.run { sandbox in
            let seeded = try await sandbox.control(
                .post,
                "users",
                ["email": "a@example.com", "phone_number": "+16175551212", "email_verified": true]
            )
            let userID = try #require(seeded["user"]?["user_id"]?.string)
            _ = try await sandbox.control(
                .patch,
                "preferences",
                [
                    "email": .null, "sms": ["expiresIn": 5, "maxFailures": 3],
                    "email_otp": ["expiresIn": 5, "maxFailures": 3],
                ]
            )
            let list = try await sandbox.call(.get, "/cis/v1/users/\(userID)/authenticators").json.elements ?? []
            let states = Dictionary(uniqueKeysWithValues: list.map { ($0["type"]?.string, $0["status"]?.string) })
            #expect(states == ["email_otp": "Active", "sms_otp": "Registered"])
        }
    }

    @Test func `an unknown user is 404`() async throws {
        try await SandboxHarness.run { sandbox in
            let answer = try await sandbox.call(.get, "/cis/v1/users/nobody/authenticators")
            #expect(answer.status == 404)
            #expect(answer.errorCode == 404)
        }
    }
}
