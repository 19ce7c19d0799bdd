import Foundation
import HTTPTypes
import MosaicSandbox
import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `Resets with two factors` {
    @Test(
        arguments: [
            ("email", "sms"), ("sms", "password"), ("password", "link"), ("link", "sms"), ("sms", "email"),
            ("created link", "password"),
        ]
    )
    func `the first token is not enough, the second is`(first: String, second: String) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createVerifiedUser()
            try await sandbox.setPreferences(["requireMFA": true])
            let one = try await sandbox.resetToken(first)
            #expect(try await TokenReader(sandbox).claims(of: one)["mfa_required"] == true)
            let refused = try await sandbox.reset(one)
            #expect(refused.status == 403)
            #expect(refused.errorCode == 403)
            let two = try await sandbox.resetToken(second, ["prev_reset_token": .string(one)])
            #expect(try await TokenReader(sandbox).claims(of: two)["mfa_required"] == false)
            #expect(try await sandbox.reset(two).status == 200)
            #expect(try await sandbox.login("ann", SandboxHarness.newPassword).status == 200)
        }
    }

    @Test func `the same method twice is one factor`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createVerifiedUser()
            try await sandbox.setPreferences(["requireMFA": true])
            let one = try await sandbox.resetToken("sms")
            let two = try await sandbox.resetToken("sms", ["prev_reset_token": .string(one)])
            #expect(try await sandbox.reset(two).status == 403)
        }
    }

    @Test(arguments: ["link", "created link", "email", "sms"])
    func `a trusted backend can leave the second factor out`(way: String) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createVerifiedUser()
            try await sandbox.setPreferences(["requireMFA": true])
            let token = try await sandbox.resetToken(way, ["ignore_mfa": true])
            #expect(try await sandbox.reset(token).status == 200)
        }
    }

    @Test(arguments: ["email/link", "link", "email/otp", "sms/otp"])
    func `a useless first token is refused, another user's too`(path: String) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createVerifiedUser()
            try await sandbox.createVerifiedUser("bob")
            let bobs = try #require(
                try await sandbox.validatePassword(SandboxHarness.password, ["username": "bob"])["result"]?.string
            )
            let late = try await sandbox.resetToken("password")
            for token in ["x", bobs, try await sandbox.clientToken()] {
                let answer = try await sandbox.startReset(path, ["prev_reset_token": .string(token)])
                #expect(answer.status == 403)
                #expect(answer.errorCode == "auth_password_invalid_reset_token")
            }
            sandbox.sandbox.clock.advance(by: 300)
            #expect(try await sandbox.startReset(path, ["prev_reset_token": .string(late)]).status == 403)
        }
    }

    @Test func `the token of a password that must be changed is a first factor`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createVerifiedUser()
            try await sandbox.setPreferences(["requireMFA": true, "passwordExpiresIn": 1])
            sandbox.sandbox.clock.advance(by: 86_400)
            let one = try #require(try await sandbox.login()["reset_token"]?.string)
            #expect(try await sandbox.reset(one).status == 403)
            let two = try await sandbox.resetToken("sms", ["prev_reset_token": .string(one)])
            #expect(try await sandbox.reset(two).status == 200)
        }
    }
}
