import Foundation
import Testing

extension EndToEnd {
    /// How the agent reaches Mosaic: several clients, both secret transports, plain http where it is allowed.
    @Suite struct Clients {
        @Test func `client_secret_basic works as well`() async throws {
            try await TestBed.with(agent: AgentOptions(authentication: "client_secret_basic")) { world in
                let answer = try world.agent.authenticate("alice", Passwords.alice)
                #expect(answer["result"]?["verdict"]?.string == "granted")
            }
        }

        @Test func `plain http to loopback works when asked for, and health says so`() async throws {
            try await TestBed.with(sandbox: ["--http"]) { world in
                let answer = try world.agent.authenticate("alice", Passwords.alice)
                #expect(answer["result"]?["verdict"]?.string == "granted")
                let health = try world.agent.askControl("daemon.health")
                #expect(health["result"]?["status"]?.string == "degraded")
            }
        }

        @Test func `a certificate of another authority is an outage, not a verdict`() async throws {
            try await Scratch.with { scratch in
                let sandbox = try await SandboxFixture.start(in: scratch)
                defer { sandbox.process.killNow() }
                let other = try await SandboxFixture.start(in: scratch, name: "other")
                defer { other.process.killNow() }
                let authority = try #require(other.description.ca_file)
                let own = try #require(sandbox.description.ca_file)
                let text = AgentOptions().configuration(for: sandbox.description, in: scratch, name: "agent")
                    .replacing(own, with: authority)
                let agent = try await AgentFixture.start(
                    configuration: try scratch.write("agent.conf", text),
                    name: "agent",
                    in: scratch
                )
                defer { agent.process.killNow() }
                let answer = try agent.authenticate("alice", Passwords.alice)
                #expect(answer["error"]?["data"]?["kind"]?.string == "upstream_unavailable")
                #expect(answer["error"]?["data"]?["outcome"]?.string == "not_sent")
            }
        }

        @Test func `each client goes to its own Mosaic, and a rule decides who may use which`() async throws {
            try await Scratch.with { scratch in
                let first = try await SandboxFixture.start(in: scratch)
                defer { first.process.killNow() }
                let second = try await SandboxFixture.start(
                    in: scratch,
                    name: "second",
                    users: #"{"username":"bob","credentials":{"password":"\#(Passwords.wrong)","force_replace":false}}"#
                )
                defer { second.process.killNow() }
                let secret = second.description.client_secret_file
                let options = AgentOptions(
                    access: """
                        [Access tests]
                        Match=uid:\(getuid())
                        Clients=default second
                        Allow=login
                        """,
                    sections: """
                        [Client second]
                        \(AgentOptions.upstream(second.description))
                        ClientSecretFile=\(secret)
                        [Client third]
                        \(AgentOptions.upstream(second.description))
                        ClientSecretFile=\(secret)
                        """
                )
                let agent = try await AgentFixture.start(for: first.description, in: scratch, options: options)
                defer { agent.process.killNow() }

                func verdict(_ user: String, _ password: String, _ client: String) throws -> JSONTree {
                    try agent.authenticate(user, password, more: #","meta":{"client":"\#(client)"}"#)
                }
                #expect(try verdict("alice", Passwords.alice, "default")["result"]?["verdict"]?.string == "granted")
                #expect(try verdict("bob", Passwords.wrong, "second")["result"]?["verdict"]?.string == "granted")
                #expect(try verdict("bob", Passwords.wrong, "default")["result"]?["verdict"]?.string == "denied")
                #expect(try verdict("bob", Passwords.wrong, "third")["error"]?["code"]?.integer == 1001)
                #expect(try verdict("bob", Passwords.wrong, "nosuch")["error"]?["code"]?.integer == 1001)

                // An outage of one leaves the other alone.
                _ = try await second.process.terminate()
                let refused = try verdict("bob", Passwords.wrong, "second")
                #expect(refused["error"]?["data"]?["kind"]?.string == "upstream_unavailable")
                #expect(try verdict("alice", Passwords.alice, "default")["result"]?["verdict"]?.string == "granted")
            }
        }
    }
}
