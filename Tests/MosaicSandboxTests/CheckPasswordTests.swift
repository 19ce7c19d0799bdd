import HTTPTypes
import MosaicSandbox
import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `Checking a password (E14)` {
    @Test func `good and bad ones are both a 200`() async throws {
        try await SandboxHarness.run { sandbox in
            let good = try await sandbox.check("Correct-Horse-42!")
            #expect(good.status == 200)
            #expect(good.json == ["result": ["valid_password": true, "errors": []]])
            let bad = try await sandbox.check("short")
            #expect(bad.status == 200)
            #expect(bad["result"]?["valid_password"] == false)
            let errors = try #require(bad["result"]?["errors"]?.elements)
            #expect(errors.count == 2)
            for error in errors {
                #expect(error["code"] == "auth_password_weak")
                #expect(error["message"]?.string?.isEmpty == false)
            }
            #expect(try await sandbox.check("")["result"]?["valid_password"] == false)
        }
    }

    @Test func `the history counts only for a user who is named`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            try await sandbox.setPreferences(["blockPreviousPasswords": 1])
            #expect(try await sandbox.check(SandboxHarness.password)["result"]?["valid_password"] == true)
            let unknown = try await sandbox.check(SandboxHarness.password, ["username": "nobody"])
            #expect(unknown["result"]?["valid_password"] == true)
            let used = try await sandbox.check(SandboxHarness.password, ["username": "ann"])
            #expect(used["result"]?["errors"]?.elements?.map { $0["code"] } == ["auth_password_recently_used"])
        }
    }

    @Test func `dictionary and breach checks are the app's choice`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.setPreferences([
                "passwordMinLength": 5, "passwordComplexity": 1, "checkDictionary": true, "checkHibp": true,
            ])
            let answer = try await sandbox.check("password")
            #expect(
                answer["result"]?["errors"]?.elements?.map { $0["code"] }
                    == ["auth_password_weak", "auth_password_breached"]
            )
        }
    }

    @Test func `an app without passwords and malformed calls are refused`() async throws {
        try await SandboxHarness.run { sandbox in
            let two = try await sandbox.check("x", ["username": "ann", "email": "ann@example.com"])
            #expect(two.status == 400)
            #expect(two.errorCode == "system_invalid_input")
            let missing = try await sandbox.call(.post, "/cis/v1/auth/password/validate", [:])
            #expect(missing.status == 400)
            _ = try await sandbox.control(.patch, "preferences", ["password": .null])
            let answer = try await sandbox.check("x")
            #expect(answer.status == 403)
            #expect(answer.errorCode == 403)
        }
    }
}

extension SandboxHarness {
    /// Asks E14 about a password.
    func check(_ password: String, _ extra: [String: JSONValue] = [:]) async throws -> Answer {
        let body = extra.merging(["password": .string(password)]) { $1 }
        return try await call(.post, "/cis/v1/auth/password/validate", .object(body))
    }
}
