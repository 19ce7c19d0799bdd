import Foundation
import Glibc
import Testing

@testable import Systemd

/// Reading, in the process that has a journald of its own (`JournalTests`).
extension InOwnJournal {
    /// Sends an entry with these fields and waits until it is in the journal.
    private static func send(_ fields: [(JournalFieldName, String)]) async throws {
        var record = JournalRecord()
        for (name, value) in fields { record.append(name, value) }
        try JournalSender().send(record)
        _ = try await Command.run("/usr/bin/journalctl", ["--sync"])
    }

    /// Sends entries of one identifier, numbered from 0 on.
    private static func sendNumbered(_ count: Int, identifier: String) async throws {
        for index in 0..<count {
            try await Self.send([
                ("SYSLOG_IDENTIFIER", identifier), ("MESSAGE", "\(index)"), ("PRIORITY", "\(index % 2)"),
            ])
        }
    }

    private static func reader(_ groups: [JournalFilter.Match]...) throws -> JournalReader {
        let reader = try JournalReader(.machine)
        var filter = JournalFilter()
        for group in groups { filter.require(group) }
        try reader.apply(filter)
        return reader
    }

    private static func rest(of reader: borrowing JournalReader, backwards: Bool = false) throws -> [String] {
        var messages: [String] = []
        while try backwards ? reader.previous() : reader.next() { messages.append(try reader.entry["MESSAGE"] ?? "") }
        return messages
    }

    @Test func `entries are read forwards and backwards, and by what is in them`() async throws {
        try await Self.sendNumbered(5, identifier: "numbered")
        let all = try Self.reader([.init("SYSLOG_IDENTIFIER", "numbered")])
        #expect(try Self.rest(of: all) == ["0", "1", "2", "3", "4"])
        try all.seekTail()
        #expect(try Self.rest(of: all, backwards: true) == ["4", "3", "2", "1", "0"])
        let both = try Self.reader([.init("SYSLOG_IDENTIFIER", "numbered")], [.init("PRIORITY", "1")])
        #expect(try Self.rest(of: both) == ["1", "3"])
        // Alternatives in different fields, and in one.
        let either = try Self.reader(
            [.init("SYSLOG_IDENTIFIER", "numbered")],
            [.init("PRIORITY", "1"), .init("MESSAGE", "4"), .init("MESSAGE", "0")]
        )
        #expect(try Self.rest(of: either) == ["0", "1", "3", "4"])
        let none = try Self.reader([.init("SYSLOG_IDENTIFIER", "numbered")], [.init("MESSAGE", "5")])
        #expect(try Self.rest(of: none) == [])
    }

    @Test func `a cursor and a time lead back to an entry`() async throws {
        try await Self.sendNumbered(3, identifier: "sought")
        let reader = try Self.reader([.init("SYSLOG_IDENTIFIER", "sought")])
        #expect(try reader.next() && reader.next())
        let (cursor, time) = (try reader.cursor, try reader.time)
        #expect(try reader.entry["MESSAGE"] == "1")
        #expect(try reader.entry.cursor == cursor && reader.entry.time == time)
        try reader.seekHead()
        try reader.seek(toCursor: cursor)
        #expect(try Self.rest(of: reader) == ["1", "2"])
        try reader.seek(to: time)
        #expect(try Self.rest(of: reader) == ["1", "2"])
        try reader.seek(to: WallTime(microseconds: time.microseconds + 1))
        #expect(try Self.rest(of: reader) == ["2"])
        #expect(abs(time.microseconds - WallTime.now().microseconds) < 60_000_000)
    }

