import Foundation
import HTTPTypes
import MosaicSandbox
import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `Password resets (E6 to E13)` {
    static let ways = ["link", "created link", "email", "sms", "password"]

    @Test(arguments: ways)
    func `every way leads to a token that changes the password once`(way: String) async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createVerifiedUser()
            let token = try await sandbox.resetToken(way)
            let claims = try await TokenReader(sandbox).claims(of: token)
            #expect(claims["sub"]?.string == userID)
            #expect(claims["mfa_required"] == false)
            #expect(claims["exp"]?.integer == 1_800_000_300)
            let done = try await sandbox.reset(token)
            #expect(done.status == 200)
            #expect(done.json == ["message": "Password changed successfully"])
            #expect(try await sandbox.login().status == 401)
            #expect(try await sandbox.login("ann", SandboxHarness.newPassword).status == 200)
            let again = try await sandbox.reset(token, "Newest-Horse-44!")
            #expect(again.status == 403)
            #expect(again.errorCode == 403)
        }
    }

    @Test(arguments: ways)
    func `a token dies with the others when one is spent, and by age`(way: String) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createVerifiedUser()
            let old = try await sandbox.resetToken(way)
            sandbox.sandbox.clock.advance(by: 300)
            #expect(try await sandbox.reset(old).status == 403)
            let first = try await sandbox.resetToken(way)
            let second = try await sandbox.resetToken(way)
            #expect(try await sandbox.reset(second).status == 200)
            #expect(try await sandbox.reset(first).status == 403)
        }
    }

    @Test func `lifetime and code length are the app's`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createVerifiedUser()
            try await sandbox.setPreferences(["resetValidityMinutes": 60, "codeLength": 4])
            #expect(try await sandbox.startReset("email/otp").status == 200)
            let code = try #require(try await sandbox.outbox().first?["code"]?.string)
            #expect(code.count == 4)
            sandbox.sandbox.clock.advance(by: 3599)
            let token = try #require(try await sandbox.validateReset("email", code)["result"]?.string)
            sandbox.sandbox.clock.advance(by: 3599)
            #expect(try await sandbox.reset(token).status == 200)
        }
    }

    @Test func `the messages say what happened and go to the verified address`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createVerifiedUser()
            let byName: [String: JSONValue] = ["email": .null, "username": "ann"]
            #expect(try await sandbox.startReset("email/link", byName)["message"] == "Reset password email sent")
            #expect(try await sandbox.startReset("email/otp")["message"] == "Email Sent")
            #expect(try await sandbox.startReset("sms/otp")["message"] == "SMS Sent")
            let kinds = try await sandbox.outbox().map { [$0["kind"], $0["to"]] }
            #expect(
                kinds == [
                    ["reset_code", "+16175551212"], ["reset_code", "ann@example.com"],
                    ["reset_link", "ann@example.com"],
                ]
            )
            let created = try await sandbox.startReset("link", byName)
            #expect(created.json.members?.keys.sorted() == ["reset_link"])
            #expect(try await sandbox.outbox().count == 3)
            _ = try await sandbox.startReset("email/otp", ["email_content": ["subject": "Mine", "headerText": "Hi"]])
            let mine = try #require(try await sandbox.outbox().first)
            #expect(mine["subject"] == "Mine")
            #expect(mine["text"]?.string == "Hi\n\n\(mine["code"]?.string ?? "")")
        }
    }

    @Test(arguments: ["email/link", "link", "email/otp"])
    func `unknown, disabled and unverified users are refused on the mail ways`(path: String) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createVerifiedUser(verified: false)
            let unverified = try await sandbox.startReset(path)
            #expect(unverified.status == 403)
            #expect(unverified.errorCode == 403)
            let unknown = try await sandbox.startReset(path, ["email": "nobody@example.com"])
            #expect(unknown.status == 404)
            #expect(unknown.errorCode == 404)
            _ = try await sandbox.control(.put, "users/ann/status", ["status": "Disabled"])
            let disabled = try await sandbox.startReset(path)
            #expect(disabled.status == 403)
            #expect(disabled.errorCode == "user_not_active")
            #expect(try await sandbox.outbox().isEmpty)
        }
    }

    @Test func `the SMS way words its refusals as documented`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createVerifiedUser(verified: false)
            let unverified = try await sandbox.startReset("sms/otp")
            #expect(unverified.status == 403)
            #expect(unverified.errorCode == "system_forbidden")
            let unknown = try await sandbox.startReset("sms/otp", ["phone_number": "+4915112345678"])
            #expect(unknown.status == 404)
            #expect(unknown.errorCode == "user_phone_number_missing")
            let token = try await sandbox.startReset("sms/otp", ["prev_reset_token": "x"])
            #expect(token.errorCode == "system_forbidden")
        }
    }

    @Test(arguments: ["email", "sms"])
    func `codes work once, expire, and lock after wrong tries until the lock ends`(channel: String) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createVerifiedUser()
            func code() async throws -> String {
                try #require(try await sandbox.startReset("\(channel)/otp").status == 200)
                return try #require(try await sandbox.outbox().first?["code"]?.string)
            }
            let first = try await code()
            #expect(try await sandbox.validateReset(channel, first).status == 200)
            let again = try await sandbox.validateReset(channel, first)
            #expect(again.status == 400)
            #expect(again.errorCode == "auth_invalid_credentials")
            let late = try await code()
            sandbox.sandbox.clock.advance(by: 300)
            let expired = try await sandbox.validateReset(channel, late)
            #expect(expired.status == 400)
            #expect(
                expired.errorCode == (channel == "sms" ? "auth_otp_passcode_expired" : "auth_invalid_credentials")
            )
            let third = try await code()
            for _ in 1...3 { #expect(try await sandbox.validateReset(channel, "wrong").status == 400) }
            let locked = try await sandbox.validateReset(channel, third)
            #expect(locked.status == 403)
            #expect(locked.errorCode == "auth_locked")
            sandbox.sandbox.clock.advance(by: 15 * 60)
            #expect(try await sandbox.validateReset(channel, try await code()).status == 200)
        }
    }

    @Test func `an unknown user looks like a wrong code, and a login code resets nothing`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createVerifiedUser()
            let login = try await sandbox.code()
            let wrong = try await sandbox.validateReset("email", login)
            #expect(wrong.errorCode == "auth_invalid_credentials")
            let unknown = try await sandbox.validateReset("email", login, ["email": "nobody@example.com"])
            #expect(unknown.text == wrong.text)
            _ = try await sandbox.startReset("email/otp")
            let reset = try #require(try await sandbox.outbox().first?["code"]?.string)
            #expect(try await sandbox.tryCode(reset).status == 400)
        }
    }

    @Test func `the current password counts wrong tries towards the lockout`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createVerifiedUser()
            for _ in 1...5 {
                let wrong = try await sandbox.validatePassword("wrong")
                #expect(wrong.status == 403)
                #expect(wrong.errorCode == "auth_invalid_credentials")
            }
            let locked = try await sandbox.validatePassword()
            #expect(locked.status == 403)
            #expect(locked.errorCode == "auth_locked")
            #expect(try await sandbox.login().status == 403)
            sandbox.sandbox.clock.advance(by: 15 * 60)
            #expect(try await sandbox.validatePassword().status == 200)
        }
    }

    @Test func `E12 refuses unknown users and clients and useless tokens`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createVerifiedUser()
            let unknown = try await sandbox.validatePassword(SandboxHarness.password, ["username": "nobody"])
            #expect(unknown.errorCode == "auth_invalid_credentials")
            let client = try await sandbox.validatePassword(SandboxHarness.password, ["client_id": "nobody"])
            #expect(client.status == 404)
            #expect(client.errorCode == "client_not_exist")
            let token = try await sandbox.validatePassword(SandboxHarness.password, ["prev_reset_token": "x"])
            #expect(token.status == 403)
            #expect(token.errorCode == "auth_password_invalid_reset_token")
        }
    }

    @Test func `temporary and expired passwords are good for E12, lapsed ones are not`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser(temporary: true)
            #expect(try await sandbox.validatePassword().status == 200)
            let token = try #require(try await sandbox.login()["reset_token"]?.string)
            #expect(try await sandbox.reset(token).status == 200)
            sandbox.sandbox.clock.advance(by: 91 * 86_400)
            #expect(try await sandbox.login("ann", SandboxHarness.newPassword)["message"] == "password_expired")
            #expect(try await sandbox.validatePassword(SandboxHarness.newPassword).status == 200)
            try await sandbox.createUser("bob", temporary: true)
            sandbox.sandbox.clock.advance(by: 73 * 3600)
            let lapsed = try await sandbox.validatePassword(SandboxHarness.password, ["username": "bob"])
            #expect(lapsed.errorCode == "auth_invalid_credentials")
        }
    }

    @Test func `the policy and the history hold, and a refused password spends no token`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createVerifiedUser()
            try await sandbox.setPreferences(["blockPreviousPasswords": 2])
            let token = try await sandbox.resetToken("email")
            for bad in ["short", SandboxHarness.password] {
                let answer = try await sandbox.reset(token, bad)
                #expect(answer.status == 400)
                #expect(answer.errorCode == 400)
                #expect(answer["message"]?.elements?.isEmpty == false)
            }
            #expect(try await sandbox.reset(token).status == 200)
            let next = try await sandbox.resetToken("email")
            #expect(try await sandbox.reset(next, SandboxHarness.password).status == 400)
        }
    }

    @Test func `of parallel resets with one token one wins`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createVerifiedUser()
            let token = try await sandbox.resetToken("sms")
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 { group.addTask { try await sandbox.reset(token).status } }
                return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(statuses == [200: 1, 403: 7])
        }
    }

    @Test func `tokens of other kinds, forged and revoked ones reset nothing`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createVerifiedUser()
            let token = try await sandbox.resetToken("email")
            let access = try #require(try await sandbox.login()["access_token"]?.string)
            for bad in [try await sandbox.clientToken(), access, "x", token + "x"] {
                #expect(try await sandbox.reset(bad).status == 403)
            }
            let bearer = SandboxHarness.bearer(token)
            #expect(try await sandbox.send(.get, "/cis/v1/users/username/ann", headers: bearer).status == 401)
            _ = try await sandbox.control(.post, "tokens/revoke", ["kind": "reset"])
            #expect(try await sandbox.reset(token).status == 403)
        }
    }

    @Test func `the user is told of the new password where the app wants it`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createVerifiedUser()
            try await sandbox.setPreferences(["notifyOnPasswordUpdate": true])
            let answer = try await sandbox.reset(try await sandbox.resetToken("sms"))
            #expect(answer["email"] == "ann@example.com")
            let message = try #require(try await sandbox.outbox().first)
            #expect(message["kind"] == "password_updated")
            #expect(message["code"] == nil)
            let userID = try #require(try await sandbox.user()["user_id"]?.string)
            let body: JSONValue = ["password": "Newest-Horse-44!", "force_replace": false]
            #expect(try await sandbox.call(.put, "/cis/v1/users/\(userID)/password", body).status == 200)
            #expect(try await sandbox.outbox().first?["id"] == 3)
            #expect(try await sandbox.outbox().first?["kind"] == "password_updated")
        }
    }

    @Test func `a reset neither ends sessions nor lifts a lock`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createVerifiedUser()
            let session = try #require(try await sandbox.login()["session_id"])
            for _ in 1...5 { _ = try await sandbox.login("ann", "wrong") }
            #expect(try await sandbox.reset(try await sandbox.resetToken("email")).status == 200)
            #expect(try await sandbox.login("ann", SandboxHarness.newPassword).errorCode == "auth_locked")
            let code = try await sandbox.code()
            #expect(try await sandbox.tryCode(code, ["session_id": session])["session_id"] == session)
        }
    }

    @Test func `an app without passwords resets none`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createVerifiedUser()
            let token = try await sandbox.resetToken("email")
            _ = try await sandbox.control(.patch, "preferences", ["password": .null])
            for path in ["email/link", "link", "email/otp", "sms/otp"] {
                #expect(try await sandbox.startReset(path).errorCode == "auth_login_preferences_missing")
            }
            #expect(try await sandbox.validateReset("sms", "x").errorCode == "auth_login_preferences_missing")
            #expect(try await sandbox.reset(token).status == 403)
        }
    }

    @Test(
        arguments: [
            ("email/link", ["redirect_uri": .null]), ("email/link", ["redirect_uri": "https://evil.example"]),
            ("email/link", ["username": "ann"]), ("email/link", ["email": .null]), ("link", ["ignore_mfa": "yes"]),
            ("link", ["prev_reset_token": 7]), ("email/otp", ["email": .null]),
            ("email/otp", ["email_content": [:]]), ("sms/otp", ["phone_number": 7]),
        ] as [(String, JSONValue)]
    )
    func `a malformed start is refused with system_invalid_input`(path: String, extra: JSONValue) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createVerifiedUser()
            let answer = try await sandbox.startReset(path, extra.members ?? [:])
            #expect(answer.status == 400)
            #expect(answer.errorCode == "system_invalid_input")
        }
    }

    @Test(arguments: [["reset_token": .null], ["new_password": .null], ["require_mfa": 1]] as [JSONValue])
    func `a malformed reset is a 400 in shape A`(extra: JSONValue) async throws {
        try await SandboxHarness.run { sandbox in
            let answer = try await sandbox.reset("x", "y", extra.members ?? [:])
            #expect(answer.status == 400)
            #expect(answer["message"]?.elements?.count == 1)
        }
    }
}
