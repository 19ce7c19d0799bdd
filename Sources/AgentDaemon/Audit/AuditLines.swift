import StrictJSON
import Systemd

/// Audit entries as lines of text, in one buffer: `mosaicd-audit: ` and a JSON object whose members, all of them strings, are
/// the journal's fields.
///
/// Writes what needs no escape, which is nearly all, as it is; there is a line for every login.
struct AuditLines {
    /// The lines, each with its line break.
    private(set) var bytes: [UInt8] = []
    /// Where each line ends in `bytes`.
    private(set) var ends: [Int] = []
    private let time: String

    /// No lines yet.
    ///
    /// - Parameters:
    ///   - time: the value of `TIME`.
    ///   - count: how many lines there is to be room for.
    init(at time: String, count: Int) {
        self.time = time
        bytes.reserveCapacity(count * 768)
        ends.reserveCapacity(count)
    }

    /// Adds the line of an entry.
    mutating func append(_ entry: AuditEntry) {
        append("mosaicd-audit: {\"TIME\":\"")
        append(time)
        append("\",\"MESSAGE\":\"")
        entry.forEachPartOfMessage { append(escaping: $0) }
        append("\",\"PRIORITY\":\"")
        append(String(entry.priority))
        entry.forEachField { name, value in
            append("\",\"")
            // Names of fields are letters, digits and low lines.
            append(name.description)
            append("\":\"")
            append(escaping: value)
        }
        append("\"}\n")
        ends.append(bytes.count)
    }

    /// Adds text that may be anything.
    private mutating func append(escaping text: String) {
        if Self.needsEscape(text.utf8Span.span) {
            var writer = JSONWriter(capacity: 2 * text.utf8.count + 2)
            writer.string(text)
            bytes.append(contentsOf: writer.bytes.dropFirst().dropLast())
        } else {
            append(text)
        }
    }

    /// Adds text as it is.
    private mutating func append(_ text: String) {
        // Sound: the buffer is only read, and only inside the closure.
        unsafe text.utf8Span.span.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }

    /// Whether JSON cannot have the text in a string as it is (RFC 8259, section 7). Looks at every byte without a branch, so
    /// that many are looked at in one step.
    private static func needsEscape(_ text: Span<UInt8>) -> Bool {
        var found: UInt8 = 0
        for index in text.indices {
            let byte = text[index]
            found |= byte < 0x20 ? 1 : 0
            found |= byte == UInt8(ascii: "\"") ? 1 : 0
            found |= byte == UInt8(ascii: "\\") ? 1 : 0
        }
        return found != 0
    }
}
