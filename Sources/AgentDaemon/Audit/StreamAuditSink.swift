import FoundationEssentials
import Glibc
import StrictJSON
import Systemd

/// Writes audit entries to an open descriptor, each as one line: `mosaicd-audit: ` and a JSON object whose members are the
/// journal's fields.
///
/// For agents outside of systemd, and for the time when no journal answers. The prefix tells the lines from log messages
/// on the same stream.
package struct StreamAuditSink: AuditSink {
    private let descriptor: CInt

    /// A sink to `descriptor`, standard error by default; it stays open.
    package init(descriptor: CInt = STDERR_FILENO) {
        self.descriptor = descriptor
    }

    package func write(_ entries: [AuditEntry]) {
        for entry in entries {
            DescriptorOutput.write(Self.line(of: entry, at: .now), to: descriptor)
        }
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
