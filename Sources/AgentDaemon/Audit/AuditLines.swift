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
        append(literal: "mosaicd-audit: {\"TIME\":\"")
        append(escaping: time)
        append(literal: "\",\"MESSAGE\":\"")
        entry.forEachPartOfMessage { append(escaping: $0) }
        append(literal: "\",\"PRIORITY\":\"")
        append(escaping: String(entry.priority))
        entry.forEachField { name, value in
            append(literal: "\",\"")
            // Names of fields are letters, digits and low lines.
            append(name.description.utf8Span.span)
            append(literal: "\":\"")
            append(escaping: value)
        }
        append(literal: "\"}\n")
        ends.append(bytes.count)
    }

    /// Adds text that may be anything.
    private mutating func append(escaping text: String) {
        let span = text.utf8Span.span
        if Self.needsEscape(span) {
            var writer = JSONWriter(capacity: 2 * span.count + 2)
            writer.string(text)
            bytes.append(contentsOf: writer.bytes.dropFirst().dropLast())
        } else {
            append(span)
        }
    }

    /// Adds bytes as they are.
    private mutating func append(_ text: Span<UInt8>) {
        // Sound: the buffer is only read, and only inside the closure.
        unsafe text.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }

    /// Adds what is no text of an entry.
    private mutating func append(literal text: StaticString) {
        // Sound: the text lives as long as the process.
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Whether JSON cannot have the text in a string as it is (RFC 8259, section 7).
    private static func needsEscape(_ text: Span<UInt8>) -> Bool {
        for index in text.indices {
            let byte = text[index]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return true }
        }
        return false
    }
}
