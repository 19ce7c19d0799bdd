import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Guessing at passwords through the agent, with the budgets that it has of its own accord.
    @Suite struct AttemptThrottle {
        @Test func `guessing ends at four, and Mosaic's own lockout is not reached`() async throws {
            try await TestBed.with(agent: .throttled()) { world in
                var answers: [JSONTree] = []
                for _ in 1...8 { answers.append(try world.agent.authenticate("alice", Passwords.wrong)) }
                #expect(answers.map(\.kindOrVerdict) == .init(repeating: "denied", count: 4) + .init(throttled: 4))
                let refused = try #require(answers.last?["error"])
                #expect(refused["code"]?.integer == 1002)
                #expect(refused["data"]?["retryable"]?.boolean == true)
                #expect(refused["data"]?["outcome"]?.string == "not_sent")
                #expect((1...900_001).contains(refused["data"]?["retry_after_ms"]?.integer ?? 0))
                #expect(try await world.sandbox.count("E17") == 4)
                #expect(try await world.sandbox.passwordFailures(of: "alice") == 4)
                // The right password of the one who guessed is not asked about either.
                #expect(try world.agent.authenticate("alice", Passwords.alice).kindOrVerdict == "throttled")
                // Another user is another matter.
                #expect(try world.agent.authenticate("temp", Passwords.wrong).kindOrVerdict == "denied")
            }
        }

        @Test func `not even fifty guesses at once on several connections get further`() async throws {
            try await TestBed.with(agent: .throttled()) { world in
                // Longer than it takes to send them all, so that they are in flight together.
                try await SandboxControl(world.sandbox).fail("E17", ["action": "latency", "latency_ms": 500])
                _ = try world.agent.askControl("daemon.refresh_token")
                let connections = try (0..<5).map { _ in try LineSocket(world.agent.socket) }
                for number in 0..<50 {
                    let params = #"{"username":"alice","password":"\#(Passwords.wrong)"}"#
                    try connections[number % 5].sendLine(
                        #"{"jsonrpc":"2.0","id":\#(number),"method":"password.authenticate","params":\#(params)}"#
                    )
                }
                var ends: [String: Int] = [:]
                for connection in connections {
                    for _ in 0..<10 { ends[try connection.readAnswer().kindOrVerdict, default: 0] += 1 }
                }
                #expect(ends == ["denied": 4, "throttled": 46])
                #expect(try await world.sandbox.passwordFailures(of: "alice") == 4)
            }
        }

        @Test func `eight right logins of one user at once all pass, in whatever case they are written`() async throws {
            try await TestBed.with(agent: .throttled()) { world in
                // Longer than it takes to send them all, so that they are in flight together.
                try await SandboxControl(world.sandbox).fail("E17", ["action": "latency", "latency_ms": 500])
                _ = try world.agent.askControl("daemon.refresh_token")
                let connections = try (0..<4).map { _ in try LineSocket(world.agent.socket) }
                for number in 0..<8 {
                    let params = #"{"username":"alice","password":"\#(Passwords.alice)"}"#
                    try connections[number % 4].sendLine(
                        #"{"jsonrpc":"2.0","id":\#(number),"method":"password.authenticate","params":\#(params)}"#
                    )
                }
                for connection in connections {
                    for _ in 0..<2 { #expect(try connection.readAnswer().kindOrVerdict == "granted") }
                }
                #expect(try await world.sandbox.count("E17") == 8)
            }
        }

        @Test func `spellings of one name get no further than the name itself`() async throws {
            try await TestBed.with(agent: .throttled()) { world in
                let names = ["alice", "Alice", "ALICE", "aLiCe", "alicE"]
                let ends = try names.map { try world.agent.authenticate($0, Passwords.wrong).kindOrVerdict }
                #expect(ends == .init(repeating: "denied", count: 4) + .init(throttled: 1))
            }
        }

        @Test func `failures on made-up names do not wash out those on a real one`() async throws {
            try await TestBed.with(agent: .throttled(["ThrottleRecords=16"])) { world in
                for _ in 1...4 {
                    #expect(try world.agent.authenticate("alice", Passwords.wrong).kindOrVerdict == "denied")
                }
                var ends: [String: Int] = [:]
                for number in 1...20 {
                    let answer = try world.agent.authenticate("nobody\(number)", Passwords.wrong)
                    ends[answer.kindOrVerdict, default: 0] += 1
                }
                #expect(ends == ["denied": 12, "throttled": 8])
                #expect(try world.agent.authenticate("alice", Passwords.wrong).kindOrVerdict == "throttled")
                let last = try world.agent.authenticate("nobody", Passwords.wrong)
                let error = last["error"]
                #expect(error?["message"]?.string?.contains("by this caller") == true, "\(last)")
                #expect((1...900_001).contains(error?["data"]?["retry_after_ms"]?.integer ?? 0))
            }
        }

        @Test func `the owner of the right password passes beside a guesser, and both are told apart by address`()
            async throws
        {
            let cases = [
                (guesser: ["198.51.100.7", "::ffff:198.51.100.7"], owner: "198.51.100.8"),
                (guesser: ["2001:db8:1:2::1", "2001:db8:1:2:ffff::2"], owner: "2001:db8:1:3::1"),
            ]
            for (guesser, owner) in cases {
                try await TestBed.with(agent: .throttled(rule: "TrustClientIP=yes")) { (world: TestBed) async throws in
                    func login(_ password: String, from address: String) throws -> String {
                        let more = #","client_attributes":{"ip_address":"\#(address)"}"#
                        return try world.agent.authenticate("alice", password, more: more).kindOrVerdict
                    }
                    for number in 0..<4 {
                        #expect(try login(Passwords.wrong, from: guesser[number % 2]) == "denied")
                    }
                    for address in guesser { #expect(try login(Passwords.alice, from: address) == "throttled") }
                    #expect(try login(Passwords.alice, from: owner) == "granted")
                    // That forgives the guesser nothing.
                    #expect(try login(Passwords.wrong, from: guesser[0]) == "throttled")
                }
            }
        }

        @Test func `an address that cannot be read is refused where it is trusted, and one with its port is taken`()
            async throws
        {
            try await TestBed.with(agent: .throttled(rule: "TrustClientIP=yes")) { world in
                func login(from address: String) throws -> JSONTree {
                    let more = #","client_attributes":{"ip_address":"\#(address)"}"#
                    return try world.agent.authenticate("alice", Passwords.wrong, more: more)
                }
                for address in ["unknown", "198.51.100.7, 10.0.0.1", "[2001:db8::1]", "198.051.100.7"] {
                    let error = try login(from: address)["error"]
                    #expect(error?["code"]?.integer == -32602, "\(address)")
                    #expect(error?["data"]?["param"]?.string == "client_attributes.ip_address")
                }
                let spellings = ["198.51.100.7", "198.51.100.7:443", "::ffff:198.51.100.7", "[::ffff:198.51.100.7]:1"]
                for address in spellings { #expect(try login(from: address).kindOrVerdict == "denied") }
                #expect(try login(from: "198.51.100.7:444").kindOrVerdict == "throttled")
                #expect(try login(from: "198.51.100.8:443").kindOrVerdict == "denied")
            }
        }

        @Test func `addresses count for nothing where the rule does not trust them`() async throws {
            try await TestBed.with(agent: .throttled()) { world in
                for number in 1...6 {
                    let more = #","client_attributes":{"ip_address":"198.51.100.\#(number)"}"#
                    let answer = try world.agent.authenticate("alice", Passwords.wrong, more: more)
                    #expect(answer.kindOrVerdict == (number <= 4 ? "denied" : "throttled"))
                }
            }
        }

        @Test func `known and unknown users get the same bytes`() async throws {
            try await TestBed.with(agent: .throttled()) { world in
                func lines(of user: String) throws -> [String] {
                    let connection = try LineSocket(world.agent.socket)
                    return try (1...5).map { number in
                        let params = #"{"username":"\#(user)","password":"\#(Passwords.wrong)"}"#
                        try connection.sendLine(
                            #"{"jsonrpc":"2.0","id":\#(number),"method":"password.authenticate","params":\#(params)}"#
                        )
                        return try #require(try connection.readLine()).withoutWhatDiffers
                    }
                }
                let known = try lines(of: "alice")
                #expect(known[4].contains(#""code":1002"#))
                #expect(try lines(of: "nobody") == known)
                #expect(try lines(of: "gone") == known)
            }
        }

        @Test func `an outage throttles nobody`() async throws {
            try await TestBed.with(agent: .throttled(["AttemptBudget=1"])) { world in
                let faults: [JSONTree] = [
                    ["action": "status", "status": 503], ["action": "reset"], ["action": "malformed"],
                    ["action": "status", "status": 429, "retry_after": 1],
                ]
                let control = try SandboxControl(world.sandbox)
                for fault in faults {
                    try await control.fail("E17", fault.with(["count": 1]))
                    let answer = try world.agent.authenticate("alice", Passwords.wrong)
                    #expect(answer["error"] != nil && answer.kindOrVerdict != "throttled", "\(fault): \(answer)")
                }
                // The last one asked for a pause.
                try await waitUntil("Mosaic may be asked again") {
                    try world.agent.authenticate("alice", Passwords.wrong).kindOrVerdict != "upstream_rate_limited"
                }
                #expect(try world.agent.authenticate("alice", Passwords.wrong).kindOrVerdict == "throttled")
                #expect(try await world.sandbox.passwordFailures(of: "alice") == 1)
            }
        }

        @Test func `sixteen refusals that decide nothing hold the caller up at that user`() async throws {
            try await TestBed.with(agent: .throttled()) { world in
                try await SandboxControl(world.sandbox).fail("E17", ["action": "status", "status": 403])
                func end(_ user: String) throws -> String {
                    try world.agent.authenticate(user, Passwords.alice).kindOrVerdict
                }
                let ends = try (1...18).map { _ in try end("alice") }
                #expect(ends == .init(repeating: "upstream_forbidden", count: 16) + .init(throttled: 2))
                #expect(try end("temp") == "upstream_forbidden")
            }
        }

        @Test(arguments: ["cancel", "deadline"])
        func `who cuts its guesses short has them counted`(way: String) async throws {
            try await TestBed.with(agent: .throttled(["AttemptBudget=1"])) { world in
                let control = try SandboxControl(world.sandbox)
                _ = try world.agent.askControl("daemon.refresh_token")
                try await control.fail("E17", ["action": "latency", "latency_ms": 60_000, "count": 1])
                let connection = try LineSocket(world.agent.socket)
                let meta = way == "deadline" ? #","meta":{"deadline_ms":3000}"# : ""
                let params = #"{"username":"alice","password":"\#(Passwords.wrong)"\#(meta)}"#
                try connection.sendLine(
                    #"{"jsonrpc":"2.0","id":1,"method":"password.authenticate","params":\#(params)}"#
                )
                try await waitUntil("Mosaic has the guess") { try await control.count("E17") == 1 }
                if way == "cancel" {
                    try connection.sendLine(#"{"jsonrpc":"2.0","method":"$/cancel","params":{"id":1}}"#)
                }
                let ended = try connection.readAnswer()
                #expect(ended.kindOrVerdict == (way == "cancel" ? "cancelled" : "deadline_exceeded"))
                #expect(ended["error"]?["data"]?["outcome"]?.string == "unknown")
                #expect(try world.agent.authenticate("alice", Passwords.wrong).kindOrVerdict == "throttled")
            }
        }

        @Test func `a reload changes the budget, and the check warns of one that Mosaic's lockout comes before`()
            async throws
        {
            try await TestBed.with(agent: .throttled(["AttemptBudget=1"])) { world in
                func guess() throws -> String { try world.agent.authenticate("alice", Passwords.wrong).kindOrVerdict }
                #expect(try [guess(), guess()] == ["denied", "throttled"])
                for (budget, further) in [(3, ["denied", "denied", "throttled"]), (2, ["throttled"])] {
                    try world.agent.rewriteConfiguration { text in
                        text.replacing(#/AttemptBudget=\d+/#, with: "AttemptBudget=\(budget)")
                    }
                    #expect(try await world.agent.ctl("reload").status == 0)
                    #expect(try further.map { _ in try guess() } == further)
                }
                try world.agent.rewriteConfiguration { $0.replacing("AttemptBudget=2", with: "AttemptBudget=5") }
                let check = try await RunningProcess.run(
                    Binaries.mosaicd,
                    ["--config", world.agent.configuration, "--check-config"],
                    in: world.scratch
                )
                #expect(check.status == 0 && check.output.contains("AttemptBudget=: is 5 or more"), "\(check.output)")
            }
        }

        @Test func `the record names budget and user, and mosaicctl exits with 5`() async throws {
            try await TestBed.with(agent: .throttled(["AttemptBudget=1"])) { world in
                func login() async throws -> RunningProcess.Outcome {
                    try await world.agent.ctl("login", "alice", "--password-stdin", input: Passwords.wrong)
                }
                #expect(try await login().status == 1)
                let refused = try await login()
                #expect(refused.status == 5)
                #expect(refused.error.contains("too many failed attempts"), "\(refused.error)")
                let hash = try await world.agent.ctl("target-hash", "alice").output
                    .trimmingCharacters(in: .newlines)
                _ = try await world.agent.process.terminate()
                let records = try world.agent.auditRecords(of: "password.authenticate")
                #expect(records.map { $0["MOSAIC_ERROR"]?.string } == [nil, "throttled"])
                let record = try #require(records.last)
                #expect(record["MESSAGE_ID"]?.string == "0f939d443a7d48798b1c676d2d6bb890")
                #expect(record["MOSAIC_REASON"]?.string == "attempts")
                #expect(record["MOSAIC_OUTCOME"]?.string == "not_sent")
                #expect(record["MOSAIC_TARGET"]?.string == hash)
                #expect(record["MOSAIC_TARGET"] == records.first?["MOSAIC_TARGET"])
            }
        }
    }
}
