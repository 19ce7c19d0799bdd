import Foundation
import Testing

extension EndToEnd {
    /// From a password that the user does not know or want any more to a login with another one.
    @Suite struct ForgottenPassword {
        @Test func `by a code in a mail`() async throws {
            try await TestBed.with(users: Ada.seed, agent: .allowing("login reset")) { world in
                let sent = try await world.agent.ctl("reset", "send-email-otp", Ada.email)
                #expect(sent.status == 0 && sent.output.hasPrefix("accepted"), "\(sent.output)\(sent.error)")
                let code = try await world.received("code", at: Ada.email)
                let token = world.scratch["token"]
                let wrong = try await world.agent.ctl(
                    "reset",
                    "verify-email-otp",
                    Ada.email,
                    "--code-stdin",
                    input: Self.other(than: code)
                )
                #expect(wrong.status == 1, "\(wrong.error)")
                let verified = try await world.agent.ctl(
                    "reset",
                    "verify-email-otp",
                    Ada.email,
                    "--code-stdin",
                    "--write-token",
                    token,
                    input: code + "\n"
                )
                #expect(verified.status == 0, "\(verified.error)")
                #expect(try world.verdict(Ada.password) == "granted", "nothing has changed so far")
                try await world.completeReset(tokenFile: token)
                try world.expectNewPassword()
            }
        }

        @Test func `by a code in a text message`() async throws {
            try await TestBed.with(users: Ada.seed, agent: .allowing("login reset")) { world in
                let sent = try await world.agent.ctl("reset", "send-sms-otp", Ada.phoneNumber)
                #expect(sent.status == 0, "\(sent.error)")
                let token = world.scratch["token"]
                let verified = try await world.agent.ctl(
                    "reset",
                    "verify-sms-otp",
                    Ada.phoneNumber,
                    "--code-stdin",
                    "--write-token",
                    token,
                    input: try await world.received("code", at: Ada.phoneNumber)
                )
                #expect(verified.status == 0, "\(verified.error)")
                try await world.completeReset(tokenFile: token)
                try world.expectNewPassword()
            }
        }

        @Test func `by a link in a mail, which brings the reset token to the application`() async throws {
            try await TestBed.with(users: Ada.seed, agent: .allowing("login reset")) { world in
                let sent = try await world.agent.ctl(
                    "reset",
                    "send-email-link",
                    Ada.email,
                    "--redirect-uri",
                    "https://app.example/callback"
                )
                #expect(sent.status == 0, "\(sent.error)")
                let page = try await world.follow(try await world.received("link", at: Ada.email))
                let token = try world.scratch.write("token", try #require(page["code"]))
                try await world.completeReset(tokenFile: token)
                try world.expectNewPassword()
            }
        }

        @Test func `by the current password`() async throws {
            try await TestBed.with(users: Ada.seed, agent: .allowing("login reset")) { world in
                func verify(_ password: String) throws -> JSONTree? {
                    try world.agent.ask(
                        "reset.verify_password",
                        #"{"username":"\#(Ada.name)","password":"\#(password)"}"#
                    )["result"]
                }
                #expect(try verify(Passwords.wrong)?["verdict"]?.string == "denied")
                let verified = try verify(Ada.password)
                #expect(verified?["verdict"]?.string == "granted" && verified?["mfa_required"]?.boolean == false)
                let token = try world.scratch.write("token", try #require(verified?["reset_token"]?.string))
                try await world.completeReset(tokenFile: token)
                try world.expectNewPassword()
            }
        }

        @Test func `with two factors where the application asks for them`() async throws {
            try await TestBed.with(users: Ada.seed, agent: .allowing("login reset")) { world in
                try await world.sandbox.control("preferences", #"{"password": {"requireMFA": true}}"#)
                let verified = try world.agent.ask(
                    "reset.verify_password",
                    #"{"username":"\#(Ada.name)","password":"\#(Ada.password)"}"#
                )["result"]
                #expect(verified?["mfa_required"]?.boolean == true)
                let half = try #require(verified?["reset_token"]?.string)
                let early = try world.agent.ask(
                    "reset.complete",
                    #"{"reset_token":"\#(half)","new_password":"\#(Ada.newPassword)"}"#
                )
                #expect(early["error"]?["code"]?.integer == 1205)
                let first = try world.scratch.write("first", half)
                let sent = try await world.agent.ctl(
                    "reset",
                    "send-email-otp",
                    Ada.email,
                    "--previous-token-file",
                    first
                )
                #expect(sent.status == 0, "\(sent.error)")
                let token = world.scratch["token"]
                let code = try await world.received("code", at: Ada.email)
                let second = try await world.agent.ctl(
                    "reset",
                    "verify-email-otp",
                    Ada.email,
                    "--code-stdin",
                    "--write-token",
                    token,
                    input: code
                )
                #expect(second.status == 0, "\(second.error)")
                try await world.completeReset(tokenFile: token)
                try world.expectNewPassword()
            }
        }

        @Test func `a code for a reset ends with its lifetime`() async throws {
            try await TestBed.with(users: Ada.seed, agent: .allowing("login reset", details: true)) { world in
                #expect(try await world.agent.ctl("reset", "send-sms-otp", Ada.phoneNumber).status == 0)
                let code = try await world.received("code", at: Ada.phoneNumber)
                try await world.sandbox.control("clock", "advance", "5m")
                let late = try world.agent.ask(
                    "reset.verify_sms_otp",
                    #"{"phone_number":"\#(Ada.phoneNumber)","passcode":"\#(code)"}"#
                )["result"]
                #expect(
                    late?["verdict"]?.string == "denied" && late?["reason"]?.string == "expired",
                    "\(late ?? .null)"
                )
            }
        }

        /// A code of the same form that is wrong.
        private static func other(than code: String) -> String {
            String(code.map { $0 == "9" ? "0" : Character(String((Int(String($0)) ?? 0) + 1)) })
        }
    }
}
