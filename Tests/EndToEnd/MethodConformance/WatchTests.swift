import Foundation
import Testing

extension EndToEnd {
    /// `daemon.watch`, through real programs.
    @Suite struct Watch {
        private static func watch(_ world: TestBed, _ params: String = "{}", id: String = "1") throws -> LineSocket {
            let socket = try LineSocket(world.agent.controlSocket)
            try socket.sendLine(#"{"jsonrpc":"2.0","id":\#(id),"method":"daemon.watch","params":\#(params)}"#)
            let first = try socket.readAnswer()
            #expect(first["method"] == "daemon.event" && first["id"] == nil)
            #expect(first["params"]?["kind"] == "watch_started")
            return socket
        }

        /// The parameters of the next notification.
        private static func event(_ socket: LineSocket) throws -> JSONTree {
            try #require(try socket.readAnswer()["params"])
        }

        @Test func `what happens is told as it happens, without secrets, until the watch is cancelled`() async throws {
            try await TestBed.with { world in
                // The first token would be told at some time.
                _ = try world.agent.askControl("daemon.refresh_token")
                // All that can be made to happen from outside; a health change depends on the clock and is left out.
                let kinds = """
                    "call_finished","configuration_reloaded","configuration_refused","token_fetched","token_failed",\
                    "credential_rotated","log_level_changed"
                    """
                let socket = try Self.watch(world, #"{"events":[\#(kinds)]}"#, id: #""w""#)
                let hash = try #require(
                    try world.agent.askControl("daemon.target_hash", #"{"kind":"username","value":"alice"}"#)["result"]
                )
                #expect(try Self.event(socket)["call"]?["method"] == "daemon.target_hash")
                _ = try world.agent.authenticate("alice", Passwords.alice)
                let login = try Self.event(socket)
                #expect(login["watch"] == "w" && login["kind"] == "call_finished" && login["dropped"] == nil)
                #expect(login["time"]?.string?.contains(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/) == true)
                let shape = Shape.members([
                    "call_id": .text, "socket": .equal("main"), "method": .equal("password.authenticate"),
                    "result": .equal("granted"), "uid": .equal(.number(Double(getuid()))), "pid": .count,
                    "duration_us": .count, "replay": .equal(false), "client": .equal("default"),
                    "rule": .equal("tests"), "target": .equal(hash["target"] ?? .null),
                    "upstream_status": .equal(200),
                ])
                #expect(shape.problems(login["call"], at: "call") == [])

                _ = try world.agent.askControl("daemon.log_level", #"{"level":"debug"}"#)
                let level = try Self.event(socket)
                let uid = JSONTree.number(Double(getuid()))
                #expect(level["log_level"] == ["level": "debug", "previous": "trace", "uid": uid])
                #expect(try Self.event(socket)["call"]?["method"] == "daemon.log_level")

                let good = try String(contentsOfFile: world.agent.configuration, encoding: .utf8)
                _ = try world.scratch.write("agent.conf", good + "\n[Client other]\nNonsense=yes\n")
                _ = try world.agent.askControl("daemon.reload")
                let refused = try Self.event(socket)
                #expect(refused["kind"] == "configuration_refused")
                #expect(refused["configuration"]?["problem"]?.string?.contains("agent.conf") == true)
                #expect(try Self.event(socket)["call"]?["method"] == "daemon.reload")
                _ = try world.scratch.write("agent.conf", good)
                _ = try world.agent.askControl("daemon.reload")
                // The reload puts the level back.
                #expect(try Self.event(socket)["log_level"] == ["level": "trace", "previous": "debug"])
                #expect(try Self.event(socket)["kind"] == "configuration_reloaded")
                _ = try Self.event(socket)

                _ = try world.agent.askControl("daemon.refresh_token")
                let fetched = try Self.event(socket)
                #expect(fetched["kind"] == "token_fetched" && fetched["token"]?["client"] == "default")
                #expect(fetched["token"]?["expires_in_s"]?.integer ?? 0 > 0)
                _ = try Self.event(socket)
                let sandbox = try SandboxControl(world.sandbox)
                try await sandbox.fail("E1", ["action": "status", "status": 503])
                _ = try world.agent.askControl("daemon.refresh_token", #"{"meta":{"deadline_ms":500}}"#)
                let failed = try Self.event(socket)
                #expect(failed["kind"] == "token_failed", "\(failed)")
                #expect(failed["token"]?["error"] == "upstream_unavailable.5xx", "\(failed)")
                try await sandbox.clearFaults()

                try socket.sendLine(#"{"jsonrpc":"2.0","method":"$/cancel","params":{"id":"w"}}"#)
                var end = try socket.readAnswer()
                while end["method"] != nil { end = try socket.readAnswer() }
                #expect(end["id"] == "w" && end["error"]?["code"] == -32800 && end["result"] == nil)
                #expect(end["error"]?["data"]?["outcome"] == nil)
                // The connection serves on, and what happens now is told to nobody.
                #expect(try socket.ask(#"{"jsonrpc":"2.0","id":2,"method":"system.ping"}"#)["result"] == [:])
            }
        }

        @Test func `a watch tells only what it was asked for, and two on one connection are told apart`() async throws {
            try await TestBed.with { world in
                let socket = try Self.watch(world, #"{"events":["log_level_changed"]}"#)
                try socket.sendLine(
                    #"{"jsonrpc":"2.0","id":2,"method":"daemon.watch","params":{"events":["call_finished"]}}"#
                )
                #expect(try Self.event(socket)["watch"] == 2)
                _ = try world.agent.ask("system.ping", "{}")
                #expect(try Self.event(socket)["watch"] == 2)
                _ = try world.agent.askControl("daemon.log_level", #"{"level":"info"}"#)
                let both = try [Self.event(socket), Self.event(socket)]
                #expect(
                    Set(both.map { "\($0["watch"]?.integer ?? 0) \($0["kind"]?.string ?? "")" }) == [
                        "1 log_level_changed", "2 call_finished",
                    ]
                )
                for (params, parameter) in [
                    (#"{"events":["nonsense"]}"#, "events"), (#"{"events":"call_finished"}"#, "events"),
                    (#"{"events":["watch_started"]}"#, "events"), (#"{"meta":{"deadline_ms":0}}"#, "meta.deadline_ms"),
                ] {
                    let data = try world.agent.askControl("daemon.watch", params)["error"]?["data"]
                    #expect(data?["kind"] == "invalid_params" && data?["param"]?.string == parameter, "\(params)")
                }
            }
        }

        @Test func `a deadline ends a watch that has one, and the stop of the agent every watch at once`() async throws
        {
            try await TestBed.with { world in
                let short = try Self.watch(world, #"{"events":["token_failed"],"meta":{"deadline_ms":200}}"#)
                #expect(try short.readAnswer()["error"]?["data"]?["kind"] == "deadline_exceeded")
                let long = try Self.watch(world, #"{"events":["token_failed"]}"#)
                let ctl = try RunningProcess(
                    Binaries.mosaicctl,
                    ["--control-socket", world.agent.controlSocket, "watch", "--event", "token_failed"],
                    label: "watch",
                    in: world.scratch
                )
                defer { ctl.killNow() }
                try await waitUntil("mosaicctl watches") { ctl.output.contains("watch_started") }
                let start = ContinuousClock.now
                let end = try await world.agent.process.terminate()
                #expect(end.status == 0)
                // The calls in flight would have 15 s.
                #expect(ContinuousClock.now - start < .seconds(10))
                #expect(try long.readAnswer()["error"]?["data"]?["kind"] == "shutting_down")
                #expect(try long.readLine() == nil)
                #expect(try await ctl.outcome().status == 6)
            }
        }

        @Test func `a reader that does not read loses events, is told how many, and holds up nobody`() async throws {
            try await TestBed.with { world in
                let socket = try Self.watch(world, #"{"events":["call_finished"]}"#)
                let caller = try LineSocket(world.agent.socket)
                let rounds = 250
                let batch = (1...20).map { #"{"jsonrpc":"2.0","id":\#($0),"method":"system.ping"}"# + "\n" }.joined()
                for _ in 0..<rounds {
                    try caller.send(Array(batch.utf8))
                    for _ in 0..<20 { #expect(try caller.readAnswer()["result"] == [:]) }
                }
                // Of another method, to know where the end is.
                var told = 0
                var dropped = 0
                var sent = rounds * 20
                _ = try caller.ask(#"{"jsonrpc":"2.0","id":1,"method":"system.hello"}"#)
                var isOver = false
                while !isOver {
                    let event = try Self.event(socket)
                    told += 1
                    dropped += event["dropped"]?.integer ?? 0
                    if event["call"]?["method"] == "system.hello" { isOver = true }
                    // The call that was to mark the end may be among those left out: make another.
                    if !isOver, told + dropped > sent - 1 { break }
                    if told % 500 == 0 {
                        _ = try caller.ask(#"{"jsonrpc":"2.0","id":1,"method":"system.hello"}"#)
                        sent += 1
                    }
                }
                #expect(dropped > 0, "\(told) told")
                let metrics = try world.agent.ask("system.ping", "{}")
                #expect(metrics["result"] == [:])
            }
        }

        @Test(arguments: [SIGINT, SIGTERM])
        func `mosaicctl watch writes a line per event and ends in order when it is interrupted`(
            signal: Int32
        ) async throws {
            try await TestBed.with { world in
                let text = try RunningProcess(
                    Binaries.mosaicctl,
                    ["--control-socket", world.agent.controlSocket, "watch", "--event", "call_finished"],
                    label: "text",
                    in: world.scratch
                )
                defer { text.killNow() }
                let json = try RunningProcess(
                    Binaries.mosaicctl,
                    ["--control-socket", world.agent.controlSocket, "--json", "watch"],
                    label: "json",
                    in: world.scratch
                )
                defer { json.killNow() }
                try await waitUntil("both watch") {
                    text.output.contains("watch_started") && json.output.contains("watch_started")
                }
                _ = try world.agent.authenticate("alice", "a guess")
                try await waitUntil("both have told") {
                    text.output.contains("password.authenticate denied") && json.output.contains(#""denied""#)
                }
                for process in [text, json] { kill(process.identifier, signal) }
                #expect(try await text.outcome().status == 0)
                let end = try await json.outcome()
                #expect(end.status == 0 && end.error.isEmpty, "\(end)")
                for line in end.output.split(separator: "\n") {
                    let object = try JSONTree(line)
                    #expect(object["schema"] == "mosaicctl/1" && object["command"] == "watch")
                    #expect(object["event"]?["kind"]?.string?.isEmpty == false && object["exit_status"] == nil)
                }
                let limited = try await world.agent.ctl("watch", "--timeout", "0.2")
                #expect(limited.status == 0 && limited.output.contains("watch_started"), "\(limited)")
            }
        }
    }
}
