import Testing

extension EndToEnd {
    /// Logins with codes from the mailbox and the phone.
    @Suite struct OneTimeCodes {
        @Test(arguments: [("email", Ada.email, "eotp"), ("sms", Ada.phoneNumber, "sms")])
        func `a code is granted once`(channel: String, address: String, method: String) async throws {
            try await TestBed.with(users: Ada.seed, agent: .allowing("login")) { world in
                let sent = try await world.agent.ctl("otp", "send", Ada.name, "--channel", channel)
                #expect(sent.status == 0 && sent.output.hasPrefix("accepted"), "\(sent.output)\(sent.error)")
                let code = try await world.received("code", at: address)
                let first = try Self.verify(code, in: world)
                #expect(first?["verdict"]?.string == "granted")
                #expect(first?["amr"] == .array([.string(method)]))
                #expect(first?["access_token"]?.string?.isEmpty == false)
                let again = try await world.agent.ctl("otp", "verify", Ada.name, "--code-stdin", input: code)
                #expect(again.status == 1, "\(again.output)\(again.error)")
            }
        }

        @Test func `a code that is bound to its send needs the request id, and brings what was approved`() async throws
        {
            try await TestBed.with(users: Ada.seed, agent: .allowing("login")) { world in
                let sent = try world.agent.ask(
                    "otp.send",
                    #"{"channel":"email","identifier_type":"email","identifier":"\#(Ada.email)","#
                        + #""generate_request_id":true,"approval_data":{"sum":"12.50"}}"#
                )["result"]
                #expect(sent?["approval_data"]?["sum"]?.string == "12.50")
                let request = try #require(sent?["request_id"]?.string)
                let code = try await world.received("code", at: Ada.email)
                func verify(_ more: String) throws -> String? {
                    try Self.verify(code, by: "email", Ada.email, more: more, in: world)?["verdict"]?.string
                }
                #expect(try verify("") == "denied")
                #expect(try verify(#","request_id":"another one""#) == "denied")
                #expect(try verify(#","request_id":"\#(request)""#) == "granted")
            }
        }

        @Test func `a code ends with its lifetime`() async throws {
            try await TestBed.with(users: Ada.seed, agent: .allowing("login", details: true)) { world in
                #expect(try await world.agent.ctl("otp", "send", Ada.name, "--expires-in", "10").status == 0)
                let code = try await world.received("code", at: Ada.email)
                try await world.sandbox.control("clock", "advance", "10m")
                let late = try Self.verify(code, in: world)
                #expect(late?["verdict"]?.string == "denied")
                #expect(late?["reason"]?.string == "expired")
            }
        }

        @Test func `too many wrong codes end the right one, and lock for a while`() async throws {
            try await TestBed.with(users: Ada.seed, agent: .allowing("login", details: true)) { world in
                #expect(try await world.agent.ctl("otp", "send", Ada.name, "--channel", "sms").status == 0)
                let code = try await world.received("code", at: Ada.phoneNumber)
                for _ in 1...3 {
                    #expect(try Self.verify("not \(code)", in: world)?["reason"]?.string == "wrong_credentials")
                }
                let locked = try Self.verify(code, in: world)
                #expect(locked?["verdict"]?.string == "denied")
                #expect(locked?["reason"]?.string == "locked")
            }
        }

        private static func verify(
            _ code: String,
            by type: String = "username",
            _ identifier: String = Ada.name,
            more: String = "",
            in world: TestBed
        ) throws -> JSONTree? {
            try world.agent.ask(
                "otp.authenticate",
                #"{"passcode":"\#(code)","identifier_type":"\#(type)","identifier":"\#(identifier)"\#(more)}"#
            )["result"]
        }
    }
}
