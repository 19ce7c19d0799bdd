import AgentProtocol
import FoundationEssentials
import Secrets
import StrictJSON
import Systemd
import Testing

@testable import AgentDaemon

@Suite struct AuditEntryTests {
    @Test func `a record becomes the journal's fields, absent ones left out`() {
        var record = AuditRecord(
            event: .denied,
            method: "password.authenticate",
            verdict: "denied",
            callerUID: 1000,
            callerPID: 42,
            socket: "main",
            callID: "c1",
            duration: .microseconds(1_500_250)
        )
        record.reason = "auth_invalid_credentials"
        record.client = "default"
        record.rule = "shop"
        record.target = "0123"
        record.upstreamStatus = 401
        record.delivered = true
        let entry = AuditEntry.call(record)
        #expect(
            entry.fields.map { "\($0.name)=\($0.value)" } == [
                "MESSAGE_ID=fced1af63fde4ab7a6a3c35c9178b4c1", "MOSAIC_METHOD=password.authenticate",
                "MOSAIC_VERDICT=denied", "MOSAIC_REASON=auth_invalid_credentials", "MOSAIC_CLIENT=default",
                "MOSAIC_RULE=shop", "MOSAIC_CALLER_UID=1000", "MOSAIC_CALLER_PID=42", "MOSAIC_SOCKET=main",
                "MOSAIC_TARGET=0123", "MOSAIC_CALL_ID=c1", "MOSAIC_UPSTREAM_STATUS=401",
                "MOSAIC_DURATION_USEC=1500250", "MOSAIC_DELIVERED=1", "MOSAIC_REPLAY=0",
            ]
        )
        #expect(
            entry.message
                == "password.authenticate: denied (auth_invalid_credentials), asked by uid 1000 under rule shop"
        )
        #expect(entry.priority == 5)
    }

    @Test(arguments: [
        ("main", "client_token.get: ok, asked by uid 0 in unit a.service under rule shop"),
        ("credential", "client_token.get: ok, asked by uid 0 for unit a.service under rule shop"),
    ])
    func `the sentence tells whether a process of the unit asked, or the service manager for it`(
        socket: String,
        sentence: String
    ) {
        var record = AuditRecord(
            event: .completed,
            method: "client_token.get",
            verdict: "ok",
            callerUID: 0,
            callerPID: 1,
            socket: socket,
            callID: "c1",
            duration: .zero
        )
        record.callerUnit = "a.service"
        record.rule = "shop"
        #expect(AuditEntry.call(record).message == sentence)
    }

    @Test func `every kind of event has a message id of its own`() {
        let ids = AuditEvent.allCases.map(\.messageID)
        #expect(Set(ids).count == AuditEvent.allCases.count)
        #expect(ids.allSatisfy { id in id.utf8.count == 32 && id.allSatisfy(\.isHexDigit) })
    }

    @Test(arguments: [
        ("password.authenticate", "password.authenticate"),
        ("user_search2", "user_search2"),
        ("", "(not a method name)"),
        ("Password", "(not a method name)"),
        ("a\nMOSAIC_VERDICT=granted", "(not a method name)"),
        (String(repeating: "a", count: 65), "(not a method name)"),
    ])
    func `only what can be a method's name is written down`(method: String, recorded: String) {
        #expect(AuditRecord.safeMethod(method) == recorded)
    }

    @Test func `without a journal an entry is one marked line of JSON`() throws {
        var record = AuditRecord.sample(callID: "c1")
        record.traceID = "line\nbreak \"quoted\""
        let line = StreamAuditSink.line(of: .call(record), at: "2023-11-14T22:13:20.250Z")
        let text = String(decoding: line, as: UTF8.self)
        #expect(text.hasPrefix("mosaicd-audit: {"))
        #expect(text.filter { $0 == "\n" }.count == 1)
        #expect(text.hasSuffix("}\n"))
        let json = try JSONDocument(parsing: Array(text.dropFirst("mosaicd-audit: ".count).utf8), maximumDepth: 4)
        #expect(json.root["TIME"]?.string == "2023-11-14T22:13:20.250Z")
        #expect(json.root["MOSAIC_CALL_ID"]?.string == "c1")
        #expect(json.root["MOSAIC_TRACE_ID"]?.string == "line\nbreak \"quoted\"")
        #expect(json.root["PRIORITY"]?.string == "6")
    }

    @Test(arguments: ["plain", "a \"b\"", "c\\d", "e\u{1}f\tg", "\u{1f}", "\u{e9}\u{1f600}", "h\"", ""])
    func `a line is what JSON makes of the fields, whatever is in them`(text: String) {
        var record = AuditRecord.sample(callID: "c1")
        record.rule = text
        record.reason = text
        record.target = "username:" + text
        let entries: [AuditEntry] = [
            .call(record), .answerLost(record), .lost(uid: nil, refused: 3, dropped: 4),
            .lost(uid: 7, refused: 1, dropped: 0),
        ]
        for entry in entries {
            var writer = JSONWriter()
            writer.beginObject()
            for (name, value) in [("TIME", "now"), ("MESSAGE", entry.message), ("PRIORITY", String(entry.priority))] {
                writer.key(name)
                writer.string(value)
            }
            for (name, value) in entry.fields {
                writer.key(name.description)
                writer.string(value)
            }
            writer.endObject()
            writer.endLine()
            #expect(StreamAuditSink.line(of: entry, at: "now") == Array("mosaicd-audit: ".utf8) + writer.bytes)
        }
    }
}

