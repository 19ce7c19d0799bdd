import Testing

extension EndToEnd {
    /// From a login on: refreshed, stolen, revoked.
    @Suite struct SessionJourney {
        @Test func `a refresh token that comes a second time ends the tokens that came of it, but not the session`()
            async throws
        {
            try await TestBed.with(users: Ada.seed, agent: .allowing("login session token")) { world in
                func refresh(_ tokens: JSONTree) throws -> JSONTree {
                    try Self.ask("token.refresh", "refresh_token", in: tokens, #","kind":"backend""#, of: world)
                }
                let login = try #require(try world.agent.authenticate(Ada.name, Ada.password)["result"])
                let refreshed = try #require(try refresh(login)["result"])
                #expect(refreshed["user_id"] == login["user_id"] && refreshed["access_token"] != login["access_token"])
                // Whoever comes with the spent token: either this or the refresh above was not the user's own program.
                #expect(try refresh(login)["error"]?["code"]?.integer == 1205)
                #expect(try refresh(refreshed)["error"]?["code"]?.integer == 1205)
                let session = try Self.ask("session.authenticate", "session_id", in: login, of: world)["result"]
                #expect(session?["amr"] == .array([.string("pwd")]))
                #expect(try refresh(try #require(session))["result"] != nil)
            }
        }

        @Test func `once an administrator has revoked a user's sessions, she must log in again`() async throws {
            try await TestBed.with(users: Ada.seed, agent: .allowing("login session token")) { world in
                let administrator = try await AgentFixture.start(
                    for: world.sandbox.description,
                    in: world.scratch,
                    name: "administrator",
                    options: .allowing("session-admin")
                )
                defer { administrator.process.killNow() }
                let logins = try (1...2).map { _ in
                    try #require(try world.agent.authenticate(Ada.name, Ada.password)["result"])
                }
                let user = try #require(logins[0]["user_id"]?.string)
                let listed = try administrator.ask("session.list", #"{"user_id":"\#(user)"}"#)["result"]?["sessions"]
                #expect(
                    Set(listed?.array?.compactMap { $0["session_id"]?.string } ?? [])
                        == Set(logins.compactMap { $0["session_id"]?.string })
                )
                let own = try world.agent.ask("session.revoke", #"{"user_id":"\#(user)"}"#)
                #expect(own["error"]?["code"]?.integer == 1001, "who uses sessions may not end those of others")
                let revoked = try administrator.ask("session.revoke", #"{"user_id":"\#(user)"}"#)
                #expect(revoked["result"] != nil, "\(revoked)")

                for login in logins {
                    let again = try Self.ask("session.authenticate", "session_id", in: login, of: world)
                    #expect(again["error"]?["code"]?.integer == 1205)
                    let refreshed = try Self.ask(
                        "token.refresh",
                        "refresh_token",
                        in: login,
                        #","kind":"backend""#,
                        of: world
                    )
                    #expect(refreshed["error"]?["code"]?.integer == 1205)
                }
                #expect(try world.verdict(Ada.password) == "granted")
            }
        }

        /// Calls a method with a secret that an earlier result has brought.
        private static func ask(
            _ method: String,
            _ name: String,
            in result: JSONTree,
            _ more: String = "",
            of world: TestBed
        ) throws -> JSONTree {
            let secret = try #require(result[name]?.string)
            return try world.agent.ask(method, #"{"\#(name)":"\#(secret)"\#(more)}"#)
        }
    }
}
