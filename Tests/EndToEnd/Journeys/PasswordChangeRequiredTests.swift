import Testing

extension EndToEnd {
    /// A right password that must be replaced before it logs anybody in.
    @Suite struct PasswordChangeRequired {
        @Test func `an expired password is replaced with the token that came with the verdict`() async throws {
            try await TestBed.with(users: Ada.seed, agent: .allowing("login reset")) { world in
                #expect(try world.verdict(Ada.password) == "granted")
                try await world.sandbox.control("clock", "advance", "91d")
                try Self.change("expired", in: world)
            }
        }

        @Test func `a temporary password is replaced with the token that came with the verdict`() async throws {
            try await TestBed.with(users: Ada.seedWithTemporaryPassword, agent: .allowing("login reset")) { world in
                try Self.change("temporary", in: world)
            }
        }

        @Test func `a temporary password that nobody used in time gives no token`() async throws {
            try await TestBed.with(users: Ada.seedWithTemporaryPassword, agent: .allowing("login reset")) { world in
                try await world.sandbox.control("clock", "advance", "73h")
                let result = try #require(try world.agent.authenticate(Ada.name, Ada.password)["result"])
                #expect(result["verdict"]?.string == "password_change_required")
                #expect(result["reset_token"] == nil)
            }
        }

        private static func change(_ cause: String, in world: TestBed) throws {
            let refused = try #require(try world.agent.authenticate(Ada.name, Ada.password)["result"])
            #expect(refused["verdict"]?.string == "password_change_required")
            #expect(refused["cause"]?.string == cause)
            #expect(refused["access_token"] == nil && refused["session_id"] == nil)
            let token = try #require(refused["reset_token"]?.string)
            let completed = try world.agent.ask(
                "reset.complete",
                #"{"reset_token":"\#(token)","new_password":"\#(Ada.newPassword)"}"#
            )
            #expect(completed["result"] != nil, "\(completed)")
            try world.expectNewPassword()
        }
    }
}
