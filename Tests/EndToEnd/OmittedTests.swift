import Testing

extension EndToEnd {
    /// One user whom the agent cannot pass on whole, among others.
    @Suite struct Omitted {
        @Test func `deep custom data of one user spoils no list, and is named where it is left out`() async throws {
            try await TestBed.with(agent: .allowing("users")) { world in
                // As deep as a line to the agent may be; an answer has more levels around it.
                let data = String(repeating: #"{"a":"#, count: 14) + "1" + String(repeating: "}", count: 14)
                let params =
                    #"{"username":"deep","email":"deep@example.com","language":"de","custom_data":\#(data),"custom_app_data":{"b":1}}"#
                let created = try #require(try world.agent.ask("user.create", params)["result"])
                #expect(created["omitted"] == ["custom_data"])
                let found = try #require(try world.agent.ask("user.get", #"{"username":"deep"}"#)["result"])
                #expect(found["omitted"] == ["custom_data"])
                #expect(found["user"]?["language"] == "de")
                #expect(found["user"]?["custom_app_data"]?["b"]?.integer == 1)

                let page = try #require(try world.agent.ask("user.search", "{}")["result"])
                let names = page["users"]?.array?.map { $0["email"]?["value"]?.string }
                #expect(names == ["alice@example.com", "temp@example.com", "gone@example.com", "deep@example.com"])
                #expect(page["omitted"] == ["users[3].custom_data"])
                #expect(page["total_count"]?.integer == 4)

                let shown = try await world.agent.ctl("user", "search")
                #expect(shown.status == 0)
                #expect(shown.output.contains("deep@example.com"))
                #expect(shown.error.contains("users[3].custom_data"), "\(shown.error)")
            }
        }
    }
}
