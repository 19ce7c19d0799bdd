import StrictJSON
import Synchronization
import TestSupport
import Testing

/// `mosaicctl throttle`.
@Suite(.longTimeLimit) struct ThrottleCommandTests {
    private static let hash = "18962e5e775744f39c214a47936fe87b"

    private static let limits = #"""
        "limits":{"attempt_budget":4,"attempt_window_ms":900000,"send_interval_ms":30000,"send_budget":5,
        "send_window_ms":3600000,"caller_send_budget":3600}
        """#.replacing("\n", with: "")

    private static let list = #"""
        "result":{\#(limits),
        "attempts":[
        {"target":"\#(hash)","clients":["default","b\u001b"],"failures":6,"in_flight":1,"exhausted":true,
        "retry_after_ms":840000,"callers_total":7,"callers":[{"uid":33,"failures":2,"address":"2001:db8:1:2::/64"},
        {"uid":34,"failures":1},{"uid":35,"failures":1},{"uid":36,"failures":1},{"uid":37,"failures":1}]},
        {"target":"00000000000000000000000000000001","clients":[],"failures":1,"in_flight":1,"exhausted":false,
        "undecided":16,"callers_total":1,"callers":[{"uid":33,"failures":1}]}],
        "sends":[{"target":"\#(hash)","clients":["default"],"uid":33,"count":5,"retry_after_ms":59500},
        {"target":"\#(hash)","clients":["default"],"uid":34,"address":"198.51.100.7","count":1}],
        "callers":[{"uid":33,"used":3600,"retry_after_ms":800}],
        "totals":{"attempts":2,"sends":9,"callers":1},"evicted":3}
        """#.replacing("\n", with: "")

    /// The lines of a text as their words.
    private static func words(_ text: String) -> [[String]] {
        text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    }

    @Test func `budgets are shown as tables, with what is left of them and when there is room again`() async throws {
        try await FakeAgent.answering { _ in
            Self.list
        } _: { path in
            let text = try await Ctl.run(["throttle", "list"], socket: path)
            #expect(text.status == 0 && text.error.isEmpty && !text.output.contains("\u{1B}"), "\(text)")
            let lines = text.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            #expect(
                lines == [
                    "Failed attempts on a user: 4 in 15 min",
                    "TARGET                            CLIENT           FAILED             ON THE WAY  LEFT  AGAIN      CALLERS",
                    "\(Self.hash)  default,b\\u{1b}  6                  1           none  in 14 min  33 at 2001:db8:1:2::/64 (2), "
                        + "34 (1), 35 (1), 36 (1), 3 more",
                    "00000000000000000000000000000001  -                1 (+16 undecided)  1           3     now        33 (1)",
                    "",
                    "Messages of a caller to a user: 5 in 1 h, one of a kind in 30 s",
                    "TARGET                            CLIENT   CALLER              SENT  LEFT  AGAIN",
                    "\(Self.hash)  default  33                  5     none  in 1 min",
                    "\(Self.hash)  default  34 at 198.51.100.7  1     4     now",
                    "(7 more; see --limit)",
                    "",
                    "Messages of a caller to all users: 3600 in 1 h",
                    "CALLER  USED  LEFT  AGAIN",
                    "33      3600  none  in 800 ms",
                    "",
                    "3 records have had to make room for others since the agent started: what is shown is not all there was.",
                    "",
                ],
                "\(text.output)"
            )
            let json = try await Ctl.run(["throttle", "list", "--json"], socket: path)
            #expect(try json.json["command"]?.string == "throttle list")
            #expect(try json.json["result"]?["attempts"]?.elements?.first { _ in true }?["callers"]?.count == 5)
            #expect(try json.json["result"]?["totals"]?["sends"]?.integer == 9)
        }
    }

    @Test func `where nobody is held up, the limits are told all the same`() async throws {
        try await FakeAgent.answering { _ in
            #""result":{\#(Self.limits),"attempts":[],"sends":[],"callers":[],"#
                + #""totals":{"attempts":0,"sends":0,"callers":0},"evicted":0}"#
        } _: { path in
            let text = try await Ctl.run(["throttle", "list"], socket: path)
            #expect(Self.words(text.output).filter { $0 == ["none"] }.count == 3 && text.status == 0, "\(text)")
            #expect(!text.output.contains("make room"))
        }
    }

    @Test(arguments: [
        (["list"], #"{"limit":100}"#), (["list", "--limit", "7"], #"{"limit":7}"#),
        (["list", "alice"], #"{"kind":"username","value":"alice","limit":100}"#),
        (["list", "a@b.c", "--type", "email"], #"{"kind":"email","value":"a@b.c","limit":100}"#),
        (["list", "--uid", "0"], #"{"uid":0,"limit":100}"#),
        (["list", "--target", hash.uppercased()], #"{"target":"\#(hash)","limit":100}"#),
        (["clear", "alice"], #"{"kind":"username","value":"alice"}"#),
        (["clear", "--type", "badge", "\u{e9}"], #"{"kind":"badge","value":"é"}"#),
        (["clear", "--target", hash], #"{"target":"\#(hash)"}"#),
        (["clear", "--uid", "4294967295"], #"{"uid":4294967295}"#),
        (["clear", "--all"], #"{"all":true}"#),
    ])
    func `the agent is asked for what the command line says`(arguments: [String], params: String) async throws {
        let asked = Mutex<[String]>([])
        try await FakeAgent.answering { request in
            asked.withLock {
                $0.append((request["method"]?.string ?? "") + " " + (request["params"]?.rawText.description ?? ""))
            }
            return arguments[0] == "list" ? Self.list : #""result":{"failures":0,"sends":0,"callers":0}"#
        } _: { path in
            let outcome = try await Ctl.run(["throttle"] + arguments, socket: path)
            #expect(outcome.status == 0, "\(outcome)")
        }
        #expect(asked.withLock { $0 } == ["throttle.\(arguments[0]) \(params)"])
    }

    @Test(arguments: [
        ["clear"], ["clear", "alice", "--all"], ["clear", "--uid", "1", "--target", hash],
        ["clear", "--type", "email"],
        ["clear", "--all", "--type", "email"], ["clear", ""], ["clear", "--target", "18962e5e"],
        ["clear", "--uid", "root"],
        ["clear", "--uid", "-1"], ["list", "alice", "--uid", "1"], ["list", "--type", "email"],
        ["list", "--limit", "0"],
        ["list", "--limit", "1001"], ["list", "--all"], [],
    ])
    func `a command line that does not say whom, or says it twice, is refused without a call`(
        arguments: [String]
    ) async throws {
        let outcome = try await Ctl.run(["throttle"] + arguments, socket: "/none")
        #expect(outcome.status == 64 && outcome.output.isEmpty && !outcome.error.isEmpty, "\(outcome)")
    }

    @Test(arguments: [
        (#"{"failures":4,"sends":1,"callers":1}"#, "Forgotten: 4 failed attempts, 1 message, 1 caller's budget.\n"),
        (#"{"failures":1,"sends":0,"callers":2}"#, "Forgotten: 1 failed attempt, 2 callers' budgets.\n"),
        (#"{"failures":0,"sends":0,"callers":0}"#, "There was nothing to forget.\n"),
    ])
    func `what is forgotten is told, and nothing to forget is no failure`(result: String, text: String) async throws {
        try await FakeAgent.answering { _ in
            #""result":\#(result)"#
        } _: { path in
            let outcome = try await Ctl.run(["throttle", "clear", "--all"], socket: path)
            #expect(outcome.status == 0 && outcome.output == text && outcome.error.isEmpty, "\(outcome)")
            let json = try await Ctl.run(["--json", "throttle", "clear", "alice"], socket: path)
            #expect(try json.json["result"]?.rawText.description == result && json.status == 0)
        }
    }

    @Test func `status has a line about the throttle, and a watch tells whose budget is used up`() async throws {
        let throttle = #"""
            ,"throttle":{"exhausted_targets":1,"failures":4,"failures_capacity":32768,"sends":2,"sends_capacity":16384,
            "callers":1,"callers_capacity":1024,"evicted":5}}
            """#.replacing("\n", with: "")
        try await FakeAgent.answering { _ in
            String(Canned.status.dropLast()) + throttle
        } _: { path in
            let text = try await Ctl.run(["status"], socket: path)
            let line = text.output.split(separator: "\n").first { $0.hasPrefix("throttle ") }
            #expect(
                line?.hasSuffix(
                    " 1 exhausted, 4 of 32768 failures, 2 of 16384 sends, 1 of 1024 callers, 5 evicted"
                ) == true,
                "\(text)"
            )
        }
        let event =
            #"{"jsonrpc":"2.0","method":"daemon.event","params":{"watch":1,"time":"t","kind":"attempts_exhausted","#
            + #""throttle":{"target":"\#(Self.hash)","client":"default","failures":4,"uid":33,"retry_after_ms":899100}}}"#
        try await FakeAgent.listening { connection in
            _ = try await connection.line()
            try await connection.send(event + "\n")
        } _: { path in
            let text = try await Ctl.run(["watch", "--event", "attempts_exhausted"], socket: path)
            #expect(
                text.output == "t attempts_exhausted target=\(Self.hash) client=default failures=4 uid=33 "
                    + "passes again in 15 min\n",
                "\(text)"
            )
        }
    }
}
