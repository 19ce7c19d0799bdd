import AgentProtocol
import ArgumentParser
import Foundation
import StrictJSON
import Synchronization
import Systemd
import TestSupport
import Testing

@testable import mosaicctl

@Suite(.longTimeLimit) struct AuditTests {
    private typealias Match = JournalFilter.Match

    /// An entry as the agent writes it, with these fields changed or, by nil, taken away.
    private static func entry(_ changes: [String: String?] = [:]) -> JournalEntry {
        var fields = [
            "_SYSTEMD_UNIT": "mosaicd.service", "MESSAGE_ID": AuditEvent.denied.messageID, "MESSAGE": "a message",
            "PRIORITY": "5", "_PID": "77", "_HOSTNAME": "host", "_BOOT_ID": "b00t",
            "MOSAIC_METHOD": "password.authenticate", "MOSAIC_VERDICT": "denied", "MOSAIC_REASON": "locked",
            "MOSAIC_CLIENT": "default", "MOSAIC_RULE": "shop", "MOSAIC_CALLER_UID": "1000", "MOSAIC_CALLER_PID": "42",
            "MOSAIC_SOCKET": "main", "MOSAIC_TARGET": "38c251eba0b466dbc5b1878d95b019d4", "MOSAIC_CALL_ID": "c1",
            "MOSAIC_UPSTREAM_STATUS": "401", "MOSAIC_DURATION_USEC": "1500250", "MOSAIC_DELIVERED": "1",
            "MOSAIC_REPLAY": "0",
        ]
        for (name, value) in changes { fields[name] = value }
        return JournalEntry(
            cursor: "s=1;i=2",
            time: WallTime(microseconds: 1_795_344_287_250_000),
            fields: fields.mapValues { [$0] }
        )
    }

    private static func record(_ changes: [String: String?] = [:]) throws -> AuditTrailRecord {
        try #require(AuditTrailRecord(entry(changes), agentUnit: "mosaicd.service"))
    }

    // What counts

    @Test(
        arguments: [
            ["_SYSTEMD_UNIT": nil], ["_SYSTEMD_UNIT": "session-1.scope"],
            ["_SYSTEMD_UNIT": "mosaicd.service.evil.service"],
            ["_SYSTEMD_UNIT": "user@1000.service", "_SYSTEMD_USER_UNIT": "mosaicd.service"],
            ["MESSAGE_ID": nil], ["MESSAGE_ID": "00000000000000000000000000000000"],
        ] as [[String: String?]]
    )
    func `what the agent has not written is no record`(changes: [String: String?]) {
        #expect(AuditTrailRecord(Self.entry(changes), agentUnit: "mosaicd.service") == nil)
    }

    @Test func `an entry of two units is of none`() {
        var fields = Self.entry().fields
        fields["_SYSTEMD_UNIT"] = ["mosaicd.service", "other.service"]
        let entry = JournalEntry(cursor: "c", time: .now(), fields: fields)
        #expect(AuditTrailRecord(entry, agentUnit: "mosaicd.service") == nil)
        #expect(AuditTrailRecord(entry, agentUnit: "other.service") == nil)
    }

    @Test func `the filter always asks for the agent's unit and the audit trail's events`() {
        let groups = AuditQuery().filter.groups
        #expect(groups.count == 2)
        #expect(groups.first == [Match("_SYSTEMD_UNIT", "mosaicd.service")])
        #expect(groups.last == AuditEvent.allCases.map { Match("MESSAGE_ID", $0.messageID) })
    }

