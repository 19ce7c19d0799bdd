import Foundation
import Testing

extension EndToEnd {
    /// Sessions and refresh tokens of users who have logged in with the agent.
    @Suite struct Sessions {
        private static func kind(_ answer: JSONTree) -> String? { answer["error"]?["data"]?["kind"]?.string }

        private static func login(_ world: TestBed) throws -> JSONTree {
            try #require(try world.agent.authenticate("alice", Passwords.alice)["result"])
        }

        /// Asks with one string parameter from an earlier result.
        private static func ask(
            _ method: String,
            _ name: String,
            _ value: JSONTree?,
            more: String = "",
            in world: TestBed
        ) throws -> JSONTree {
            try world.agent.ask(method, #"{"\#(name)":"\#(try #require(value?.string))"\#(more)}"#)
        }

        private static func refresh(_ token: JSONTree?, in world: TestBed) throws -> JSONTree {
            try ask("token.refresh", "refresh_token", token, more: #","kind":"backend""#, in: world)
        }

        @Test func `a refresh token works once, and one that comes again ends all that came of it`() async throws {
            try await TestBed.with(agent: .allowing("login token")) { world in
                let granted = try Self.login(world)
                let second = try #require(try Self.refresh(granted["refresh_token"], in: world)["result"])
                #expect(second["refresh_token"] != granted["refresh_token"] && second["session_id"] == nil)
                #expect(second["user_id"] == granted["user_id"] && second["expires_in"]?.integer == 3600)
                let third = try #require(try Self.refresh(second["refresh_token"], in: world)["result"])
                let reused = try Self.refresh(granted["refresh_token"], in: world)
                #expect(reused["error"]?["code"]?.integer == 1205 && Self.kind(reused) == "invalid_token")
                #expect(reused["error"]?["data"]?["retryable"]?.boolean == false)
                #expect(Self.kind(try Self.refresh(third["refresh_token"], in: world)) == "invalid_token")
                // Another login's tokens have nothing to do with it.
                #expect(try Self.refresh(try Self.login(world)["refresh_token"], in: world)["result"] != nil)
            }
        }

        @Test func `concurrent refreshes with one token are one request, which is no reuse`() async throws {
            try await TestBed.with(agent: .allowing("login token")) { world in
                let token = try #require(try Self.login(world)["refresh_token"]?.string)
                try await world.sandbox.control("faults", "set", "E23", "--action", "latency", "--latency-ms", "1500")
                let connections = try (0..<8).map { _ in try LineSocket(world.agent.socket) }
                for connection in connections {
                    try connection.sendLine(
                        #"{"jsonrpc":"2.0","id":1,"method":"token.refresh","params":"#
                            + #"{"refresh_token":"\#(token)","kind":"backend"}}"#
                    )
                }
                let tokens = try connections.map { try $0.readAnswer()["result"]?["refresh_token"]?.string }
                #expect(Set(tokens).count == 1 && tokens.first??.isEmpty == false)
                #expect(try await world.sandbox.count("E23") == 1)
            }
        }

        @Test func `a session that was logged out is refused, and its refresh token with it`() async throws {
            try await TestBed.with(agent: .allowing("login session token")) { world in
                let granted = try Self.login(world)
                let session = granted["session_id"]
                let again = try Self.ask("session.authenticate", "session_id", session, in: world)
                #expect(again["result"]?["session_id"] == session)
                #expect(again["result"]?["amr"] == .array([.string("pwd")]))
                #expect(try Self.ask("session.logout", "session_id", session, in: world)["result"] == .object([:]))
                for method in ["session.authenticate", "session.logout"] {
                    let refused = try Self.ask(method, "session_id", session, in: world)
                    #expect(refused["error"]?["code"]?.integer == 1205, "\(method)")
                }
                for token in [granted["refresh_token"], again["result"]?["refresh_token"]] {
                    #expect(Self.kind(try Self.refresh(token, in: world)) == "invalid_token")
                }
            }
        }

        @Test func `a session ends by itself, and a use of it puts that off`() async throws {
            try await TestBed.with(agent: .allowing("login session")) { world in
                try await world.sandbox.control("client", "--session-expiration", "300")
                let used = try Self.login(world)["session_id"]
                let idle = try Self.login(world)["session_id"]
                try await world.sandbox.control("clock", "advance", "200s")
                #expect(try Self.ask("session.authenticate", "session_id", used, in: world)["result"] != nil)
                try await world.sandbox.control("clock", "advance", "200s")
                #expect(try Self.ask("session.authenticate", "session_id", used, in: world)["result"] != nil)
                let over = try Self.ask("session.authenticate", "session_id", idle, in: world)
                #expect(over["error"]?["code"]?.integer == 1205)
            }
        }

        @Test func `only session-admin lists and revokes, and it does nothing else`() async throws {
            try await Scratch.with { scratch in
                let sandbox = try await SandboxFixture.start(in: scratch)
                defer { sandbox.process.killNow() }
                let application = try await AgentFixture.start(
                    for: sandbox.description,
                    in: scratch,
                    options: .allowing("* users credentials preferences client-token")
                )
                defer { application.process.killNow() }
                let administration = try await AgentFixture.start(
                    for: sandbox.description,
                    in: scratch,
                    name: "admin",
                    options: .allowing("session-admin")
                )
                defer { administration.process.killNow() }

                let granted = try #require(try application.authenticate("alice", Passwords.alice)["result"])
                _ = try application.authenticate("alice", Passwords.alice)
                let user = #"{"user_id":"\#(try #require(granted["user_id"]?.string))"}"#
                let session = #"{"session_id":"\#(try #require(granted["session_id"]?.string))"}"#
                for method in ["session.list", "session.revoke"] {
                    #expect(try application.ask(method, user)["error"]?["code"]?.integer == 1001, "\(method)")
                }
                for (method, params) in [("session.authenticate", session), ("session.logout", session)] {
                    #expect(try administration.ask(method, params)["error"]?["code"]?.integer == 1001, "\(method)")
                }

                let listed = try await administration.ctl("session", "list", try #require(granted["user_id"]?.string))
                #expect(listed.status == 0 && listed.output.contains("session 2"), "\(listed.output)\(listed.error)")
                #expect(!listed.output.contains(try #require(granted["session_id"]?.string)))
                #expect(try administration.ask("session.list", user)["result"]?["sessions"]?.array?.count == 2)
                #expect(try administration.ask("session.revoke", user)["result"] == .object([:]))
                #expect(try administration.ask("session.list", user)["result"]?["sessions"] == .array([]))
                #expect(try application.ask("session.authenticate", session)["error"]?["code"]?.integer == 1205)
                let unknown = try administration.ask("session.revoke", #"{"user_id":"nobody"}"#)
                #expect(unknown["error"]?["code"]?.integer == 1203)
            }
        }
    }
}
