import Testing

extension EndToEnd {
    /// Identifiers that another user has.
    @Suite struct IdentifierConflict {
        @Test(arguments: [#""email":"alice@example.com""#, #""username":"alice""#])
        func `an update to an identifier of another user is a conflict`(member: String) async throws {
            try await TestBed.with(agent: .allowing("users")) { world in
                let params = #"{"username":"other","email":"other@example.com"}"#
                let created = try world.agent.ask("user.create", params)
                let id = try #require(created["result"]?["user"]?["user_id"]?.string, "\(created)")
                let answer = try world.agent.ask("user.update", #"{"user_id":"\#(id)",\#(member)}"#)
                #expect(answer["error"]?["data"]?["kind"]?.string == "conflict", "\(answer)")
                #expect(answer["error"]?["data"]?["outcome"]?.string == "refused")
            }
        }
    }
}
