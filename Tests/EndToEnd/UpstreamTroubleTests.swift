import Testing

extension EndToEnd {
    /// A Mosaic that fails or limits some calls: the others get through.
    @Suite struct UpstreamTroubleTests {
        @Test func `an upstream that fails one call in twelve is asked every other`() async throws {
            try await TestBed.with(agent: .throttled()) { world in
                let control = try SandboxControl(world.sandbox)
                // One-time codes, since the emulator takes its time to hash a password.
                try await control.fail(
                    "E21",
                    ["action": "unauthorized", "kind": "symbolic", "probability": .number(0.05)]
                )
                try await control.fail("E21", ["action": "status", "status": 429, "probability": .number(0.02)])
                try await control.fail("E21", ["action": "status", "status": 503, "probability": .number(0.01)])
                _ = try world.agent.askControl("daemon.refresh_token")
                let before = try await control.count("E21")
                let connection = try LineSocket(world.agent.socket)
                var seen: [String: Int] = [:]
                for round in 0..<20 {
                    for number in 0..<32 {
                        let user = #""identifier_type":"username","identifier":"user-\#(round)-\#(number)""#
                        let params = #"{"passcode":"000000",\#(user)}"#
                        try connection.sendLine(
                            #"{"jsonrpc":"2.0","id":\#(number),"method":"otp.authenticate","params":\#(params)}"#
                        )
                    }
                    for _ in 0..<32 {
                        let answer = try JSONTree(try #require(try connection.readLine()))
                        #expect(answer["error"]?["data"]?["outcome"]?.string != "not_sent", "\(answer)")
                        seen[answer.kindOrVerdict, default: 0] += 1
                    }
                }
                #expect(try await control.count("E21") == before + 640)
                let kinds: Set = ["denied", "upstream_rate_limited", "upstream_unavailable"]
                #expect(kinds.isSuperset(of: seen.keys), "\(seen)")
                // Of 640 calls 19 fail on the average.
                #expect((1...60).contains(640 - seen["denied", default: 0]), "\(seen)")
            }
        }

        @Test func `a login that hangs after five failures does not keep others away`() async throws {
            try await TestBed.with(agent: .throttled()) { world in
                let control = try SandboxControl(world.sandbox)
                _ = try world.agent.askControl("daemon.refresh_token")
                try await control.fail("E17", ["action": "status", "status": 503, "count": 5])
                for user in ["a", "b", "c", "d", "e"] {
                    #expect(try world.agent.authenticate(user, Passwords.wrong).kindOrVerdict == "upstream_unavailable")
                }
                try await control.fail("E17", ["action": "latency", "latency_ms": 60_000, "count": 1])
                let before = try await control.count("E17")
                let hanging = try LineSocket(world.agent.socket)
                let params =
                    #"{"username":"slow","password":"\#(Passwords.wrong)","meta":{"deadline_ms":600000}}"#
                try hanging.sendLine(
                    #"{"jsonrpc":"2.0","id":1,"method":"password.authenticate","params":\#(params)}"#
                )
                try await waitUntil("the hanging login is the probe") { try await control.count("E17") > before }
                try await waitUntil("the next probe logs in") {
                    try world.agent.authenticate("alice", Passwords.alice).kindOrVerdict == "granted"
                }
                #expect(try world.agent.authenticate("alice", Passwords.alice).kindOrVerdict == "granted")
            }
        }
    }
}
