import Glibc
import Synchronization
import Systemd
import Testing

@testable import AgentDaemon

@Suite struct AuditSinkTests {
    private static func entries(_ count: Int) -> [AuditEntry] {
        (0..<count).map { .call(.sample(callID: "c\($0)")) }
    }

    @Test func `what a full disk does not take is not written`() {
        let full = unsafe open("/dev/full", O_WRONLY)
        defer { close(full) }
        let result = StreamAuditSink(descriptor: full).write(Self.entries(3))
        #expect(result.written == 0)
        #expect(result.failure?.contains("No space left on device") == true)
    }

    @Test func `nor is what goes into a pipe without a reader, or into no file at all`() {
        signal(SIGPIPE, SIG_IGN)
        var ends: [CInt] = [0, 0]
        unsafe pipe(&ends)
        close(ends[0])
        let result = StreamAuditSink(descriptor: ends[1]).write(Self.entries(1))
        #expect(result.written == 0 && result.failure?.contains("Broken pipe") == true)
        close(ends[1])
        #expect(StreamAuditSink(descriptor: -1).write(Self.entries(1)).failure?.contains("Bad file descriptor") == true)
        #expect(MissingAuditSink().write(Self.entries(1)).written == 0)
    }

    @Test func `of many entries each is written once, in order, on a line of its own`() {
        var ends: [CInt] = [0, 0]
        unsafe pipe(&ends)
        // All of them fit into an empty pipe (pipe(7)), so that nothing waits.
        #expect(StreamAuditSink(descriptor: ends[1]).write(Self.entries(60)) == AuditWriteResult(written: 60))
        close(ends[1])
        var text: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe part.withUnsafeMutableBytes { unsafe read(ends[0], $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            text += part[..<count]
        }
        close(ends[0])
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 60)
        for (index, line) in lines.enumerated() {
            #expect(line.hasPrefix("mosaicd-audit: {") && line.hasSuffix("}"))
            #expect(line.contains("\"MOSAIC_CALL_ID\":\"c\(index)\""))
        }
    }

    @Test func `without a journal the fallback decides`() {
        let fallback = RecordingSink()
        fallback.fail("Broken pipe")
        let sink = JournalAuditSink(isAvailable: { false }, send: { _ in }, fallback: fallback)
        #expect(sink.write(Self.entries(2)) == AuditWriteResult(written: 0, failure: "no journal listens; Broken pipe"))
        fallback.fail(nil)
        #expect(sink.write(Self.entries(2)) == AuditWriteResult(written: 2))
    }

    @Test func `what the journal refuses goes to the fallback, and counts as unwritten where that fails too`() {
        struct Refused: Error, CustomStringConvertible { let description = "refused" }
        let fallback = RecordingSink()
        let sent = Mutex(0)
        let sink = JournalAuditSink(
            isAvailable: { true },
            send: { _ in
                guard
                    sent.withLock({
                        $0 += 1
                        return $0
                    }) < 3
                else { throw Refused() }
            },
            fallback: fallback
        )
        #expect(sink.write(Self.entries(3)) == AuditWriteResult(written: 3))
        #expect(fallback.records.map(\.callID) == ["c2"])
        fallback.fail("Broken pipe")
        #expect(sink.write(Self.entries(2)) == AuditWriteResult(written: 0, failure: "refused; Broken pipe"))
    }
}
