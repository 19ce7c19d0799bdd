import Testing

extension EndToEnd {
    /// Logins with a link from the mailbox.
    @Suite struct MagicLinks {
        @Test func `a link brings a code to the application, which is granted once`() async throws {
            try await TestBed.with(users: Ada.seed, agent: .allowing("login")) { world in
                try await Self.send("--state", "asked-by-us", in: world)
                let link = try await world.received("link", at: Ada.email)
                // A mail filter that opens the link first spoils nothing.
                #expect(try await world.openLink(link).status == 0)
                let page = try await world.follow(link)
                #expect(page["state"] == "asked-by-us")
                let code = try #require(page["code"])
                let first = try world.agent.ask("link.authenticate", #"{"code":"\#(code)"}"#)["result"]
                #expect(first?["verdict"]?.string == "granted")
                #expect(first?["amr"] == .array([.string("eml")]))
                let again = try await world.agent.ctl("link", "verify", "--code-stdin", input: code)
                #expect(again.status == 1, "\(again.output)\(again.error)")
            }
        }

        @Test func `a link and its code end with their lifetime`() async throws {
            try await TestBed.with(users: Ada.seed, agent: .allowing("login", details: true)) { world in
                try await Self.send("--expires-in", "5", in: world)
                let link = try await world.received("link", at: Ada.email)
                let code = try #require(try await world.follow(link)["code"])
                try await world.sandbox.control("clock", "advance", "5m")
                #expect(try await world.openLink(link).status == 22)
                let late = try world.agent.ask("link.authenticate", #"{"code":"\#(code)"}"#)["result"]
                #expect(late?["verdict"]?.string == "denied")
            }
        }

        @Test func `a link leads only to an address that is registered`() async throws {
            try await TestBed.with(users: Ada.seed, agent: .allowing("login")) { world in
                let refused = try await world.agent.ctl(
                    "link",
                    "send",
                    Ada.name,
                    "--redirect-uri",
                    "https://elsewhere.example/"
                )
                #expect(refused.status == 8, "\(refused.output)\(refused.error)")
                #expect(try JSONTree(try await world.sandbox.control("outbox"))["messages"] == .array([]))
            }
        }

        private static func send(_ option: String, _ value: String, in world: TestBed) async throws {
            let sent = try await world.agent.ctl(
                "link",
                "send",
                Ada.email,
                "--type",
                "email",
                "--redirect-uri",
                "https://app.example/callback",
                option,
                value
            )
            #expect(sent.status == 0 && sent.output.hasPrefix("accepted"), "\(sent.output)\(sent.error)")
        }
    }
}
