import Testing

extension EndToEnd {
    /// What becomes of logins when the agent's own token or credential is not as it should be.
    @Suite struct ClientToken {
        @Test func `an expired token is replaced without the caller noticing`() async throws {
            try await TestBed.with { world in
                #expect(
                    try world.agent.authenticate("alice", Passwords.alice)["result"]?["verdict"]?.string == "granted"
                )
                let before = try await world.sandbox.count("E1")
                try await world.sandbox.control("clock", "advance", "3601s")
                #expect(
                    try world.agent.authenticate("alice", Passwords.alice)["result"]?["verdict"]?.string == "granted"
                )
                #expect(try await world.sandbox.count("E1") == before + 1)
            }
        }

        @Test func `a revoked token costs one fetch and no failed login`() async throws {
            try await TestBed.with { world in
                #expect(
                    try world.agent.authenticate("alice", Passwords.alice)["result"]?["verdict"]?.string == "granted"
                )
                let before = try await world.sandbox.count("E1")
                try await world.sandbox.control("revoke-tokens")
                for _ in 1...5 {
                    let answer = try world.agent.authenticate("alice", Passwords.alice)
                    #expect(answer["result"]?["verdict"]?.string == "granted")
                }
                #expect(try await world.sandbox.count("E1") == before + 1)
            }
        }

        @Test(arguments: ["symbolic", "symbolic_400", "bare"])
        func `a wrong password is counted once at Mosaic, in whatever form it is refused`(shape: String) async throws {
            try await TestBed.with { world in
                try await world.sandbox.control("settings", "--wrong-password-shape", shape)
                let tokens = try await world.sandbox.count("E1")
                let answer = try world.agent.authenticate("alice", Passwords.wrong)
                #expect(answer["result"]?["verdict"]?.string == "denied")
                #expect(try await world.sandbox.count("E17") == 1)
                #expect(try await world.sandbox.passwordFailures(of: "alice") == 1)
                #expect(try await world.sandbox.count("E1") == tokens)
            }
        }

        @Test func `a wrong client secret is credential_rejected, health is red and says what to do`() async throws {
            try await Scratch.with { scratch in
                let secret = try scratch.write("wrong.secret", "this-is-not-the-secret")
                let sandbox = try await SandboxFixture.start(in: scratch)
                defer { sandbox.process.killNow() }
                let agent = try await AgentFixture.start(
                    for: sandbox.description,
                    in: scratch,
                    options: AgentOptions(secretFile: secret)
                )
                defer { agent.process.killNow() }

                let answer = try agent.authenticate("alice", Passwords.alice)
                #expect(answer["error"]?["code"]?.integer == 1103)
                #expect(answer["error"]?["data"]?["kind"]?.string == "credential_rejected")
                #expect(answer["error"]?["data"]?["outcome"]?.string == "not_sent")
                let health = try await agent.ctl("health")
                #expect(health.status == 7, "\(health.output)")
                #expect(health.output.contains("ClientSecretFile") || health.output.contains("secret"))
                // A rejected credential must not become a hammer.
                for _ in 1...20 { _ = try agent.authenticate("alice", Passwords.alice) }
                #expect(try await sandbox.count("E1") <= 2)
            }
        }

        @Test func `an outage is upstream_unavailable, never denied, and it ends`() async throws {
            try await TestBed.with { world in
                #expect(
                    try world.agent.authenticate("alice", Passwords.alice)["result"]?["verdict"]?.string == "granted"
                )
                _ = try await world.sandbox.process.terminate()
                for password in [Passwords.alice, Passwords.wrong] {
                    let answer = try world.agent.authenticate("alice", password)
                    #expect(answer["error"]?["code"]?.integer == 1101)
                    #expect(answer["error"]?["data"]?["kind"]?.string == "upstream_unavailable")
                    #expect(answer["error"]?["data"]?["outcome"]?.string == "not_sent")
                    #expect(answer["error"]?["data"]?["retryable"]?.boolean == true)
                    #expect(answer["result"] == nil)
                }
                let health = try await world.agent.ctl("health")
                #expect(health.status != 0, "\(health.output)")
            }
        }

        @Test func `a thousand concurrent first calls cost one token request`() async throws {
            try await Scratch.with { scratch in
                let sandbox = try await SandboxFixture.start(in: scratch)
                defer { sandbox.process.killNow() }
                try await sandbox.control("faults", "set", "E1", "--action", "latency", "--latency-ms", "1500")
                let agent = try await AgentFixture.start(for: sandbox.description, in: scratch)
                defer { agent.process.killNow() }

                // All are sent before the first answer is read, so that all are waiting for the first token.
                let connections = try (0..<40).map { _ in try LineSocket(agent.socket, timeout: 90) }
                for connection in connections {
                    for id in 0..<25 {
                        try connection.sendLine(
                            #"{"jsonrpc":"2.0","id":\#(id),"method":"password.authenticate","params":"#
                                + #"{"username":"alice","password":"\#(Passwords.alice)","#
                                + #""meta":{"deadline_ms":80000}}}"#
                        )
                    }
                }
                var granted = 0
                for connection in connections {
                    for _ in 0..<25 where try connection.readAnswer()["result"]?["verdict"]?.string == "granted" {
                        granted += 1
                    }
                }
                #expect(granted == 1000)
                #expect(try await sandbox.count("E1") == 1)
                #expect(try await sandbox.count("E17") == 1000)
            }
        }
    }
}
