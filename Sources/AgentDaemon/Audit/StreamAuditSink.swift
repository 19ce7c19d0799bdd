import FoundationEssentials
import Glibc
import StrictJSON
import Synchronization
import Systemd

/// Writes audit entries to an open descriptor, each as one line: `mosaicd-audit: ` and a JSON object whose members are the
/// journal's fields.
///
/// For agents outside of systemd, and for the time when no journal answers. The prefix tells the lines from log messages
/// on the same stream.
package final class StreamAuditSink: AuditSink {
    private let descriptor: CInt
    /// Whether the last write ended inside a line: the next one then begins a new line.
    private let isInsideLine = Mutex(false)

    /// A sink to `descriptor`, standard error by default; it stays open.
    package init(descriptor: CInt = STDERR_FILENO) {
        self.descriptor = descriptor
    }

    package func write(_ entries: [AuditEntry]) -> AuditWriteResult {
        for (index, entry) in entries.enumerated() {
            let line = Self.line(of: entry, at: .now)
            do throws(DescriptorOutput.Failure) {
                try DescriptorOutput.write(
                    isInsideLine.withLock { $0 } ? [UInt8(ascii: "\n")] + line : line,
                    to: descriptor
                )
                isInsideLine.withLock { $0 = false }
            } catch {
                if error.written > 0 { isInsideLine.withLock { $0 = true } }
                return AuditWriteResult(written: index, failure: "\(error)")
            }
        }
        return AuditWriteResult(written: entries.count)
    }

    /// The line of an entry, with its line break.
    static func line(of entry: AuditEntry, at time: Date) -> [UInt8] {
        var writer = JSONWriter(capacity: 768)
        writer.beginObject()
        writer.key("TIME")
        writer.string(time.ISO8601Format(.init(includingFractionalSeconds: true)))
        writer.key("MESSAGE")
        writer.string(entry.message)
        writer.key("PRIORITY")
        writer.string(String(entry.priority))
        for field in entry.fields {
            writer.key(field.name.description)
            writer.string(field.value)
        }
        writer.endObject()
        writer.endLine()
        return Array("mosaicd-audit: ".utf8) + writer.bytes
    }
}
