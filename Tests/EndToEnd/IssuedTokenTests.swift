import Foundation
import Testing

extension EndToEnd {
    /// The agent's own token, given to those who may have it.
    @Suite struct IssuedToken {
        /// How Mosaic answers a search of users with that bearer token.
        static func status(with token: String, in world: TestBed) async throws -> String {
            let header = try world.scratch.write("header", "Authorization: Bearer \(token)\n")
            let description = world.sandbox.description
            return try await RunningProcess.run(
                "/usr/bin/curl",
                ["--silent", "--cacert", description.ca_file ?? "", "--header", "@\(header)", "--output", "/dev/null"]
                    + ["--write-out", "%{http_code}", "\(description.base_url)/v1/users"],
                label: "curl",
                in: world.scratch
            ).output
        }

        @Test func `it is one that Mosaic takes, fetched once for all`() async throws {
            try await TestBed.with(agent: .allowing("login client-token")) { world in
                let first = try #require(try world.agent.ask("client_token.get", #"{"min_valid_s":600}"#)["result"])
                let token = try #require(first["access_token"]?.string)
                #expect(first["token_type"]?.string == "Bearer")
                #expect((3000...3600).contains(try #require(first["expires_in"]?.integer)))
                #expect(try await Self.status(with: token, in: world) == "200")
                #expect(try await Self.status(with: token + "x", in: world) == "401")
                for _ in 1...5 {
                    let again = try world.agent.ask("client_token.get", #"{"min_valid_s":600}"#)
                    #expect(again["result"]?["access_token"]?.string == token)
                }
                _ = try world.agent.authenticate("alice", Passwords.alice)
                #expect(try await world.sandbox.count("E1") == 1)

                // For another resource it is another token, kept as well.
                let risk = #"{"min_valid_s":600,"resource":"https://risk.identity.security"}"#
                let other = try world.agent.ask("client_token.get", risk)["result"]?["access_token"]?.string
                #expect(other != nil && other != token)
                #expect(try world.agent.ask("client_token.get", risk)["result"]?["access_token"]?.string == other)
                #expect(try await world.sandbox.count("E1") == 2)

                let foreign = #"{"min_valid_s":600,"resource":"https://other.example"}"#
                let refused = try world.agent.ask("client_token.get", foreign)
                #expect(refused["error"]?["code"]?.integer == 1204)
                // That is no matter of the credential: logins go on, and health is none the worse.
                #expect(try await world.agent.ctl("health").status == 0)

                let shown = try await world.agent.ctl("client-token", "--min-valid", "600")
                #expect(shown.status == 0 && !shown.output.contains(token), "\(shown.error)")
                _ = try await world.agent.process.terminate()
                #expect(!world.agent.process.error.contains(token))
            }
        }

        @Test func `no wildcard gives it away`() async throws {
            try await TestBed.with(agent: .allowing("*")) { world in
                let answer = try world.agent.ask("client_token.get", #"{"min_valid_s":0}"#)
                #expect(answer["error"]?["code"]?.integer == 1001)
            }
        }
    }
}
