import Foundation
import Glibc
import Logging
import TestSupport
import Testing

@testable import Systemd

/// The journal as a reader finds it. The machine's own journal is not for tests, so these run in a second process of
/// this test program, beside a journald of its own.
@Suite struct JournalTests {
    fileprivate static let marker = "SYSTEMD_TESTS_OWN_JOURNAL"
    private static let harness = repositoryPath("Tests/Harness/with-journald")

    @Test(
        .enabled("no journald can run here: Tests/Harness/with-journald true tells why") {
            try await Command.run(Self.harness, ["true"]).status == 0
        },
        .longTimeLimit
    )
    func `entries arrive in a journal as they were meant`() async throws {
        var environment = ProcessInfo.processInfo.environment
        environment[Self.marker] = "1"
        let run = try await Command.run(
            Self.harness,
            [
                "/proc/self/exe".resolvingSymbolicLink, "--testing-library", "swift-testing",
                "--filter", "SystemdTests.InOwnJournal",
            ],
            environment: environment
        )
        #expect(run.status == 0, "\(run.output)")
        #expect(run.output.contains("Test run with 11 tests"), "\(run.output)")
    }
}

extension String {
    fileprivate var resolvingSymbolicLink: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: self)) ?? self
    }
}

@Suite(
    .enabled(
        if: Environment.process[JournalTests.marker] != nil,
        "run by JournalTests, in a process with a journald of its own"
    ),
    // One of them rotates the journal.
    .serialized,
    .longTimeLimit
)
struct InOwnJournal {
    /// A field of an entry as journalctl shows it: text, bytes, or several of these.
    private enum Field: Decodable, Equatable {
        case text(String)
        case bytes([UInt8])
        case several([Field])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let bytes = try? container.decode([UInt8].self) {
                self = .bytes(bytes)
            } else {
                self = .several(try container.decode([Field].self))
            }
        }
    }

    /// The entries that match, oldest first.
    private static func entries(_ matches: String...) async throws -> [[String: Field]] {
        _ = try await Command.run("/usr/bin/journalctl", ["--sync"])
        let result = try await Command.run("/usr/bin/journalctl", ["--output=json", "--all"] + matches)
        return try result.output.split(separator: "\n").map {
            try JSONDecoder().decode([String: Field].self, from: Data($0.utf8))
        }
    }

    private static func logger(_ identifier: String, to target: LoggingTarget = .journal) -> Logger {
        Logger(label: "tests") { label in
            JournalLogHandler(label: label, identifier: identifier, target: target, level: LogLevelSetting(.trace))
        }
    }

    @Test func `a journal is there`() {
        #expect(JournalSender().isAvailable)
    }

    @Test func `a log message is an entry with all its fields`() async throws {
        let line = #line + 1
        Self.logger("fields").error("Token refused", metadata: ["client": "default", "expiresIn": "\(3600)"])
        let entries = try await Self.entries("SYSLOG_IDENTIFIER=fields")
        #expect(entries.count == 1)
        let entry = try #require(entries.first)
        for (name, value) in [
            ("MESSAGE", "Token refused client=default expiresIn=3600"), ("PRIORITY", "3"), ("LOGGER", "tests"),
            ("CODE_FILE", "SystemdTests/JournalTests.swift"), ("CODE_LINE", String(line)),
            ("MOSAIC_CLIENT", "default"), ("MOSAIC_EXPIRESIN", "3600"), ("_PID", String(getpid())),
            ("_TRANSPORT", "journal"),
        ] {
            #expect(entry[name] == .text(value), "\(name)")
        }
    }

    @Test func `metadata can forge no field and no entry`() async throws {
        Self.logger("forger").info(
            "Real",
            metadata: [
                "MESSAGE": "forged", "PRIORITY": "0", "_PID": "1", "x": "a\nMESSAGE=forged\nPRIORITY=0\n",
                "SYSLOG_IDENTIFIER": "sshd",
            ]
        )
        let entries = try await Self.entries("SYSLOG_IDENTIFIER=forger")
        #expect(entries.count == 1)
        let entry = try #require(entries.first)
        #expect(entry["PRIORITY"] == .text("6"))
        #expect(entry["_PID"] == .text(String(getpid())))
        #expect(entry["SYSLOG_IDENTIFIER"] == .text("forger"))
        #expect(entry["MOSAIC_X"] == .text("a\nMESSAGE=forged\nPRIORITY=0\n"))
        guard case .text(let message)? = entry["MESSAGE"] else {
            Issue.record("MESSAGE is not one text: \(String(describing: entry["MESSAGE"]))")
            return
        }
        #expect(message.hasPrefix("Real "))
        #expect(!message.contains("\n"))
        #expect(try await Self.entries("SYSLOG_IDENTIFIER=sshd").isEmpty)
    }

    @Test func `a prepared record keeps its bytes, its message id and repeated fields`() async throws {
        let id = MessageID(0xd1a6_0000_4b1d_4c55, 0x9a7e_1234_0000_0001)
        var record = JournalRecord()
        record.append(id)
        record.append("MESSAGE", "Audit\nsecond line")
        record.append("MOSAIC_RAW", bytes: [0, 255, 10, 61])
        record.append("MOSAIC_GROUP", 1)
        record.append("MOSAIC_GROUP", 2)
        record.append("MOSAIC_LONG", String(repeating: "x", count: 300_000))
        try JournalSender().send(record)
        let entries = try await Self.entries("MESSAGE_ID=\(id)")
        #expect(entries.count == 1)
        let entry = try #require(entries.first)
        #expect(entry["MESSAGE"] == .text("Audit\nsecond line"))
        #expect(entry["MOSAIC_RAW"] == .bytes([0, 255, 10, 61]))
        #expect(entry["MOSAIC_GROUP"] == .several([.text("1"), .text("2")]))
        #expect(entry["MOSAIC_LONG"] == .text(String(repeating: "x", count: 300_000)), "too long for a datagram")
    }

    @Test func `a standard error that leads to the journal is recognised`() throws {
        let stream = try UnixSocket(connectedTo: "/run/systemd/journal/stdout")
        var status = stat()
        unsafe fstat(stream.descriptor, &status)
        let environment = Environment(["JOURNAL_STREAM": "\(status.st_dev):\(status.st_ino)"])
        #expect(LoggingTarget.detect(environment: environment, standardError: stream.descriptor) == .journal)
    }

    @Test func `lines with their priority become entries of that priority, one each`() async throws {
        let stream = try UnixSocket(connectedTo: "/run/systemd/journal/stdout")
        // The stream's header: identifier, unit, priority, whether lines begin with a priority, no forwarding.
        try stream.send("stream\n\n6\n1\n0\n0\n0\n")
        let logger = Self.logger(
            "unused",
            to: .stream(descriptor: stream.descriptor, format: .priorityPrefixed)
        )
        logger.error("First", metadata: ["x": "a\n<0>forged"])
        logger.debug("Second")
        let entries = try await Self.entries("SYSLOG_IDENTIFIER=stream")
        #expect(entries.map { $0["MESSAGE"] } == [.text(#"First x="a\n<0>forged""#), .text("Second")])
        #expect(entries.map { $0["PRIORITY"] } == [.text("3"), .text("7")])
    }
}
