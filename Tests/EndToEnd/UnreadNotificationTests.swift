import Testing

extension EndToEnd {
    /// A service manager that does not read what it is told, for as long as it likes.
    @Suite struct UnreadNotifications {
        @Test func `nothing waits for a manager that does not read, and then it hears how things are`() async throws {
            try await TestBed.with { world in
                let agent = world.agent
                #expect(try agent.authenticate("alice", Passwords.alice)["result"]?["verdict"]?.string == "granted")
                let paused = try await agent.notifications.pause()
                // One notification is on its way, then the next ones of the same kind can only wait.
                for _ in 0..<4 {
                    #expect(try agent.askControl("daemon.refresh_token")["result"] != nil)
                    #expect(try agent.askControl("daemon.reload")["result"]?["reloaded"]?.boolean == true)
                    #expect(try agent.authenticate("alice", Passwords.alice)["result"]?["verdict"]?.string == "granted")
                }
                let fetched = try await world.sandbox.count("E1")
                #expect(fetched == 5, "one at the start and one for each refresh")
                #expect(agent.notifications.assignments().count == paused)

                agent.notifications.resume()
                try await waitUntil("it hears of the last reload") {
                    agent.notifications.assignments().last?.hasPrefix("STATUS=healthy") == true
                }
                let told = agent.notifications.assignments()[paused...]
                #expect((1...2).contains(told.count { $0 == "FDSTORE=1" }), "what is overtaken is left out")
                #expect(told.last { $0.contains("=1") } == "READY=1")
                #expect(try await agent.process.terminate().status == 0)
            }
        }

        @Test func `an agent that is stopped does not wait for such a manager, either`() async throws {
            try await TestBed.with { world in
                try await world.agent.notifications.pause()
                #expect(try await world.agent.process.terminate().status == 0)
            }
        }
    }
}
