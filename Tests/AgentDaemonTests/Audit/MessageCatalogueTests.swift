import AgentProtocol
import Foundation
import Systemd
import Testing

@testable import AgentDaemon

/// The message catalogue that the package installs, systemd/catalog/mosaicd.catalog.
@Suite struct MessageCatalogueTests {
    struct Entry {
        var subject = ""
        var text = ""

        /// The journal fields whose values it shows, written `@FIELD@`.
        var shownFields: Set<String> {
            Set((subject + text).matches(of: /@([A-Z_]+)@/).map { String($0.output.1) })
        }

        /// The journal fields it speaks of in any way.
        var namedFields: Set<String> {
            Set((subject + text).matches(of: /MOSAIC_[A-Z_]+/).map { String($0.output) })
        }
    }

    static func entries() throws -> [String: Entry] {
        var url = URL(filePath: #filePath)
        for _ in 0..<4 { url.deleteLastPathComponent() }
        let file = try Data(contentsOf: url.appending(path: "systemd/catalog/mosaicd.catalog"))
        var entries: [String: Entry] = [:]
        var current = ""
        for line in String(decoding: file, as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
            if line.hasPrefix("-- ") {
                current = String(line.dropFirst(3))
                #expect(entries[current] == nil, "\(current) is there twice")
                entries[current] = Entry()
            } else if line.hasPrefix("Subject: ") {
                entries[current]?.subject = String(line)
            } else {
                entries[current]?.text += line + "\n"
            }
        }
        return entries
    }

    /// A record with every field that a call can have.
    static func fullRecord(_ event: AuditEvent) -> AuditRecord {
        var record = AuditRecord(
            event: event,
            method: "password.authenticate",
            verdict: "denied",
            callerUID: 1,
            callerPID: 2,
            socket: "main",
            callID: "c",
            duration: .zero
        )
        record.error = "forbidden"
        record.reason = "locked"
        record.outcome = "not_sent"
        record.client = "default"
        record.rule = "plain"
        record.callerUnit = "a.service"
        record.target = "t"
        record.traceID = "t"
        record.upstreamStatus = 401
        return record
    }

    /// An entry of that kind with every field that it can have.
    static func fullEntry(_ event: AuditEvent) -> AuditEntry {
        switch event {
        case .recordsLost: .lost(uid: 1, refused: 1, dropped: 2)
        case .answerLost: .answerLost(fullRecord(event))
        case .summary:
            .summary(
                AuditSummary(
                    CallSummaries.Summary(
                        key: CallSummaries.Key(
                            uid: 1,
                            unit: "a.service",
                            socket: "main",
                            method: "system.ping",
                            verdict: "error",
                            error: "forbidden"
                        ),
                        count: 3,
                        first: .now,
                        last: .now
                    ),
                    now: .now,
                    wallTime: .now()
                )
            )
        default: .call(fullRecord(event))
        }
    }

    @Test func `what reads the audit trail knows all fields that are written, and no other`() {
        let written = AuditEvent.allCases.map { Self.fullEntry($0) }
            .flatMap { $0.fields.map(\.name.description) }.filter { $0 != "MESSAGE_ID" }
        #expect(Set(written) == Set(AuditField.allCases.map(\.rawValue)))
    }

    @Test func `the manual page speaks of all fields of a record`() throws {
        var url = URL(filePath: #filePath)
        for _ in 0..<4 { url.deleteLastPathComponent() }
        let page = try String(decoding: Data(contentsOf: url.appending(path: "man/mosaicd.8.in")), as: UTF8.self)
        let named = Set(page.matches(of: /(MOSAIC_[A-Z_]+)=/).map { String($0.output.1) })
        // One that it names is a field of log messages, not of records.
        #expect(named.subtracting(["MOSAIC_REPEATED"]) == Set(AuditField.allCases.map(\.rawValue)))
    }

    @Test func `it explains every kind of event, and no other`() throws {
        let events = AuditEvent.allCases.map(\.messageID)
        #expect(try Self.entries().keys.sorted() == events.sorted())
    }

    @Test(arguments: AuditEvent.allCases)
    func `it speaks of fields that such a record has`(event: AuditEvent) throws {
        let entry = try #require(try Self.entries()[event.messageID])
        let fields = Set(Self.fullEntry(event).fields.map(\.name.description))
        #expect(!entry.subject.isEmpty)
        #expect(!entry.namedFields.isEmpty)
        #expect(entry.namedFields.subtracting(fields) == [])
        #expect(entry.shownFields.subtracting(fields) == [])
    }

    @Test(arguments: AuditEvent.allCases)
    func `it shows no field that only some of these records have`(event: AuditEvent) throws {
        // journalctl leaves the name in the text where a record has no such field.
        let sometimes: Set = [
            "MOSAIC_REASON", "MOSAIC_OUTCOME", "MOSAIC_CALLER_UNIT", "MOSAIC_TARGET", "MOSAIC_TRACE_ID",
            "MOSAIC_UPSTREAM_STATUS",
        ]
        let shown = try #require(try Self.entries()[event.messageID]).shownFields
        #expect(shown.isDisjoint(with: sometimes))
        guard event == .summary || event == .recordsLost else { return }
        #expect(shown.isDisjoint(with: ["MOSAIC_CALLER_UID", "MOSAIC_ERROR", "MOSAIC_SOCKET"]))
    }
}
