import Foundation
import Testing

extension EndToEnd {
    /// Checks of tokens that somebody hands in, against keys that the agent keeps.
    @Suite struct TokenVerify {
        private static func verify(
            _ token: JSONTree?,
            use: String,
            more: String = "",
            _ agent: AgentFixture
        ) throws
            -> JSONTree
        {
            let text = try #require(token?.string)
            return try agent.ask("token.verify", #"{"token":"\#(text)","token_use":"\#(use)"\#(more)}"#)
        }

        private static func reason(_ answer: JSONTree) -> String? {
            answer["result"]?["valid"]?.boolean == false ? answer["result"]?["reason"]?.string : nil
        }

        @Test func `a token is good for its own use, its own audience and its own time`() async throws {
            try await TestBed.with(agent: .allowing("login token")) { world in
                func granted() throws -> JSONTree {
                    try #require(try world.agent.authenticate("alice", Passwords.alice)["result"])
                }
                let tokens = try granted()
                for (name, use) in [("access_token", "access"), ("id_token", "id")] {
                    let result = try Self.verify(tokens[name], use: use, world.agent)["result"]
                    #expect(result?["valid"]?.boolean == true)
                    #expect(result?["claims"]?["sub"] == tokens["user_id"])
                    #expect(result?["claims"]?["iss"]?.string == "https://mosaic-sandbox.invalid")
                }
                #expect(Self.reason(try Self.verify(tokens["access_token"], use: "id", world.agent)) == "audience")
                #expect(Self.reason(try Self.verify(tokens["id_token"], use: "access", world.agent)) == "client")
                #expect(
                    Self.reason(
                        try Self.verify(
                            tokens["access_token"],
                            use: "access",
                            more: #","resource":"https://other.example""#,
                            world.agent
                        )
                    ) == "audience"
                )
                #expect(Self.reason(try Self.verify(.string("a.b.c.d.e"), use: "id", world.agent)) == "encrypted")
                // The keys were fetched once, and Mosaic was asked about none of the tokens.
                #expect(try await world.sandbox.count("E2") == 1)

                // Issued so long ago that it has expired.
                try await world.sandbox.control("clock", "offset", "--", "-2h")
                let old = try granted()
                try await world.sandbox.control("clock", "offset", "0s")
                // The agent hears the emulator's time with each of its answers.
                _ = try granted()
                #expect(Self.reason(try Self.verify(old["access_token"], use: "access", world.agent)) == "expired")
                #expect(Self.reason(try Self.verify(old["id_token"], use: "id", world.agent)) == "expired")
                // On the command line, by exit status, with the token on standard input.
                for (token, status) in [(tokens["access_token"], Int32(0)), (old["access_token"], 1)] {
                    let text = try #require(token?.string)
                    let outcome = try await world.agent.ctl(
                        "token",
                        "verify",
                        "--use",
                        "access",
                        "--token-stdin",
                        input: text
                    )
                    #expect(outcome.status == status, "\(outcome.output)\(outcome.error)")
                    #expect(!outcome.output.contains(text))
                }
            }
        }

        @Test func `a token of a moved emulator is good by the emulator's clock`() async throws {
            try await TestBed.with(agent: .allowing("login token")) { world in
                for step in ["20m", "40m"] {
                    try await world.sandbox.control("clock", "advance", step)
                    let tokens = try #require(try world.agent.authenticate("alice", Passwords.alice)["result"])
                    for (name, use) in [("access_token", "access"), ("id_token", "id")] {
                        let answer = try Self.verify(tokens[name], use: use, world.agent)
                        #expect(answer["result"]?["valid"]?.boolean == true, "\(step): \(answer)")
                    }
                }
            }
        }

        @Test func `an unknown key costs one fetch a minute, whoever asks how often`() async throws {
            try await TestBed.with(agent: .allowing("login token")) { world in
                let token = try #require(
                    try world.agent.authenticate("alice", Passwords.alice)["result"]?["access_token"]?.string
                )
                let parts = token.split(separator: ".").map(String.init)
                try #require(parts.count == 3)
                // {"alg":"RS256","kid":"nobody"}
                let forged = ["eyJhbGciOiJSUzI1NiIsImtpZCI6Im5vYm9keSJ9", parts[1], parts[2]].joined(separator: ".")
                for _ in 1...10 {
                    let answer = try Self.verify(.string(forged), use: "access", world.agent)
                    #expect(Self.reason(answer) == "unknown_key")
                }
                #expect(try await world.sandbox.count("E2") <= 2)
            }
        }

        @Test func `without keys nothing is said of a token, and with them again everything`() async throws {
            try await TestBed.with(agent: .allowing("login token")) { world in
                let token = try #require(try world.agent.authenticate("alice", Passwords.alice)["result"])[
                    "access_token"
                ]
                try await world.sandbox.control("faults", "set", "E2", "--action", "status", "--status", "500")
                let answer = try Self.verify(token, use: "access", more: #","meta":{"deadline_ms":3000}"#, world.agent)
                #expect(answer["error"]?["code"]?.integer == 1101)
                #expect(answer["error"]?["data"]?["outcome"]?.string == "not_sent")
                #expect(answer["error"]?["data"]?["retryable"]?.boolean == true)
                try await world.sandbox.control("faults", "clear")
                try await waitUntil("the token is checked again") {
                    try Self.verify(token, use: "access", world.agent)["result"]?["valid"]?.boolean == true
                }
                // The keys outlive an outage.
                _ = try await world.sandbox.process.terminate()
                #expect(try Self.verify(token, use: "access", world.agent)["result"]?["valid"]?.boolean == true)
            }
        }

        @Test func `the issuer comes from the discovery document where the configuration names none`() async throws {
            try await Scratch.with { scratch in
                let sandbox = try await SandboxFixture.start(in: scratch)
                defer { sandbox.process.killNow() }
                let text = AgentOptions.allowing("login token")
                    .configuration(for: sandbox.description, in: scratch, name: "agent")
                    .split(separator: "\n", omittingEmptySubsequences: false)
                    .filter { !$0.hasPrefix("Issuer=") && !$0.hasPrefix("JWKSURL=") }.joined(separator: "\n")
                let agent = try await AgentFixture.start(
                    configuration: try scratch.write("agent.conf", text),
                    name: "agent",
                    in: scratch
                )
                defer { agent.process.killNow() }
                let token = try agent.authenticate("alice", Passwords.alice)["result"]?["access_token"]
                #expect(try Self.verify(token, use: "access", agent)["result"]?["valid"]?.boolean == true)
                #expect(try await sandbox.count("E3") == 1)
            }
        }
    }
}
