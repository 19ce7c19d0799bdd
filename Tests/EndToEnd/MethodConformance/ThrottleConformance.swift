import Foundation
import Testing

extension EndToEnd {
    /// `throttle.list` and `throttle.clear`, and what else tells of the throttle, through real programs.
    @Suite struct ThrottleConformance {
        private static let limits: JSONTree = [
            "attempt_budget": 4, "attempt_window_ms": 900_000, "send_interval_ms": 30_000, "send_budget": 5,
            "send_window_ms": 3_600_000, "caller_send_budget": 3600,
        ]

        private static let uid = JSONTree.number(Double(getuid()))

        private static func hash(of user: String, in world: TestBed) throws -> String {
            let params = #"{"kind":"username","value":"\#(user)"}"#
            return try #require(
                try world.agent.askControl("daemon.target_hash", params)["result"]?["target"]?.string
            )
        }

        @Test func `nothing is listed where nothing has happened, and nothing to clear is no error`() async throws {
            try await TestBed.with(agent: .throttled()) { world in
                #expect(
                    try world.agent.askControl("throttle.list")["result"] == [
                        "limits": Self.limits, "attempts": [], "sends": [], "callers": [],
                        "totals": ["attempts": 0, "sends": 0, "callers": 0], "evicted": 0,
                    ]
                )
                for params in [#"{"all":true}"#, #"{"uid":0}"#, #"{"kind":"email","value":"nobody@example.com"}"#] {
                    let cleared = try world.agent.askControl("throttle.clear", params)
                    #expect(cleared["result"] == ["failures": 0, "sends": 0, "callers": 0], "\(cleared)")
                }
                let ctl = try await world.agent.ctl("throttle", "clear", "--all")
                #expect(ctl.status == 0 && ctl.output == "There was nothing to forget.\n", "\(ctl)")
            }
        }

        @Test func `who is held up is listed, and passes again once that is cleared`() async throws {
            try await TestBed.with(agent: .throttled(rule: "TrustClientIP=yes")) { world in
                let hash = try Self.hash(of: "alice", in: world)
                let from = #","client_attributes":{"ip_address":"198.51.100.7"}"#
                for _ in 0..<5 { _ = try world.agent.authenticate("alice", Passwords.wrong, more: from) }
                _ = try world.agent.ask(
                    "otp.send",
                    #"{"channel":"email","identifier_type":"username","identifier":"alice"}"#
                )
                let list = try world.agent.askControl("throttle.list")["result"]
                let attempts = Shape.listOf(
                    .members([
                        "target": .equal(.string(hash)), "clients": .equal(["default"]), "failures": .equal(4),
                        "in_flight": .equal(0), "exhausted": .equal(true), "retry_after_ms": .count,
                        "callers_total": .equal(1),
                        "callers": .equal([["uid": Self.uid, "address": "198.51.100.7", "failures": 4]]),
                    ])
                )
                #expect(attempts.problems(list?["attempts"], at: "attempts") == [])
                #expect((800_000...900_001).contains(list?["attempts"]?[0]?["retry_after_ms"]?.integer ?? 0))
                let sends = Shape.listOf(
                    .members([
                        "target": .equal(.string(hash)), "clients": .equal(["default"]), "uid": .equal(Self.uid),
                        "count": .equal(1), "retry_after_ms": .count,
                    ])
                )
                #expect(sends.problems(list?["sends"], at: "sends") == [])
                #expect(list?["callers"] == [["uid": Self.uid, "used": 1]])
                #expect(list?["totals"] == ["attempts": 1, "sends": 1, "callers": 1] && list?["evicted"] == 0)

                let table = try await world.agent.ctl("throttle", "list", "alice")
                #expect(table.status == 0 && table.error.isEmpty, "\(table)")
                #expect(table.output.contains("\(hash)  default  4       0           none  in 1"), "\(table.output)")
                #expect(table.output.contains("at 198.51.100.7 (4)\n"))
                #expect(try world.agent.authenticate("alice", Passwords.alice, more: from).kindOrVerdict == "throttled")
                let cleared = try await world.agent.ctl("throttle", "clear", "--target", hash)
                #expect(
                    cleared.status == 0 && cleared.output == "Forgotten: 4 failed attempts, 1 message.\n",
                    "\(cleared)"
                )
                #expect(try world.agent.authenticate("alice", Passwords.alice, more: from).kindOrVerdict == "granted")
                let record = try await waitForRecord(of: "throttle.clear", in: world)
                #expect(record["MOSAIC_TARGET"]?.string == hash && record["MOSAIC_REASON"] == "target")
                #expect(record["MOSAIC_SOCKET"] == "control" && record["MOSAIC_VERDICT"] == "ok")
                // The caller's own budget is another matter.
                #expect(
                    try world.agent.askControl("throttle.clear", #"{"uid":\#(getuid())}"#)["result"]
                        == ["failures": 0, "sends": 0, "callers": 1]
                )
            }
        }

        private func waitForRecord(of method: String, in world: TestBed) async throws -> JSONTree {
            try await waitUntil("\(method) is recorded") { try !world.agent.auditRecords(of: method).isEmpty }
            return try #require(try world.agent.auditRecords(of: method).last)
        }

        @Test func `users are told by their hash also where the audit trail has them as they are`() async throws {
            try await TestBed.with(agent: .throttled(["AuditTargets=plain"])) { world in
                _ = try world.agent.authenticate("alice", Passwords.wrong)
                let list = try world.agent.askControl("throttle.list", #"{"kind":"username","value":"alice"}"#)
                let hash = try #require(list["result"]?["attempts"]?[0]?["target"]?.string)
                #expect(hash.wholeMatch(of: /[0-9a-f]{32}/) != nil)
                let cleared = try world.agent.askControl("throttle.clear", #"{"kind":"username","value":"alice"}"#)
                #expect(cleared["result"]?["failures"] == 1)
                let record = try await waitForRecord(of: "throttle.clear", in: world)
                #expect(record["MOSAIC_TARGET"] == "username:alice" && record["MOSAIC_REASON"] == "user")
            }
        }

        @Test func `both refuse what does not say whom exactly, and nobody else is heard`() async throws {
            let digits = "18962e5e775744f39c214a47936fe87b"
            try await TestBed.with(agent: .throttled()) { world in
                for _ in 0..<5 { _ = try world.agent.authenticate("alice", Passwords.wrong) }
                let both: [(String, String?)] = [
                    (#"{"kind":"username"}"#, "value"), (#"{"value":"alice"}"#, "kind"),
                    (#"{"kind":"","value":"alice"}"#, "kind"), (#"{"kind":"username","value":7}"#, "value"),
                    (#"{"target":"18962e5e"}"#, "target"), (#"{"target":"\#(digits.dropLast())g"}"#, "target"),
                    (#"{"uid":-1}"#, "uid"), (#"{"uid":4294967296}"#, "uid"), (#"{"uid":"root"}"#, "uid"),
                    (#"{"uid":0,"target":"\#(digits)"}"#, "uid"),
                    (#"{"kind":"username","value":"alice","uid":0}"#, "uid"),
                ]
                let list =
                    both + [(#"{"limit":0}"#, "limit"), (#"{"limit":1001}"#, "limit"), (#"{"all":true}"#, "all")]
                let clear =
                    both + [
                        ("{}", nil), (#"{"all":false}"#, "all"), (#"{"all":1}"#, "all"),
                        (#"{"all":true,"uid":0}"#, "all"),
                        (#"{"limit":1,"uid":0}"#, "limit"),
                    ]
                for (method, cases) in [("throttle.list", list), ("throttle.clear", clear)] {
                    for (params, parameter) in cases {
                        let error = try world.agent.askControl(method, params)["error"]
                        #expect(error?["code"] == -32602 && error?["data"]?["kind"] == "invalid_params", "\(params)")
                        #expect(error?["data"]?["param"]?.string == parameter, "\(method) \(params): \(error ?? .null)")
                    }
                    let elsewhere = try world.agent.ask(method, #"{"all":true}"#)["error"]
                    #expect(elsewhere?["code"] == -32601, "\(method)")
                }
                // Nothing of that has cleared anything.
                #expect(try world.agent.askControl("throttle.list")["result"]?["attempts"]?[0]?["failures"] == 4)
                #expect(try await world.agent.ctl("throttle", "clear").status == 64)
                #expect(try await world.agent.ctl("throttle", "clear", "--all", "alice").status == 64)
                #expect(try await world.agent.ctl("throttle", "list", "--uid", "0", "--target", digits).status == 64)
            }
        }

        @Test func `status, metrics and watches tell of it`() async throws {
            try await TestBed.with(agent: .throttled()) { world in
                let socket = try LineSocket(world.agent.controlSocket)
                try socket.sendLine(
                    #"{"jsonrpc":"2.0","id":1,"method":"daemon.watch","params":{"events":["attempts_exhausted"]}}"#
                )
                #expect(try socket.readAnswer()["params"]?["kind"] == "watch_started")
                for _ in 0..<6 { _ = try world.agent.authenticate("alice", Passwords.wrong) }
                let event = try socket.readAnswer()["params"]
                let shape = Shape.members([
                    "target": .equal(.string(try Self.hash(of: "alice", in: world))), "client": .equal("default"),
                    "failures": .equal(4), "uid": .equal(Self.uid), "retry_after_ms": .count,
                ])
                #expect(event?["kind"] == "attempts_exhausted")
                #expect(shape.problems(event?["throttle"], at: "throttle") == [])
                // Once for the six calls: the next line answers the next call.
                #expect(try socket.ask(#"{"jsonrpc":"2.0","id":2,"method":"system.ping"}"#)["result"] == [:])

                let status = try world.agent.askControl("daemon.status")["result"]?["throttle"]
                #expect(
                    status == [
                        "exhausted_targets": 1, "failures": 4, "failures_capacity": 32_768, "sends": 0,
                        "sends_capacity": 16_384, "callers": 0, "callers_capacity": 1024, "evicted": 0,
                    ]
                )
                let text = try await world.agent.ctl("status")
                #expect(text.output.contains("1 exhausted, 4 of 32768 failures, 0 of 16384 sends"), "\(text)")
                let metrics = try await world.agent.ctl("metrics")
                #expect(metrics.output.contains("mosaicd_throttle_refusals_total{budget=\"attempts\"} 2\n"))
                #expect(metrics.output.contains("mosaicd_throttle_records{kind=\"failures\"} 4\n"))
                #expect(metrics.output.contains("mosaicd_throttle_exhausted_targets 1\n"))
            }
        }
    }
}
