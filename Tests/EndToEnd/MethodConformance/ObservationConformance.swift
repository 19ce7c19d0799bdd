import Foundation
import Testing

extension EndToEnd {
    /// The methods with which an administrator looks into the agent while it works, through real programs.
    @Suite struct ObservationConformance {
        @Test func `the log level is told, changed for a while, and put back by a reload`() async throws {
            try await TestBed.with { world in
                let ask: (String) throws -> JSONTree = { try world.agent.askControl("daemon.log_level", $0) }
                #expect(
                    try ask("{}")["result"] == ["level": "trace", "source": "configuration", "configured": "trace"]
                )
                let error: JSONTree = ["level": "error", "source": "control", "configured": "trace"]
                #expect(try ask(#"{"level":"error"}"#)["result"] == error)
                #expect(try ask("{}")["result"] == error)
                // The level keeps messages back, but not who has changed it, nor audit records.
                try await waitUntil("the change is in the journal") {
                    world.agent.process.error.contains("log level changed")
                }
                _ = try world.agent.askControl("daemon.reload")
                #expect(try ask("{}")["result"]?["source"] == "configuration")
                let show = try await world.agent.ctl("log-level")
                #expect(show.status == 0 && show.output.contains("trace"), "\(show)")
                let set = try await world.agent.ctl("--json", "log-level", "warning")
                #expect(try JSONTree(set.output)["result"]?["level"] == "warning")
                let back = try await world.agent.ctl("log-level", "configured")
                #expect(back.output.contains("trace") && !back.output.contains("warning"), "\(back)")
                for level in [#""loud""#, #""Debug""#, #""""#, "1"] {
                    let data = try ask(#"{"level":\#(level)}"#)["error"]?["data"]
                    #expect(data?["kind"] == "invalid_params" && data?["param"] == "level", "\(level)")
                }
                #expect(try await world.agent.ctl("log-level", "loud").status == 64)
            }
        }

        @Test func `the connections are listed with who is there and what they do`() async throws {
            try await TestBed.with { world in
                let idle = try LineSocket(world.agent.socket)
                _ = try idle.ask(#"{"jsonrpc":"2.0","id":1,"method":"system.ping"}"#)
                let watching = try LineSocket(world.agent.controlSocket)
                try watching.sendLine(#"{"jsonrpc":"2.0","id":1,"method":"daemon.watch"}"#)
                _ = try watching.readLine()

                let answer = try world.agent.askControl("daemon.connections")
                let connections = answer["result"]?["connections"]?.array ?? []
                #expect(answer["result"]?["truncated"] == false)
                #expect(answer["result"]?["total"]?.integer == connections.count)
                let shape = Shape.including([
                    "id": .count, "uid": .equal(.number(Double(getuid()))), "gid": .equal(.number(Double(getgid()))),
                    "age_ms": .count, "unread_bytes": .equal(0), "reading": .equal(true), "probe": .boolean,
                ])
                for connection in connections { #expect(shape.problems(connection, at: "connection").isEmpty) }
                let mine = connections.filter { $0["pid"]?.integer == Int(getpid()) }
                #expect(mine.map { $0["socket"]?.string } == ["main", "control", "control"], "\(mine)")
                #expect(mine.map { $0["calls_in_flight"]?.integer } == [0, 1, 1])
                #expect(mine.map { $0["calls_answered"]?.integer } == [1, 0, 0])

                func total(_ params: String) throws -> Int? {
                    try world.agent.askControl("daemon.connections", params)["result"]?["connections"]?.array?.count
                }
                #expect(try total(#"{"socket":"main"}"#) == 1)
                #expect(try total(#"{"uid":4294967295}"#) == 0)
                let first = try world.agent.askControl("daemon.connections", #"{"limit":1}"#)["result"]
                #expect(first?["truncated"] == true && first?["connections"]?.array?.count == 1)
                let after = first?["connections"]?.array?.first?["id"]?.integer ?? 0
                let next = try world.agent.askControl("daemon.connections", #"{"after":\#(after)}"#)["result"]
                #expect(next?["connections"]?.array?.first?["id"]?.integer ?? 0 > after)
                for (params, parameter) in [
                    (#"{"uid":-1}"#, "uid"), (#"{"socket":"other"}"#, "socket"), (#"{"limit":0}"#, "limit"),
                    (#"{"limit":4097}"#, "limit"), (#"{"after":"1"}"#, "after"),
                ] {
                    let data = try world.agent.askControl("daemon.connections", params)["error"]?["data"]
                    #expect(data?["param"]?.string == parameter && data?["kind"] == "invalid_params", "\(params)")
                }
                let table = try await world.agent.ctl("connections", "--on", "main")
                #expect(table.output.split(separator: "\n").count == 2, "\(table)")
                #expect(table.output.hasPrefix("ID ") && table.output.contains("main"))
            }
        }

        @Test func `the metrics count what was done`() async throws {
            try await TestBed.with { world in
                _ = try world.agent.askControl("daemon.refresh_token")
                for password in ["a guess", Passwords.alice] { _ = try world.agent.authenticate("alice", password) }
                _ = try world.agent.ask("nosuch.method", "{}")
                let metrics = try world.agent.askControl("daemon.metrics")["result"]?["metrics"]?.array ?? []
                func sample(_ name: String, _ labels: [String: String] = [:]) -> JSONTree? {
                    let samples = metrics.first { $0["name"]?.string == name }?["samples"]?.array ?? []
                    return samples.first { sample in
                        labels.allSatisfy { sample["labels"]?[$0]?.string == $1 }
                    }
                }
                for (result, count) in [("granted", 1), ("denied", 1)] {
                    let labels = ["socket": "main", "method": "password.authenticate", "result": result]
                    #expect(sample("mosaicd_calls_total", labels)?["value"]?.integer == count)
                }
                #expect(sample("mosaicd_calls_total", ["method": "unknown"])?["value"] == 1)
                let upstream = ["client": "default", "endpoint": "password_authenticate"]
                #expect(sample("mosaicd_upstream_requests_total", upstream) != nil)
                #expect(sample("mosaicd_upstream_request_duration_seconds", upstream)?["count"] == 2)
                #expect(sample("mosaicd_token_fetches_total", ["result": "ok"])?["value"]?.integer ?? 0 >= 1)
                #expect(sample("mosaicd_token_validity_seconds", ["client": "default"])?["value"]?.number ?? 0 > 0)
                #expect(sample("mosaicd_health_status")?["value"] == 0)
                #expect(sample("mosaicd_connections", ["socket": "control"])?["value"]?.integer ?? 0 >= 1)
                #expect(sample("process_resident_memory_bytes")?["value"]?.integer ?? 0 > 1_000_000)
                #expect(sample("process_open_fds")?["value"]?.integer ?? 0 > 3)
                let start = sample("process_start_time_seconds")?["value"]?.number ?? 0
                #expect(abs(start - Date().timeIntervalSince1970) < 60)
                // No caller and no user is a label.
                let text = try await world.agent.ctl("metrics")
                #expect(text.status == 0 && !text.output.contains("alice"))
                #expect(text.output.contains("# TYPE mosaicd_calls_total counter\n"))
                let open = try await world.agent.ctl("metrics", "--format", "openmetrics")
                #expect(open.output.hasSuffix("# EOF\n") && open.output.contains("# TYPE mosaicd_calls counter\n"))
            }
        }
    }
}
