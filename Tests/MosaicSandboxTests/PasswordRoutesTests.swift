import Foundation
import HTTPTypes
import MosaicSandbox
import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `Setting passwords (E28, E29)` {
    static let other = "Another-Horse-77!"

    @Test func `a first password is registered, temporary unless said otherwise`() async throws {
        try await SandboxHarness.run { sandbox in
            for (username, flag, status) in [("a", JSONValue.null, 403), ("b", true, 403), ("c", false, 200)] {
                let created = try await sandbox.call(
                    .post,
                    "/cis/v1/users",
                    ["email": .string("\(username)@example.com")]
                )
                let userID = created["result"]?["user_id"]?.string ?? ""
                let answer = try await sandbox.call(
                    .post,
                    "/cis/v1/users/\(userID)/password",
                    [
                        "password": .string(SandboxHarness.password), "username": .string(username),
                        "force_replace": flag,
                        "device_id": "d1",
                    ]
                )
                #expect(answer.status == 201)
                #expect(answer["result"]?["message"] == "Password registered")
                #expect(try await sandbox.login(username).status == status)
            }
        }
    }

    @Test func `without a username a verified email is the login name`() async throws {
        try await SandboxHarness.run { sandbox in
            let created = try await sandbox.control(
                .post,
                "users",
                ["email": "ann@example.com", "email_verified": true]
            )
            #expect(created.status == 201)
            let userID = try #require(created["user"]?["user_id"]?.string)
            let answer = try await sandbox.call(
                .post,
                "/cis/v1/users/\(userID)/password",
                ["password": .string(SandboxHarness.password), "force_replace": false]
            )
            #expect(answer.status == 201)
            #expect(try await sandbox.login("ann@example.com", extra: ["username_type": "email"]).status == 200)
            let user = try await sandbox.call(.get, "/cis/v1/users/\(userID)")["result"]
            #expect(user?["username"] == "ann@example.com")
            #expect(user?["email"]?["email_verified"] == true)
        }
    }

    struct Rejection: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var preferences: [String: JSONValue] = [:]
        var body: JSONValue
        var status = 400
        var code: String
    }

    static let commonRefusals = [
        Rejection(testDescription: "no password", body: [:], code: "system_invalid_input"),
        Rejection(testDescription: "wrong type", body: ["password": 7], code: "system_invalid_input"),
        Rejection(
            testDescription: "long device",
            body: ["password": "Another-Horse-77!", "device_id": .string(String(repeating: "x", count: 81))],
            code: "system_invalid_input"
        ),
        Rejection(testDescription: "short", body: ["password": "Sh0rt!"], code: "auth_password_weak"),
        Rejection(testDescription: "plain", body: ["password": "onlylowercaseletters"], code: "auth_password_weak"),
        Rejection(testDescription: "triple", body: ["password": "Another-Hooorse-77!"], code: "auth_password_weak"),
        Rejection(
            testDescription: "dictionary",
            preferences: ["checkDictionary": true, "passwordComplexity": 1, "passwordMinLength": 5],
            body: ["password": "Sunshine2026!"],
            code: "auth_password_weak"
        ),
        Rejection(
            testDescription: "breached",
            preferences: ["checkHibp": true, "passwordComplexity": 4, "passwordMinLength": 8],
            body: ["password": "P@ssw0rd123!"],
            code: "auth_password_breached"
        ),
    ]

    @Test(arguments: commonRefusals)
    func `E28 refuses`(refusal: Rejection) async throws {
        try await SandboxHarness.run { sandbox in
            let created = try await sandbox.call(.post, "/cis/v1/users", ["username": "ann"])
            let userID = created["result"]?["user_id"]?.string ?? ""
            try await sandbox.setPreferences(refusal.preferences)
            let answer = try await sandbox.call(.post, "/cis/v1/users/\(userID)/password", refusal.body)
            #expect(answer.status == refusal.status)
            #expect(answer.errorCode?.string == refusal.code)
            #expect(answer["message"]?.string?.isEmpty == false)
        }
    }

    @Test(arguments: commonRefusals)
    func `E29 refuses`(refusal: Rejection) async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createUser()
            try await sandbox.setPreferences(refusal.preferences)
            let answer = try await sandbox.call(.put, "/cis/v1/users/\(userID)/password", refusal.body)
            #expect(answer.status == refusal.status)
            #expect(answer.errorCode?.string == refusal.code)
            #expect(try await sandbox.login().status == 200)
        }
    }

    @Test func `E28 refuses unknown users, a second password and a taken username`() async throws {
        try await SandboxHarness.run { sandbox in
            let ann = try await sandbox.createUser()
            let body: JSONValue = ["password": .string(Self.other)]
            let unknown = try await sandbox.call(.post, "/cis/v1/users/nobody/password", body)
            #expect(unknown.status == 404)
            #expect(unknown.errorCode == "user_not_found")
            let second = try await sandbox.call(.post, "/cis/v1/users/\(ann)/password", body)
            #expect(second.status == 409)
            #expect(second.errorCode == "auth_password_already_configured")
            let bob = try await sandbox.call(.post, "/cis/v1/users", ["email": "bob@example.com"])
            let taken = try await sandbox.call(
                .post,
                "/cis/v1/users/\(bob["result"]?["user_id"]?.string ?? "")/password",
                ["password": .string(Self.other), "username": "ann"]
            )
            #expect(taken.status == 400)
            #expect(taken.errorCode == "system_invalid_input")
        }
    }

    @Test func `E28 without enforce_complexity takes a weak password`() async throws {
        try await SandboxHarness.run { sandbox in
            let created = try await sandbox.call(.post, "/cis/v1/users", ["username": "ann"])
            let answer = try await sandbox.call(
                .post,
                "/cis/v1/users/\(created["result"]?["user_id"]?.string ?? "")/password",
                ["password": "weak", "enforce_complexity": false, "force_replace": false]
            )
            #expect(answer.status == 201)
            #expect(try await sandbox.login("ann", "weak").status == 200)
        }
    }

    @Test func `both refuse when the app has no password method`() async throws {
        try await SandboxHarness.run { sandbox in
            let ann = try await sandbox.createUser()
            let bob = try await sandbox.call(.post, "/cis/v1/users", ["username": "bob"])
            _ = try await sandbox.control(.patch, "preferences", ["password": .null])
            let body: JSONValue = ["password": .string(Self.other)]
            let first = try await sandbox.call(
                .post,
                "/cis/v1/users/\(bob["result"]?["user_id"]?.string ?? "")/password",
                body
            )
            let second = try await sandbox.call(.put, "/cis/v1/users/\(ann)/password", body)
            for answer in [first, second] {
                #expect(answer.status == 400)
                #expect(answer.errorCode == "auth_password_policy_disabled")
            }
        }
    }

    @Test func `E29 replaces a password, ends its expiry and leaves the lock`() async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createUser()
            sandbox.sandbox.clock.advance(by: 91 * 86_400)
            #expect(try await sandbox.login()["message"] == "password_expired")
            let answer = try await sandbox.call(
                .put,
                "/cis/v1/users/\(userID)/password",
                ["password": .string(Self.other), "force_replace": false]
            )
            #expect(answer.status == 200)
            #expect(answer["result"]?["message"] == "Password registered")
            #expect(try await sandbox.login("ann", Self.other).status == 200)
            #expect(try await sandbox.login().status == 401)
            for _ in 1...5 { _ = try await sandbox.login("ann", "wrong") }
            _ = try await sandbox.call(
                .put,
                "/cis/v1/users/\(userID)/password",
                ["password": .string(SandboxHarness.password), "force_replace": false]
            )
            #expect(try await sandbox.login().errorCode == "auth_locked")
        }
    }

    @Test func `E29 makes the password temporary unless told not to`() async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createUser()
            _ = try await sandbox.call(.put, "/cis/v1/users/\(userID)/password", ["password": .string(Self.other)])
            #expect(try await sandbox.login("ann", Self.other)["message"] == "temporary_password")
        }
    }

    @Test func `E29 blocks as many recent passwords as the setting says, the present one included`() async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createUser(password: "Password-Number-1!")
            try await sandbox.setPreferences(["blockPreviousPasswords": 2])
            func update(_ number: Int) async throws -> SandboxHarness.Answer {
                try await sandbox.call(
                    .put,
                    "/cis/v1/users/\(userID)/password",
                    ["password": .string("Password-Number-\(number)!"), "force_replace": false]
                )
            }
            let same = try await update(1)
            #expect(same.status == 400)
            #expect(same.errorCode == "auth_password_recently_used")
            #expect(try await update(2).status == 200)
            #expect(try await update(1).errorCode == "auth_password_recently_used")
            #expect(try await update(3).status == 200)
            #expect(try await update(1).status == 200)
        }
    }

    @Test func `E29 refuses users who are unknown, have no password, a switched-off one, or no login name`()
        async throws
    {
        try await SandboxHarness.run { sandbox in
            let body: JSONValue = ["password": .string(Self.other)]
            let unknown = try await sandbox.call(.put, "/cis/v1/users/nobody/password", body)
            #expect(unknown.status == 404)
            #expect(unknown.errorCode == "user_not_found")
            let bob = try await sandbox.call(.post, "/cis/v1/users", ["username": "bob"])
            let none = try await sandbox.call(
                .put,
                "/cis/v1/users/\(bob["result"]?["user_id"]?.string ?? "")/password",
                body
            )
            #expect(none.status == 409)
            #expect(none.errorCode == "auth_password_already_configured")
            let ann = try await sandbox.createUser()
            #expect(try await sandbox.control(.put, "users/ann/password", ["active": false]).status == 200)
            let off = try await sandbox.call(.put, "/cis/v1/users/\(ann)/password", body)
            #expect(off.status == 400)
            #expect(off.errorCode == "auth_not_active")
            #expect(try await sandbox.login().status == 401)
            let nameless = try await sandbox.call(
                .post,
                "/cis/v1/users",
                ["external_user_id": "e1", "credentials": ["password": .string(SandboxHarness.password)]]
            )
            let incomplete = try await sandbox.call(
                .put,
                "/cis/v1/users/\(nameless["result"]?["user_id"]?.string ?? "")/password",
                body
            )
            #expect(incomplete.status == 400)
            #expect(incomplete.errorCode == "auth_password_incomplete_credentials")
        }
    }
}