    @Test func `values of one option are alternatives, options must all hold`() throws {
        let command = try AuditCommand.parse([
            "--caller", "0", "--caller", "1000", "--unit", "shop", "--unit", "a.scope", "--method", "otp.send",
            "--verdict", "granted", "--verdict", "forbidden", "--client", "c", "--rule", "r", "--call-id", "i",
            "--trace-id", "t", "--target", "username:alice",
        ])
        let groups = try command.selection.query().filter.groups.dropFirst(2)
        #expect(
            Array(groups) == [
                [Match("MOSAIC_CALLER_UID", "0"), Match("MOSAIC_CALLER_UID", "1000")],
                [Match("MOSAIC_CALLER_UNIT", "shop.service"), Match("MOSAIC_CALLER_UNIT", "a.scope")],
                [Match("MOSAIC_METHOD", "otp.send")],
                [
                    Match("MOSAIC_VERDICT", "granted"), Match("MOSAIC_ERROR", "granted"),
                    Match("MOSAIC_VERDICT", "forbidden"), Match("MOSAIC_ERROR", "forbidden"),
                ],
                [Match("MOSAIC_CLIENT", "c")], [Match("MOSAIC_RULE", "r")], [Match("MOSAIC_CALL_ID", "i")],
                [Match("MOSAIC_TRACE_ID", "t")], [Match("MOSAIC_TARGET", "username:alice")],
            ]
        )
    }

    @Test(arguments: [
        ("38c251eb", true), ("38C251EBA0B4", true), ("38c251eba0b466dbc5b1878d95b019d4", true), ("38c251ec", false),
        ("38c251eba0b466dbc5b1878d95b019d5", false), ("username:alice", false),
    ])
    func `a user is found by the hash or its beginning`(text: String, isFound: Bool) throws {
        var query = AuditQuery()
        query.targets = [try #require(AuditTarget(text))]
        #expect((query.record(Self.entry()) != nil) == isFound)
        query.targets.append(try #require(AuditTarget("38c251eba0b4")))
        #expect(query.record(Self.entry()) != nil, "one of two will do")
        #expect(query.record(Self.entry(["MOSAIC_TARGET": nil])) == nil)
        // The index has only whole values.
        #expect(query.filter.groups.count == 2)
    }

    @Test(arguments: ["", "38c251e", "alice", "38c251eba0b466dbc5b1878d95b019d400"])
    func `what can be no user's hash is refused`(text: String) {
        #expect(AuditTarget(text) == nil)
    }

    // How it is shown

    @Test func `a record is a line`() throws {
        let line = try Self.record().line { $0 == 1000 ? "shop" : nil }
        #expect(
            line.dropFirst(20)
                == "denied password.authenticate by shop (locked) pid=42 client=default rule=shop target=38c251eba0b4 "
                + "http=401 time=1500.25ms call=c1\n"
        )
        #expect(line.hasPrefix(WallTime(microseconds: 1_795_344_287_250_000).localText + " "))
        let rare = try Self.record([
            "MOSAIC_VERDICT": "error", "MOSAIC_ERROR": "forbidden", "MOSAIC_REASON": nil, "MOSAIC_SOCKET": "control",
            "MOSAIC_DELIVERED": "0", "MOSAIC_REPLAY": "1", "MOSAIC_CALLER_UNIT": "a.service",
            "MOSAIC_OUTCOME": "not_sent",
            "MOSAIC_TARGET": "username:alice", "MOSAIC_TRACE_ID": "t1",
        ]).line { _ in nil }
        #expect(
            rare.dropFirst(20)
                == "forbidden password.authenticate by 1000 unit=a.service pid=42 client=default rule=shop "
                + "target=username:alice outcome=not_sent http=401 time=1500.25ms socket=control delivered=no replay=yes "
                + "trace=t1 call=c1\n"
        )
    }

    @Test func `a summary and a lost answer are lines too`() throws {
        let summary = try Self.record([
            "MESSAGE_ID": AuditEvent.summary.messageID, "MOSAIC_METHOD": "system.ping", "MOSAIC_VERDICT": "ok",
            "MOSAIC_REASON": nil, "MOSAIC_CLIENT": nil, "MOSAIC_RULE": nil, "MOSAIC_CALLER_PID": nil,
            "MOSAIC_TARGET": nil, "MOSAIC_CALL_ID": nil, "MOSAIC_UPSTREAM_STATUS": nil, "MOSAIC_DURATION_USEC": nil,
            "MOSAIC_DELIVERED": nil, "MOSAIC_REPLAY": nil, "MOSAIC_CALLER_UNIT": "a.service", "MOSAIC_CALLS": "8092",
            "MOSAIC_FIRST_REALTIME_USEC": "1795344277250000", "MOSAIC_LAST_REALTIME_USEC": "1795344286150000",
        ])
        #expect(
            summary.line { $0 == 1000 ? "shop" : nil }.dropFirst(20)
                == "ok system.ping by shop 8092 calls within 9 s unit=a.service\n"
        )
        let json = try JSONDocument(parsing: Array(summary.json().utf8), maximumDepth: 8).root["result"]
        #expect(json?["event"]?.string == "summary" && json?["calls"]?.integer == 8092)
        #expect(json?["first_realtime_usec"]?.integer == 1_795_344_277_250_000)
        let lost = try Self.record([
            "MESSAGE_ID": AuditEvent.answerLost.messageID, "MOSAIC_VERDICT": nil, "MOSAIC_REASON": nil,
            "MOSAIC_CLIENT": nil, "MOSAIC_RULE": nil, "MOSAIC_TARGET": nil, "MOSAIC_UPSTREAM_STATUS": nil,
            "MOSAIC_DURATION_USEC": nil, "MOSAIC_DELIVERED": "0", "MOSAIC_REPLAY": nil,
        ])
        #expect(
            lost.line { _ in nil }.dropFirst(20)
                == "answer_lost password.authenticate by 1000 pid=42 delivered=no call=c1\n"
        )
    }

    @Test func `lost records are a line too`() throws {
        let fields = Self.entry().fields.filter { !$0.key.hasPrefix("MOSAIC_") }.merging([
            "MESSAGE_ID": [AuditEvent.recordsLost.messageID], "MOSAIC_CALLS_REFUSED": ["3"],
            "MOSAIC_RECORDS_DROPPED": ["1"],
        ]) { $1 }
        let entry = JournalEntry(cursor: "c", time: .now(), fields: fields)
        let record = try #require(AuditTrailRecord(entry, agentUnit: "mosaicd.service"))
        #expect(
            record.line { _ in nil }.dropFirst(20)
                == "records_lost 3 calls refused, 1 records dropped: the audit queue had no place for various users\n"
        )
        let json = try JSONDocument(parsing: Array(record.json().utf8), maximumDepth: 8).root["result"]
        #expect(json?["event"]?.string == "records_lost" && json?["calls_refused"]?.integer == 3)
    }

    @Test func `what callers have written cannot move the cursor`() throws {
        let record = try Self.record(["MOSAIC_TRACE_ID": "a\u{1B}[2Jb\nc\u{202E}", "MOSAIC_X": "\u{9B}1m"])
        for text in [record.line { _ in nil }, record.json()] {
            #expect(text.unicodeScalars.dropLast().allSatisfy { !(0..<32).contains($0.value) && $0.value != 0x9B })
            #expect(!text.unicodeScalars.contains("\u{202E}"))
        }
    }

    @Test func `a record is one object, with its fields in their own types`() throws {
        let text = try Self.record(["MOSAIC_FUTURE_FIELD": "x"]).json()
        #expect(text.hasSuffix("}\n") && text.filter { $0 == "\n" }.count == 1)
        let json = try JSONDocument(parsing: Array(text.utf8), maximumDepth: 8).root
        #expect(json["schema"]?.string == "mosaicctl/1" && json["command"]?.string == "audit")
        #expect(
            json["result"]?.rawText.description == #"""
                {"time":"2026-11-22T10:44:47.250000Z","event":"denied","message_id":"fced1af63fde4ab7a6a3c35c9178b4c1",\#
                "message":"a message","priority":5,"host":"host","boot_id":"b00t","agent_pid":77,\#
                "agent_unit":"mosaicd.service","cursor":"s=1;i=2","method":"password.authenticate","verdict":"denied",\#
                "reason":"locked","client":"default","rule":"shop","caller_uid":1000,"caller_pid":42,"socket":"main",\#
                "target":"38c251eba0b466dbc5b1878d95b019d4","call_id":"c1","upstream_status":401,\#
                "duration_usec":1500250,"delivered":true,"replay":false,"future_field":"x"}
                """#
        )
    }

    // The program

    @Test(arguments: [
        ["--since", "soon"], ["--until", "-1 fortnight"], ["--verdict", "maybe"], ["--target", "abc"],
        ["--follow", "--reverse"], ["--follow", "--until", "now"], ["--since", "now", "--until", "-1h"],
        ["--lines", "-1"], ["--target-identifier", "alice"], ["--directory", "/x", "--file", "/y"],
        ["--caller", "no such user"],
        ["--directory", "/nonexistent"], ["--file", "/nonexistent"],
    ])
    func `a wrong command line is told so`(arguments: [String]) async throws {
        let outcome = try await Ctl.run(["audit"] + arguments, socket: "/nonexistent")
        #expect(outcome.status == 64)
        #expect(outcome.output == "")
        #expect(!outcome.error.isEmpty)
    }

    @Test func `an agent is asked how it names a user`() async throws {
        let asked = Mutex("")
        try await FakeAgent.answering { request in
            asked.withLock { $0 = request["params"]?.rawText.description ?? "" }
            return Canned.error(-32603, "internal")
        } _: { path in
            let outcome = try await Ctl.run(["audit", "--target-identifier", "external_user_id:a:b"], socket: path)
            #expect(outcome.status == 70 && outcome.error.contains("told by the agent"))
        }
        #expect(asked.withLock { $0 }.contains(#""kind":"external_user_id","value":"a:b""#))
    }

    @Test func `a failure has the usual form in JSON`() async throws {
        let outcome = try await Ctl.run(["--json", "audit", "--directory", "/nonexistent"], socket: "/nonexistent")
        #expect(outcome.status == 64)
        let json = try outcome.json
        #expect(json["exit_status"]?.integer == 64 && json["error"]?["data"]?["kind"]?.string == "usage")
    }
}
