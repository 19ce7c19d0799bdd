import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Messages to users through the agent, with the budgets that it has of its own accord.
    @Suite struct SendThrottle {
        private static func code(to address: String, id: Int = 1, more: String = "") -> String {
            #"{"jsonrpc":"2.0","id":\#(id),"method":"otp.send","params":{"channel":"email","identifier_type":"email","#
                + #""identifier":"\#(address)"\#(more)}}"#
        }

        @Test func `a user gets one message in half a minute, and who is unknown is throttled alike`() async throws {
            try await TestBed.with(agent: .throttled()) { world in
                func lines(of address: String) throws -> [String] {
                    let connection = try LineSocket(world.agent.socket)
                    return try (1...3).map { number in
                        try connection.sendLine(Self.code(to: address, id: number))
                        return try #require(try connection.readLine()).withoutWhatDiffers
                    }
                }
                let known = try lines(of: "alice@example.com")
                #expect(known[0] == #"{"jsonrpc":"2.0","id":1,"result":{"verdict":"accepted"}}"#)
                for line in known[1...] { #expect(line.contains(#""code":1002"#) && line.contains("too many sends")) }
                #expect(try lines(of: "nobody@example.com") == known)
                #expect(try await SandboxControl(world.sandbox).messageCount(to: "alice@example.com") == 1)

                let refused = try LineSocket(world.agent.socket).ask(Self.code(to: "alice@example.com"))
                #expect((1...30_001).contains(refused["error"]?["data"]?["retry_after_ms"]?.integer ?? 0))
            }
        }

        @Test func `an hour has a budget, over all ways to reach the user`() async throws {
            let options = AgentOptions.throttled(["SendInterval=0", "SendBudget=2"], allow: "login reset")
            try await TestBed.with(agent: options) { world in
                let connection = try LineSocket(world.agent.socket)
                #expect(try connection.ask(Self.code(to: "alice@example.com")).kindOrVerdict == "accepted")
                let mail = try world.agent.ask("reset.send_email_otp", #"{"email":"alice@example.com"}"#)
                #expect(mail.kindOrVerdict == "accepted")
                let refused = try connection.ask(Self.code(to: "alice@example.com"))
                #expect(refused.kindOrVerdict == "throttled")
                #expect((3_500_000...3_600_001).contains(refused["error"]?["data"]?["retry_after_ms"]?.integer ?? 0))
                #expect(try connection.ask(Self.code(to: "temp@example.com")).kindOrVerdict == "accepted")
            }
        }

        @Test func `a message of another kind need not wait, and a spelling of the address brings no budget`()
            async throws
        {
            try await TestBed.with(agent: .throttled(allow: "login reset")) { world in
                let connection = try LineSocket(world.agent.socket)
                let spellings = ["alice@example.com", "Alice@example.com", "ALICE@EXAMPLE.COM"]
                #expect(
                    try spellings.map { try connection.ask(Self.code(to: $0)).kindOrVerdict }
                        == ["accepted", "throttled", "throttled"]
                )
                let mail = try world.agent.ask("reset.send_email_otp", #"{"email":"alice@example.com"}"#)
                #expect(mail.kindOrVerdict == "accepted")
                #expect(try await world.sandbox.count("E20") == 1)
                #expect(try await world.sandbox.count("E8") == 1)
            }
        }

        @Test func `a caller has a rate over all users`() async throws {
            try await TestBed.with(agent: .throttled(["CallerSendBudget=2"])) { world in
                let connection = try LineSocket(world.agent.socket)
                let ends = try ["alice", "temp", "nobody"].map { user in
                    try connection.ask(Self.code(to: "\(user)@example.com")).kindOrVerdict
                }
                #expect(ends == ["accepted", "accepted", "throttled"])
            }
        }

        @Test func `a repeat under its key costs nothing`() async throws {
            try await TestBed.with(agent: .throttled()) { world in
                let connection = try LineSocket(world.agent.socket)
                let answers = try ["a", "a", "a", "b"].map { key in
                    let more = #","meta":{"idempotency_key":"\#(key)"}"#
                    return try connection.ask(Self.code(to: "alice@example.com", more: more))
                }
                #expect(answers.map(\.kindOrVerdict) == ["accepted", "accepted", "accepted", "throttled"])
                #expect(answers.map { $0["result"]?["replayed"]?.boolean } == [nil, true, true, nil])
                #expect(try await SandboxControl(world.sandbox).messageCount(to: "alice@example.com") == 1)
            }
        }

        @Test func `what was provably not sent is given back`() async throws {
            try await TestBed.with(agent: .throttled()) { world in
                _ = try world.agent.askControl("daemon.refresh_token")
                world.sandbox.process.killNow()
                let connection = try LineSocket(world.agent.socket)
                // A connection that was open may take a first call before its end is noticed.
                try await waitUntil("nothing can be sent any more") {
                    let answer = try connection.ask(Self.code(to: "\(UInt32.random(in: 0...UInt32.max))@example.com"))
                    return answer["error"]?["data"]?["outcome"]?.string == "not_sent"
                }
                for _ in 1...3 {
                    let answer = try connection.ask(Self.code(to: "alice@example.com"))
                    #expect(answer.kindOrVerdict == "upstream_unavailable")
                }
            }
        }

        @Test func `mosaicctl exits with 5 and says when to try again`() async throws {
            try await TestBed.with(agent: .throttled()) { world in
                func send() async throws -> RunningProcess.Outcome {
                    try await world.agent.ctl(
                        "otp",
                        "send",
                        "alice@example.com",
                        "--type",
                        "email",
                        "--channel",
                        "email"
                    )
                }
                #expect(try await send().status == 0)
                let refused = try await send()
                #expect(refused.status == 5 && refused.error.contains("too many sends"), "\(refused.error)")
                _ = try await world.agent.process.terminate()
                let record = try #require(try world.agent.auditRecords(of: "otp.send").last)
                #expect(record["MOSAIC_ERROR"]?.string == "throttled" && record["MOSAIC_REASON"]?.string == "sends")
            }
        }
    }
}