@Suite struct TargetDigestTests {
    let digest = TargetDigest(key: Secret(copying: "a key".utf8))

    @Test func `the same target has the same digest, another kind or user a different one`() {
        let one = digest.text(kind: "username", identifier: "alice".utf8)
        #expect(one == digest.text(kind: "username", identifier: "alice".utf8))
        #expect(one != digest.text(kind: "email", identifier: "alice".utf8))
        #expect(one != digest.text(kind: "username", identifier: "bob".utf8))
        #expect(one != TargetDigest(key: TargetDigest.newKey()).text(kind: "username", identifier: "alice".utf8))
        #expect(!one.contains("alice"))
    }

    // Independent computation: printf 'username\0alice' | openssl dgst -sha256 -hmac 'a key'
    @Test func `the digest is the first half of HMAC-SHA256 over kind, zero byte and identifier`() {
        #expect(digest.text(kind: "username", identifier: "alice".utf8) == "38c251eba0b466dbc5b1878d95b019d4")
    }

    @Test(arguments: [
        ("username", "Alice", "alice", true), ("email", "ALICE@Example.COM", "alice@example.com", true),
        ("user_id", "U-7f", "u-7F", true),
        // Only ASCII letters: what else is one letter is a matter of language.
        ("username", "ZO\u{cb}", "zo\u{eb}", false), ("username", "zoe\u{308}", "zo\u{eb}", false),
        ("username", "al ice", "alice", false), ("username", "@[`{", "`{@[", false),
        ("phone_number", "+1 (555) 01-00", "15550100", true), ("phone_number", "+15550100", "tel:1.555.0100", true),
        ("phone_number", "+15550100", "+15550101", false), ("username", "+1 555", "1555", false),
    ])
    func `spellings that differ in the case of ASCII letters, or in signs of a phone number, are one target`(
        kind: String,
        one: String,
        other: String,
        isSame: Bool
    ) {
        let texts = [one, other].map { digest.text(kind: kind, identifier: $0.utf8) }
        #expect((texts[0] == texts[1]) == isSame)
        let values = [one, other].map { name in
            digest.value(of: Target(kind: IdentifierKind(kind), identifier: Identifier(name)))
        }
        #expect(values.map(\.description) == texts)
    }

    // Independent computation: printf 'phone_number\x0015550100' | openssl dgst -sha256 -hmac 'a key'
    @Test func `of a phone number the digits are hashed, of other kinds the lower case`() {
        let phone = digest.text(kind: "phone_number", identifier: "+1 (555) 01-00".utf8)
        #expect(phone == "e77553df56fa9e5fd9078ee566a1fdca")
        #expect(digest.text(kind: "username", identifier: "ALICE".utf8) == "38c251eba0b466dbc5b1878d95b019d4")
    }

    @Test func `plain targets say what they are, as it was sent`() {
        #expect(TargetDigest.plain.text(kind: "username", identifier: "Alice".utf8) == "username:Alice")
    }
}
