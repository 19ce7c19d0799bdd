import Foundation
import HTTPTypes
import MosaicSandbox
import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `Login preferences (E40, E41)` {
    static let password: [String: JSONValue] = [
        "passwordMinLength": 8, "passwordComplexity": 3, "blockPreviousPasswords": 2, "passwordExpiresIn": 30,
        "resetValidityMinutes": 10, "message": ["primaryColor": "#6981FF"],
    ]

    @Test func `what was put comes back, whole, and other methods stay`() async throws {
        try await SandboxHarness.run { sandbox in
            let path = "/cis/loginPreferences/\(sandbox.sandbox.appID)"
            let before = try await sandbox.call(.get, path)
            #expect(before.status == 200)
            #expect(before["result"]?["auth_methods"]?["password"]?["maxPasswordFailures"] == 5)
            let sms: JSONValue = ["expiresIn": 3, "maxFailures": 2]
            let answer = try await sandbox.call(.put, "\(path)/authMethods", ["sms": sms])
            #expect(answer.status == 200)
            #expect(answer["result"]?["auth_methods"]?["sms"] == sms)
            #expect(answer["result"]?["auth_methods"]?["password"] == before["result"]?["auth_methods"]?["password"])
            let replaced = try await sandbox.call(.put, "\(path)/authMethods", ["password": .object(Self.password)])
            #expect(replaced["result"]?["auth_methods"]?["password"] == .object(Self.password))
            #expect(try await sandbox.call(.get, path)["result"] == replaced["result"])
            // The new rules hold at once.
            let short: JSONValue = ["username": "b", "credentials": ["password": "Short-77"]]
            #expect(try await sandbox.call(.post, "/cis/v1/users", short).status == 201)
        }
    }

    @Test func `every documented member is accepted`() async throws {
        try await SandboxHarness.run { sandbox in
            let all = Self.password.merging([
                "ignoreExpiration": true, "maxPasswordFailures": 20, "passwordSuspensionDuration": 525_600,
                "failuresExpireIn": 1, "lockoutTiers": [["attempts": 3, "duration": 15]], "codeLength": 8,
                "tempPasswordValidityHours": 8760, "requireMFA": true, "checkHibp": false, "checkDictionary": true,
                "notifyOnPasswordUpdate": true,
                "message": ["primaryColor": "#fff", "from": "a@example.com", "subject": "Hello"],
            ]) { $1 }
            let body: JSONValue = [
                "password": .object(all),
                "email_otp": [
                    "expiresIn": 5, "maxFailures": 3, "lockoutDuration": 15, "codeLength": 4,
                    "crossClientsAllowed": true, "message": ["primaryColor": "#000000"],
                ],
                "email": ["expiresIn": 15, "linksPerUser": 5, "message": ["primaryColor": "#000000"]],
                "totp": ["anything": [1, 2]],
            ]
            let path = "/cis/loginPreferences/\(sandbox.sandbox.appID)/authMethods"
            let answer = try await sandbox.call(.put, path, body)
            #expect(answer.status == 200, "\(answer.text)")
            for (name, value) in body.members ?? [:] { #expect(answer["result"]?["auth_methods"]?[name] == value) }
            #expect(sandbox.sandbox.requests.snapshot().entries.last?.unknownFields == [])
        }
    }

    static let wrong: [(String, JSONValue)] = [
        ("passwordMinLength", 4), ("passwordMinLength", 15), ("passwordMinLength", .number(8.5)),
        ("passwordMinLength", "8"),
        ("passwordMinLength", .null), ("passwordComplexity", 0), ("passwordComplexity", 6),
        ("blockPreviousPasswords", 21), ("blockPreviousPasswords", -1), ("passwordExpiresIn", 0),
        ("passwordExpiresIn", 1097), ("resetValidityMinutes", 4), ("resetValidityMinutes", 61),
        ("maxPasswordFailures", 0), ("maxPasswordFailures", 21), ("passwordSuspensionDuration", 525_601),
        ("failuresExpireIn", 0), ("codeLength", 3), ("codeLength", 9), ("tempPasswordValidityHours", 8761),
        ("lockoutTiers", [["attempts": 0, "duration": 1]]), ("lockoutTiers", [["attempts": 1]]), ("lockoutTiers", 3),
        ("requireMFA", "yes"), ("message", .null), ("message", ["from": "x"]), ("message", ["primaryColor": "red"]),
    ]

    @Test(arguments: wrong)
    func `a wrong member is refused in shape A and changes nothing`(name: String, value: JSONValue) async throws {
        try await SandboxHarness.run { sandbox in
            let path = "/cis/loginPreferences/\(sandbox.sandbox.appID)"
            let before = try await sandbox.call(.get, path)
            let body = Self.password.merging([name: value]) { $1 }
            let answer = try await sandbox.call(.put, "\(path)/authMethods", ["password": .object(body)])
            #expect(answer.status == 400)
            #expect(answer.errorCode == 400)
            #expect(answer.message?.contains(name) == true || answer.message?.contains("primaryColor") == true)
            #expect(try await sandbox.call(.get, path)["result"] == before["result"])
        }
    }

    @Test(
        arguments: [
            ["password": 5], ["face": [:]], ["sms": ["expiresIn": 5]], ["email": ["expiresIn": 5, "linksPerUser": 5]],
            ["email_otp": ["expiresIn": 5, "maxFailures": 3]], ["sms": ["expiresIn": 5, "maxFailures": 21]],
            ["google": "on"],
        ] as [JSONValue]
    )
    func `an incomplete or read-only method is refused`(body: JSONValue) async throws {
        try await SandboxHarness.run { sandbox in
            let path = "/cis/loginPreferences/\(sandbox.sandbox.appID)/authMethods"
            let answer = try await sandbox.call(.put, path, body)
            #expect(answer.status == 400)
            #expect(answer["message"]?.elements?.isEmpty == false)
        }
    }

    @Test func `another application is 404 in shape B`() async throws {
        try await SandboxHarness.run { sandbox in
            let read = try await sandbox.call(.get, "/cis/loginPreferences/nobody")
            #expect(read.status == 404)
            #expect(read.errorCode == 404)
            #expect(read["message"] == "Application not found")
            #expect(try await sandbox.call(.put, "/cis/loginPreferences/nobody/authMethods", [:]).status == 404)
        }
    }
}
