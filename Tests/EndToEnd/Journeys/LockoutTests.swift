import Testing

extension EndToEnd {
    /// Too many wrong passwords.
    @Suite struct Lockout {
        @Test func `the configured number of failures locks, which only Details=yes tells, until the time is up`()
            async throws
        {
            try await TestBed.with(users: Ada.seed, agent: .allowing("login")) { world in
                let preferences = #"{"password": {"maxPasswordFailures": 2, "passwordSuspensionDuration": 20}}"#
                try await world.sandbox.control("preferences", preferences)
                let teller = try await AgentFixture.start(
                    for: world.sandbox.description,
                    in: world.scratch,
                    name: "teller",
                    options: .allowing("login", details: true)
                )
                defer { teller.process.killNow() }
                func reason(_ password: String) throws -> String? {
                    try teller.authenticate(Ada.name, password)["result"]?["reason"]?.string
                }

                let wrong = try world.agent.authenticate(Ada.name, Passwords.wrong)
                #expect(try reason(Passwords.wrong) == "wrong_credentials")
                let locked = try world.agent.authenticate(Ada.name, Ada.password)
                #expect(locked == wrong, "a locked user looks like a wrong password")
                #expect(locked["result"] == .object(["verdict": .string("denied")]))
                #expect(try reason(Ada.password) == "locked")

                // Attempts during the lock do not make it longer.
                try await world.sandbox.control("clock", "advance", "15m")
                #expect(try reason(Ada.password) == "locked")
                try await world.sandbox.control("clock", "advance", "5m")
                #expect(try world.verdict(Ada.password) == "granted")
            }
        }

        @Test func `tiers lock longer each time`() async throws {
            try await TestBed.with(users: Ada.seed, agent: .allowing("login")) { world in
                let tiers = #"[{"attempts": 1, "duration": 10}, {"attempts": 2, "duration": 40}]"#
                try await world.sandbox.control("preferences", #"{"password": {"lockoutTiers": \#(tiers)}}"#)
                #expect(try world.verdict(Passwords.wrong) == "denied")
                try await world.sandbox.control("clock", "advance", "10m")
                #expect(try world.verdict(Passwords.wrong) == "denied")
                try await world.sandbox.control("clock", "advance", "30m")
                #expect(try world.verdict(Ada.password) == "denied")
                try await world.sandbox.control("clock", "advance", "10m")
                #expect(try world.verdict(Ada.password) == "granted")
            }
        }
    }
}