    @Test func `an entry has all values of its fields, those of journald too`() async throws {
        try await Self.send([
            ("SYSLOG_IDENTIFIER", "whole"), ("MESSAGE", "a\nb=c"), ("X", "1"), ("X", "2"), ("EMPTY", ""),
        ])
        let reader = try Self.reader([.init("SYSLOG_IDENTIFIER", "whole")])
        #expect(try reader.next())
        let entry = try reader.entry
        #expect(entry["MESSAGE"] == "a\nb=c")
        #expect(entry.fields["X"]?.sorted() == ["1", "2"])
        #expect(entry["EMPTY"] == "")
        #expect(entry["_PID"] == String(getpid()))
        #expect(entry["_BOOT_ID"] == BootID.current(environment: Environment([:]))?.digits)
        #expect(entry["NO_SUCH_FIELD"] == nil)
    }

    @Test func `new entries wake up whoever waits, in a rotated journal too`() async throws {
        let reader = try Self.reader([.init("SYSLOG_IDENTIFIER", "awaited")])
        let descriptor = try reader.descriptor
        #expect(try reader.timeout == nil)
        try reader.seek(to: .now())
        for (index, rotates) in [false, true].enumerated() {
            #expect(try reader.next() == false)
            if rotates { _ = try await Command.run("/usr/bin/journalctl", ["--rotate"]) }
            try await Self.send([("SYSLOG_IDENTIFIER", "awaited"), ("MESSAGE", "\(index)")])
            var changes: Set<JournalReader.Change> = []
            repeat {
                var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                #expect(unsafe poll(&entry, 1, 30_000) == 1)
                changes.insert(try reader.process())
            } while try !reader.next()
            #expect(try reader.entry["MESSAGE"] == "\(index)")
            #expect(changes.contains(rotates ? .invalidated : .appended), "\(changes)")
        }
    }

    @Test func `a directory and files of a journal are read as well`() async throws {
        try await Self.sendNumbered(1, identifier: "elsewhere")
        let places = try FileManager.default.contentsOfDirectory(atPath: "/run/log/journal")
        let place = "/run/log/journal/\(try #require(places.first))"
        let names = try FileManager.default.contentsOfDirectory(atPath: place)
        let sources: [JournalReader.Source] = [
            .directory(place), .directory("/run/log/journal"), .files(names.map { "\(place)/\($0)" }),
        ]
        for source in sources {
            #expect(JournalAccess.check(source) == .readable)
            let reader = try JournalReader(source)
            var filter = JournalFilter()
            filter.require([.init("SYSLOG_IDENTIFIER", "elsewhere")])
            try reader.apply(filter)
            #expect(try Self.rest(of: reader) == ["0"], "\(source)")
        }
        #expect(JournalAccess.check(.machine) == .readable)
    }
}

@Suite struct JournalAccessTests {
    @Test func `what is not there is missing`() async throws {
        try await withTemporaryDirectory { directory in
            #expect(JournalAccess.check(.directory(directory)) == .missing)
            #expect(JournalAccess.check(.directory("\(directory)/none")) == .missing)
            #expect(JournalAccess.check(.files(["\(directory)/system.journal"])) == .missing)
            try write("", to: "\(directory)/notes.txt", mode: 0o600)
            #expect(JournalAccess.check(.directory(directory)) == .missing)
            try write("", to: "\(directory)/user-1000.journal", mode: 0o600)
            #expect(JournalAccess.check(.directory(directory)) == .readable)
            // A machine's journal without the system's part has nothing of a service.
            #expect(JournalAccess.ofMachine(in: [directory]) == .missing)
            try write("", to: "\(directory)/system.journal", mode: 0o600)
            #expect(JournalAccess.ofMachine(in: [directory]) == .readable)
        }
    }

    @Test func `a file that is no journal is an error`() async throws {
        try await withTemporaryDirectory { directory in
            try write("this is no journal", to: "\(directory)/x.journal", mode: 0o600)
            #expect(throws: SystemCallError.self) { _ = try JournalReader(.files(["\(directory)/x.journal"])).next() }
            #expect(throws: SystemCallError.self) { _ = try JournalReader(.directory("\(directory)/none")).next() }
        }
    }
}
