import Foundation
import HTTPTypes
import MosaicSandbox
import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `Authenticating a passcode (E21)` {
    @Test(arguments: [("email", "eotp"), ("sms", "sms")])
    func `the right code gives tokens, makes active and verifies the address`(channel: String, amr: String) async throws
    {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createReachableUser()
            let code = try await sandbox.code(["channel": .string(channel)])
            let answer = try await sandbox.tryCode(code)
            #expect(answer.status == 200)
            #expect(answer["token_type"] == "Bearer")
            #expect(answer["expires_in"] == 3600)
            #expect(answer["session_id"]?.string?.isEmpty == false)
            #expect(answer["refresh_token"]?.string?.isEmpty == false)
            let identity = try await sandbox.identity(answer)
            #expect(identity["sub"]?.string == userID)
            #expect(identity["amr"] == [.string(amr)])
            #expect(identity["approval_data"] == nil)
            let user = try await sandbox.user()
            #expect(user["status"] == "Active")
            #expect(user["email"]?["email_verified"]?.boolean == (channel == "email"))
            #expect(user["phone_number"]?["phone_number_verified"]?.boolean == (channel == "sms"))
        }
    }

    @Test func `approval data becomes a claim`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let code = try await sandbox.code(["approval_data": ["amount": "100.00"]])
            let answer = try await sandbox.tryCode(code)
            #expect(try await sandbox.identity(answer)["approval_data"] == ["amount": "100.00"])
        }
    }

    @Test func `a code works once`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let code = try await sandbox.code()
            #expect(try await sandbox.tryCode(code).status == 200)
            let again = try await sandbox.tryCode(code)
            #expect(again.status == 400)
            #expect(again.errorCode == "auth_invalid_credentials")
        }
    }

    @Test func `of parallel tries with the right code one wins`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let code = try await sandbox.code()
            let token = try await sandbox.clientToken()
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<20 { group.addTask { try await sandbox.tryCode(code, token: token).status } }
                return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(statuses == [200: 1, 400: 19])
        }
    }

    @Test func `the newest code of a method is the valid one, other methods' codes stay`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let text = try await sandbox.code(["channel": "sms"])
            let old = try await sandbox.code()
            let new = try await sandbox.code()
            if old != new { #expect(try await sandbox.tryCode(old).errorCode == "auth_invalid_credentials") }
            #expect(try await sandbox.tryCode(new).status == 200)
            #expect(try await sandbox.tryCode(text).status == 200)
        }
    }

    @Test func `a code expires by the app's setting or the call's`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            for (extra, seconds): ([String: JSONValue], Double) in [([:], 300), (["expires_in": 2], 120)] {
                let code = try await sandbox.code(extra)
                sandbox.sandbox.clock.advance(by: seconds)
                let late = try await sandbox.tryCode(code)
                #expect(late.status == 400)
                #expect(late.errorCode == "auth_otp_passcode_expired")
                let wrong = try await sandbox.tryCode("x\(code)")
                #expect(wrong.errorCode == "auth_invalid_credentials")
                let fresh = try await sandbox.code(extra)
                sandbox.sandbox.clock.advance(by: seconds - 1)
                #expect(try await sandbox.tryCode(fresh).status == 200)
            }
        }
    }

    @Test func `wrong tries end the code and lock the method until the lock ends`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let code = try await sandbox.code(["expires_in": 60])
            for _ in 1...3 { #expect(try await sandbox.tryCode("wrong").errorCode == "auth_invalid_credentials") }
            let locked = try await sandbox.tryCode(code)
            #expect(locked.status == 403)
            #expect(locked.errorCode == "auth_locked")
            let view = try await sandbox.control(.get, "users/ann")
            #expect(
                view["one_time_locks"] == [["method": "email_otp", "locked_until": "2027-01-15T08:15:00.000Z"]]
            )
            // A new code may be sent meanwhile and works once the lock has ended; the old one never again.
            let next = try await sandbox.code(["expires_in": 60])
            sandbox.sandbox.clock.advance(by: 15 * 60 - 1)
            #expect(try await sandbox.tryCode(next).errorCode == "auth_locked")
            sandbox.sandbox.clock.advance(by: 1)
            if code != next { #expect(try await sandbox.tryCode(code).errorCode == "auth_invalid_credentials") }
            #expect(try await sandbox.tryCode(next).status == 200)
        }
    }

    @Test func `a lock is one method's, one user's, and an administrator lifts it`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            try await sandbox.createReachableUser("bob", email: "bob@example.com", phone: "+16175551213")
            _ = try await sandbox.code()
            for _ in 1...3 { _ = try await sandbox.tryCode("wrong") }
            let text = try await sandbox.code(["channel": "sms"])
            #expect(try await sandbox.tryCode(text).status == 200)
            let bobs = try await sandbox.code(["identifier": "bob"])
            #expect(try await sandbox.tryCode(bobs, ["identifier": "bob"]).status == 200)
            #expect(try await sandbox.login().status == 200)
            let code = try await sandbox.code()
            #expect(try await sandbox.tryCode(code).errorCode == "auth_locked")
            #expect(try await sandbox.control(.post, "users/ann/unlock").status == 200)
            #expect(try await sandbox.tryCode(code).status == 200)
        }
    }

    @Test func `the number of tries and the lock's length are the app's`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            try await sandbox.setPreferences("email_otp", ["maxFailures": 1, "lockoutDuration": 2])
            let code = try await sandbox.code()
            #expect(try await sandbox.tryCode("wrong").status == 400)
            #expect(try await sandbox.tryCode(code).status == 403)
            sandbox.sandbox.clock.advance(by: 120)
            #expect(try await sandbox.tryCode(try await sandbox.code()).status == 200)
        }
    }

    @Test func `a generated request ID is mandatory, and a wrong one costs no try`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let sent = try await sandbox.sendCode(["generate_request_id": true])
            let requestID = try #require(sent["request_id"])
            let code = try #require(try await sandbox.outbox().first?["code"]?.string)
            for extra: [String: JSONValue] in [[:], ["request_id": "other"], [:], ["request_id": ""]] {
                #expect(try await sandbox.tryCode(code, extra).errorCode == "auth_invalid_credentials")
            }
            #expect(try await sandbox.tryCode(code, ["request_id": requestID]).status == 200)
            let plain = try await sandbox.code()
            #expect(try await sandbox.tryCode(plain, ["request_id": "any"]).status == 400)
            #expect(try await sandbox.tryCode(plain).status == 200)
        }
    }

    @Test func `the identifier must be the one of the send call`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let code = try await sandbox.code(["identifier_type": "email", "identifier": .string(SandboxHarness.email)])
            #expect(try await sandbox.tryCode(code).errorCode == "auth_invalid_credentials")
            let answer = try await sandbox.tryCode(
                code,
                ["identifier_type": "email", "identifier": "ANN@example.com"]
            )
            #expect(answer.status == 200)
        }
    }

    @Test func `a code is bound to its client unless the app allows others`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let other = try await sandbox.secondClientToken()
            let code = try await sandbox.code()
            #expect(try await sandbox.tryCode(code, token: other).errorCode == "auth_invalid_credentials")
            try await sandbox.setPreferences("email_otp", ["crossClientsAllowed": true])
            #expect(try await sandbox.tryCode(code, token: other).status == 200)
        }
    }

    @Test func `unknown and disabled users look like a wrong code`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let code = try await sandbox.code()
            let wrong = try await sandbox.tryCode("wrong")
            let unknown = try await sandbox.tryCode(code, ["identifier": "nobody"])
            _ = try await sandbox.control(.put, "users/ann/status", ["status": "Disabled"])
            let disabled = try await sandbox.tryCode(code)
            for answer in [unknown, disabled] {
                #expect(answer.status == 400)
                #expect(answer.text == wrong.text)
            }
        }
    }

    @Test func `a second factor in one session makes it multi-factor`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let first = try await sandbox.login()
            let session = try #require(first["session_id"])
            let second = try await sandbox.tryCode(try await sandbox.code(["channel": "sms"]), ["session_id": session])
            #expect(second["session_id"] == session)
            #expect(try await sandbox.identity(second)["amr"] == ["pwd", "sms", "mfa"])
            let third = try await sandbox.tryCode(try await sandbox.code(), ["session_id": session])
            #expect(try await sandbox.identity(third)["amr"] == ["pwd", "sms", "eotp", "mfa"])
        }
    }

    @Test func `an unknown session is refused before a try is spent, a foreign resource too`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let code = try await sandbox.code()
            for extra: [String: JSONValue] in [["session_id": "none"], ["resource": "https://x.example"]] {
                let answer = try await sandbox.tryCode(code, extra)
                #expect(answer.status == 400)
                #expect(answer.errorCode == "system_invalid_input")
            }
            #expect(try await sandbox.tryCode(code, ["session_id": "none"])["message"] == "Session not found")
            let answer = try await sandbox.tryCode(code, ["org_id": "org1", "claims": ["id_token": ["email": .null]]])
            #expect(answer.status == 200)
            let identity = try await sandbox.identity(answer)
            #expect(identity["org_id"] == "org1")
            #expect(identity["email"] == "ann@example.com")
        }
    }

    @Test(
        arguments: [
            ["passcode": .null], ["passcode": 123_456], ["passcode": ""], ["identifier": .null],
            ["identifier_type": .null], ["session_id": 7], ["request_id": 7], ["org_id": 7], ["claims": "all"],
            ["device_id": 7],
        ] as [JSONValue]
    )
    func `a malformed call is refused with system_invalid_input`(extra: JSONValue) async throws {
        try await SandboxHarness.run { sandbox in
            let answer = try await sandbox.tryCode("123456", extra.members ?? [:])
            #expect(answer.status == 400)
            #expect(answer.errorCode == "system_invalid_input")
        }
    }
}
