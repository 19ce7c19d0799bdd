import Testing

extension EndToEnd {
    /// Two factors in one session.
    @Suite struct TwoFactors {
        @Test func `password, then a mailed code in the same session: amr shows both`() async throws {
            try await TestBed.with(users: Ada.seed, agent: .allowing("login")) { world in
                let first = try #require(try world.agent.authenticate(Ada.name, Ada.password)["result"])
                #expect(first["amr"] == .array([.string("pwd")]))
                let session = try #require(first["session_id"]?.string)
                let second = try await Self.code(in: world, more: #","session_id":"\#(session)""#)
                #expect(second["verdict"]?.string == "granted")
                #expect(second["amr"] == .array([.string("pwd"), .string("eotp"), .string("mfa")]))
                #expect(second["session_id"]?.string == session)
                #expect(second["user_id"] == first["user_id"])
            }
        }

        @Test func `without the session id the code begins a session of its own`() async throws {
            try await TestBed.with(users: Ada.seed, agent: .allowing("login")) { world in
                let first = try #require(try world.agent.authenticate(Ada.name, Ada.password)["result"])
                let second = try await Self.code(in: world)
                #expect(second["amr"] == .array([.string("eotp")]))
                #expect(second["session_id"]?.string?.isEmpty == false && second["session_id"] != first["session_id"])
            }
        }

        @Test func `a session that does not exist is an error and leaves the code alone`() async throws {
            try await TestBed.with(users: Ada.seed, agent: .allowing("login")) { world in
                #expect(try await world.agent.ctl("otp", "send", Ada.name).status == 0)
                let code = try await world.received("code", at: Ada.email)
                func verify(_ more: String) throws -> JSONTree {
                    try world.agent.ask("otp.authenticate", Self.passcode(code, more: more))
                }
                #expect(try verify(#","session_id":"no such session""#)["error"]?["code"]?.integer == 1205)
                #expect(try verify("")["result"]?["verdict"]?.string == "granted")
            }
        }

        /// Has a code mailed and logs in with it.
        private static func code(in world: TestBed, more: String = "") async throws -> JSONTree {
            #expect(try await world.agent.ctl("otp", "send", Ada.name, "--channel", "email").status == 0)
            let code = try await world.received("code", at: Ada.email)
            return try #require(try world.agent.ask("otp.authenticate", passcode(code, more: more))["result"])
        }

        private static func passcode(_ code: String, more: String) -> String {
            #"{"passcode":"\#(code)","identifier_type":"username","identifier":"\#(Ada.name)"\#(more)}"#
        }
    }
}
