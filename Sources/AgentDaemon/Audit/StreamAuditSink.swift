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

    private let time = Mutex(TimeText())

    /// A sink to `descriptor`, standard error by default; it stays open.
    package init(descriptor: CInt = STDERR_FILENO) {
        self.descriptor = descriptor
    }

    package func write(_ entries: [AuditEntry]) -> AuditWriteResult {
        let time = time.withLock { $0.text(of: .now()) }
        var written = 0
        while written < entries.count {
            var text: [UInt8] = []
            var ends: [Int] = []
            for entry in entries[written...] {
                let line = Self.line(of: entry, at: time)
                guard text.isEmpty || text.count + line.count <= Self.chunk else { break }
                text.append(contentsOf: line)
                ends.append(text.count)
            }
            let isInsideLine = isInsideLine.withLock { $0 }
            do throws(DescriptorOutput.Failure) {
                try DescriptorOutput.write(isInsideLine ? [UInt8(ascii: "\n")] + text : text, to: descriptor)
                self.isInsideLine.withLock { $0 = false }
                written += ends.count
            } catch {
                let count = error.written - (isInsideLine ? 1 : 0)
                written += ends.count { $0 <= count }
                if error.written > 0 { self.isInsideLine.withLock { $0 = count > 0 && !ends.contains(count) } }
                return AuditWriteResult(written: written, failure: "\(error)")
            }
        }
        return AuditWriteResult(written: entries.count)
    }

    /// Lines are written together up to so many bytes: what a pipe takes in one piece (pipe(7), `PIPE_BUF`), so that lines of
    /// other writers do not come in between.
    private static let chunk = 4096

    /// The line of an entry, with its line break.
    ///
    /// - Parameter time: the value of `TIME`.
    static func line(of entry: AuditEntry, at time: String) -> [UInt8] {
        var writer = JSONWriter(capacity: 1024)
        writer.prefix("mosaicd-audit: ")
        writer.beginObject()
        writer.key("TIME")
        writer.string(time)
        writer.key("MESSAGE")
        writer.string(entry.message)
        writer.key("PRIORITY")
        writer.string(String(entry.priority))
        entry.forEachField { name, value in
            writer.key(name.description)
            writer.string(value)
        }
        writer.endObject()
        writer.endLine()
        return writer.bytes
    }
}

/// Times in RFC 3339's form with milliseconds; of those in one second only the last digits are worked out anew.
struct TimeText {
    private var second: Int64?
    private var text: [UInt8] = []

    /// The text of a time.
    mutating func text(of time: WallTime) -> String {
        let (seconds, microseconds) = time.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        guard microseconds >= 0, second == seconds, text.count > 4 else {
            second = seconds
            let whole = time.utcText(decimals: 3)
            text = Array(whole.utf8)
            return whole
        }
        var milliseconds = microseconds / 1000
        for position in (text.count - 4..<text.count - 1).reversed() {
            text[position] = UInt8(ascii: "0") + UInt8(milliseconds % 10)
            milliseconds /= 10
        }
        return String(decoding: text, as: UTF8.self)
    }
}
