import Glibc
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
        var lines = AuditLines(at: time.withLock { $0.text(of: .now()) }, count: entries.count)
        for entry in entries { lines.append(entry) }
        var written = 0
        while written < entries.count {
            let start = written == 0 ? 0 : lines.ends[written - 1]
            var next = written + 1
            while next < entries.count, lines.ends[next] - start <= Self.chunk { next += 1 }
            let ends = lines.ends[written..<next]
            let text = lines.bytes[start..<lines.ends[next - 1]]
            let isInsideLine = isInsideLine.withLock { $0 }
            do throws(DescriptorOutput.Failure) {
                try DescriptorOutput.write((isInsideLine ? [UInt8(ascii: "\n")] : []) + text, to: descriptor)
                self.isInsideLine.withLock { $0 = false }
                written = next
            } catch {
                let count = error.written - (isInsideLine ? 1 : 0)
                written += ends.count { $0 <= start + count }
                if error.written > 0 { self.isInsideLine.withLock { $0 = count > 0 && !ends.contains(start + count) } }
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
        var lines = AuditLines(at: time, count: 1)
        lines.append(entry)
        return lines.bytes
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
