import Foundation
import Testing

extension EndToEnd {
    /// The rules of the line protocol, as a client that shares no code with the agent sees them.
    @Suite struct Socket {
        @Test func `a hundred pipelined requests are answered exactly once each`() async throws {
            try await TestBed.with { world in
                let connection = try LineSocket(world.agent.socket)
                let lines = (0..<100).map { #"{"jsonrpc":"2.0","id":\#($0),"method":"system.ping"}"# + "\n" }
                try connection.send(Array(lines.joined().utf8))
                connection.finishSending()
                var ids: [Int] = []
                while let line = try connection.readLine() {
                    let answer = try JSONTree(line)
                    #expect(answer["result"] != nil)
                    ids.append(try #require(answer["id"]?.integer))
                }
                #expect(ids.sorted() == Array(0..<100))
            }
        }

        @Test func `a request split at every byte is answered like a whole one`() async throws {
            try await TestBed.with { world in
                let line = Array((#"{"jsonrpc":"2.0","id":"é\u00e9","method":"system.ping"}"# + "\n").utf8)
                for split in 0...line.count {
                    let connection = try LineSocket(world.agent.socket)
                    try connection.send(line[..<split])
                    try connection.send(line[split...])
                    let answer = try #require(try connection.readLine())
                    #expect(answer.contains(#""id":"é\u00e9""#), "split at \(split): \(answer)")
                }
            }
        }

        @Test func `printf piped into nc gets its answer`() async throws {
            try await TestBed.with { world in
                let request = #"{"jsonrpc":"2.0","id":1,"method":"system.ping"}"#
                let outcome = try await RunningProcess.run(
                    "/bin/sh",
                    ["-c", #"printf '%s\n' "$0" | nc -N -U "$1""#, request, world.agent.socket],
                    label: "nc",
                    in: world.scratch
                )
                #expect(outcome.status == 0)
                #expect(try JSONTree(outcome.output)["id"]?.integer == 1)
            }
        }

        @Test func `a connection that sends garbage does not disturb the others`() async throws {
            try await TestBed.with { world in
                let good = try LineSocket(world.agent.socket)
                #expect(try good.ask(#"{"jsonrpc":"2.0","id":0,"method":"system.ping"}"#)["result"] != nil)
                var generator = SystemRandomNumberGenerator()
                for round in 1...20 {
                    let bad = try LineSocket(world.agent.socket)
                    let garbage = (0..<5000).map { _ in UInt8.random(in: 0...255, using: &generator) }
                    try? bad.send(garbage)
                    try? bad.send([10])
                    // Whatever the garbage was, its lines are refused, never obeyed.
                    #expect(try bad.readAnswer()["error"]?["code"]?.integer ?? 0 <= -32600)
                    #expect(try good.ask(#"{"jsonrpc":"2.0","id":\#(round),"method":"system.ping"}"#)["result"] != nil)
                }
            }
        }

        @Test func `an over-long line is refused before its end, what runs is answered, then the agent closes`()
            async throws
        {
            try await TestBed.with { world in
                let connection = try LineSocket(world.agent.socket)
                try connection.sendLine(
                    #"{"jsonrpc":"2.0","id":1,"method":"password.authenticate","params":"#
                        + #"{"username":"alice","password":"\#(Passwords.alice)"}}"#
                )
                try connection.send(Array(repeating: UInt8(ascii: "x"), count: 65_537))
                var answers: [JSONTree] = []
                while let line = try connection.readLine() { answers.append(try JSONTree(line)) }
                #expect(answers.count == 2)
                let refusal = try #require(answers.first { $0["id"] == .null })
                #expect(refusal["error"]?["code"]?.integer == -32600)
                #expect(answers.first { $0["id"]?.integer == 1 }?["result"]?["verdict"]?.string == "granted")
            }
        }

        @Test func `a connection that says nothing is told so before it closes`() async throws {
            try await TestBed.with(agent: AgentOptions(daemon: ["FirstLineTimeout=300ms"])) { world in
                let silent = try LineSocket(world.agent.socket)
                try silent.send([10, 13, 10])
                let answer = try silent.readAnswer()
                #expect(answer["id"] == .null && answer["error"]?["code"]?.integer == -32600)
                #expect(try silent.readLine() == nil)
                // One that has said something may be silent from then on.
                let used = try LineSocket(world.agent.socket)
                #expect(try used.ask(#"{"jsonrpc":"2.0","id":1,"method":"system.ping"}"#)["result"] != nil)
                let other = try LineSocket(world.agent.socket)
                #expect(try other.readAnswer()["error"]?["code"]?.integer == -32600)
                #expect(try used.ask(#"{"jsonrpc":"2.0","id":2,"method":"system.ping"}"#)["result"] != nil)
            }
        }

        @Test func `the two sockets share nothing but system methods and discovery`() async throws {
            try await TestBed.with { world in
                let refused = try world.agent.ask("daemon.status", "{}")
                #expect(refused["error"]?["code"]?.integer == -32601)
                let status = try world.agent.askControl("daemon.status")
                #expect(status["result"] != nil)
                let login = try world.agent.askControl("password.authenticate", #"{"username":"a","password":"b"}"#)
                #expect(login["error"]?["code"]?.integer == -32601)
            }
        }

        @Test func `SIGTERM lets running calls finish, then the agent exits with status 0`() async throws {
            try await TestBed.with { world in
                try await world.sandbox.control("faults", "set", "E17", "--action", "latency", "--latency-ms", "700")
                let connection = try LineSocket(world.agent.socket)
                try connection.sendLine(
                    #"{"jsonrpc":"2.0","id":1,"method":"password.authenticate","params":"#
                        + #"{"username":"alice","password":"\#(Passwords.alice)"}}"#
                )
                try await waitUntil("the login reaches the sandbox") { try await world.sandbox.count("E17") == 1 }
                let outcome = try await world.agent.process.terminate()
                #expect(outcome.status == 0, "\(outcome.error)")
                #expect(try connection.readAnswer()["result"]?["verdict"]?.string == "granted")
                #expect(try connection.readLine() == nil)
                #expect(!FileManager.default.fileExists(atPath: world.agent.socket))
                try await waitUntil("it has said that it stops") {
                    world.agent.notifications.assignments().contains("STOPPING=1")
                }
            }
        }

        @Test func `a second instance is refused and the first goes on`() async throws {
            try await TestBed.with { world in
                let second = try await RunningProcess.run(
                    Binaries.mosaicd,
                    ["--config", world.agent.configuration],
                    label: "second",
                    in: world.scratch
                )
                #expect(second.status != 0)
                #expect(second.error.contains(world.agent.socket), "\(second.error)")
                #expect(try world.agent.ask("system.ping", "{}")["result"] != nil)
            }
        }

        @Test func `mosaicctl wait returns when an agent that starts later answers, and is healthy`() async throws {
            try await TestBed.with { world in
                _ = try await world.agent.process.terminate()
                #expect(try await world.agent.ctl("wait", "--timeout", "0.2").status == 6)
                async let answers = world.agent.ctl("wait")
                async let isHealthy = world.agent.ctl("wait", "--healthy")
                let next = try await world.restartAgent()
                defer { next.process.killNow() }
                #expect(try await answers.status == 0)
                let healthy = try await isHealthy
                #expect(healthy.status == 0 && healthy.output.hasPrefix("healthy\n"), "\(healthy.error)")
            }
        }

        @Test func `after kill -9 the stale socket does not stop the next start`() async throws {
            try await TestBed.with { world in
                world.agent.process.killNow()
                _ = try await world.agent.process.outcome()
                let next = try await world.restartAgent()
                defer { next.process.killNow() }
                #expect(try next.authenticate("alice", Passwords.alice)["result"]?["verdict"]?.string == "granted")
            }
        }
    }
}
