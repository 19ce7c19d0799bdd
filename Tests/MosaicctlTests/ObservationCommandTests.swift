import StrictJSON
import Synchronization
import TestSupport
import Testing

@testable import mosaicctl

/// The commands with which an administrator looks into the agent while it works.
@Suite(.longTimeLimit) struct ObservationCommandTests {
    private static func connection(_ id: Int, reading: Bool = true, unit: String? = nil) -> String {
        #"{"id":\#(id),"socket":"main","uid":33,"gid":33,"pid":7,"age_ms":61000,"calls_in_flight":1,"#
            + #""calls_parked":2,"calls_answered":3,"unread_bytes":4,"reading":\#(reading),"probe":false"#
            + (unit.map { #","unit":"\#($0)""# } ?? "") + "}"
    }

    @Test func `connections are fetched to the last one and shown as a table`() async throws {
        let asked = Mutex<[String]>([])
        try await FakeAgent.answering { request in
            let params = request["params"]?.rawText.description ?? ""
            asked.withLock { $0.append(params) }
            let isFirst = !params.contains("after")
            let connections =
                isFirst ? Self.connection(5, unit: "web\\u001b.service") : Self.connection(9, reading: false)
            return #""result":{"total":2,"truncated":\#(isFirst),"connections":[\#(connections)]}"#
        } _: { path in
            let text = try await Ctl.run(["connections", "--uid", "33"], socket: path)
            let lines = text.output.split(separator: "\n").map {
                $0.split(separator: " ", omittingEmptySubsequences: true)
            }
            #expect(lines.count == 3 && text.status == 0, "\(text)")
            #expect(lines.dropFirst().map { String($0[0]) } == ["5", "9"])
            #expect(lines.dropFirst().map { $0.last.map(String.init) } == ["yes", "PAUSED"])
            #expect(text.output.contains("1 min 1 s") && !text.output.contains("\u{1B}"))
            #expect(asked.withLock { $0 } == [#"{"uid":33}"#, #"{"uid":33,"after":5}"#])
            let json = try await Ctl.run(["connections", "--json"], socket: path)
            #expect(try json.json["result"]?["connections"]?.count == 2)
            #expect(try json.json["result"]?["truncated"]?.boolean == false)
        }
        let status1 = try await Ctl.run(["connections", "--uid", "1", "--user", "root"], socket: "/none").status
        #expect(status1 == 64)
        let status2 = try await Ctl.run(["connections", "--user", "no such user"], socket: "/none").status
        #expect(status2 == 64)
    }

    @Test func `the log level is asked for, or set`() async throws {
        let asked = Mutex<[String]>([])
        try await FakeAgent.answering { request in
            let params = request["params"]?.rawText.description ?? ""
            asked.withLock { $0.append(params) }
            return #""result":{"level":"debug","source":"control","configured":"info"}"#
        } _: { path in
            let text = try await Ctl.run(["log-level"], socket: path)
            #expect(text.output.contains("debug") && text.output.contains("until the next reload or restart"))
            _ = try await Ctl.run(["log-level", "trace"], socket: path)
            let status3 = try await Ctl.run(["log-level", "loud"], socket: path).status
            #expect(status3 == 64)
        }
        #expect(asked.withLock { $0 } == ["{}", #"{"level":"trace"}"#])
    }

    @Test func `call refers to watch for what has no result, and asks nobody`() async throws {
        for arguments in [["daemon.watch"], ["daemon.watch", #"{"events":["call_finished"]}"#, "--control"]] {
            let outcome = try await Ctl.run(["call"] + arguments, socket: "/nonexistent/socket")
            #expect(outcome.status == 64 && outcome.error.contains("'mosaicctl watch'"), "\(outcome)")
        }
    }

    @Test func `a watch that breaks off is told, with status 6`() async throws {
        let started =
            #"{"jsonrpc":"2.0","method":"daemon.event","params":{"watch":1,"time":"t","kind":"watch_started"}}"#
        try await FakeAgent.listening { connection in
            _ = try await connection.line()
            try await connection.send(started + "\n")
        } _: { path in
            let text = try await Ctl.run(["watch"], socket: path)
            #expect(text.status == 6 && text.output == "t watch_started\n" && !text.error.isEmpty, "\(text)")
            let json = try await Ctl.run(["watch", "--json"], socket: path)
            let lines = json.output.split(separator: "\n")
            #expect(lines.count == 2 && json.status == 6)
            let last = try JSONDocument(parsing: Array(lines[1].utf8), maximumDepth: 8).root
            #expect(last["exit_status"]?.integer == 6 && last["error"]?["data"]?["kind"]?.string == "connection_closed")
        }
    }

    @Test func `a watch ends in order when nobody reads it any more, and not when it cannot write`() async throws {
        let started =
            #"{"jsonrpc":"2.0","method":"daemon.event","params":{"watch":1,"time":"t","kind":"watch_started"}}"#
        try await FakeAgent.listening { connection in
            _ = try await connection.line()
            try await connection.send(started + "\n")
            while try await connection.line() != nil {}
        } _: { path in
            let unread = try await Ctl.run(["watch"], socket: path, output: .brokenPipe)
            #expect(unread.status == 0 && unread.error.isEmpty, "\(unread)")
            let full = try await Ctl.run(["watch", "--json"], socket: path, output: .file("/dev/full"))
            #expect(full.status == 70 && full.error.contains("cannot write to standard output"), "\(full)")
        }
    }

    @Test func `a watch of ten seconds says so, although that is what other calls have`() async throws {
        let request = Mutex("")
        try await FakeAgent.listening { connection in
            let line = try await connection.line() ?? ""
            request.withLock { $0 = line }
        } _: { path in
            let arguments = ["watch", "--timeout", "10", "--event", "token_failed", "--event", "call_finished"]
            let status4 = try await Ctl.run(arguments, socket: path).status
            #expect(status4 == 6)
            let status5 = try await Ctl.run(["watch", "--event", "nonsense"], socket: path).status
            #expect(status5 == 64)
        }
        #expect(
            request.withLock { $0 } == #"{"jsonrpc":"2.0","id":1,"method":"daemon.watch","params":"#
                + #"{"events":["token_failed","call_finished"],"meta":{"deadline_ms":10000}}}"#
        )
    }
}
