import Secrets
import StrictJSON
import Systemd

/// Audit entries as lines of text, in one buffer: `mosaicd-audit: ` and a JSON object whose members, all of them strings, are
/// the journal's fields.
///
/// Writes what needs no escape, which is nearly all, as it is; there is a line for every login.
package struct AuditLines {
    /// The lines, each with its line break.
    package private(set) var bytes: [UInt8] = []
    /// Where each line ends in `bytes`.
    private(set) var ends: [Int] = []
    private let time: String

    /// No lines yet.
    ///
    /// - Parameters:
    ///   - time: the value of `TIME`.
    ///   - count: how many lines there is to be room for.
    package init(at time: String, count: Int) {
        self.time = time
        bytes.reserveCapacity(count * 768)
        ends.reserveCapacity(count)
    }

    /// Adds the line of an entry.
    package mutating func append(_ entry: AuditEntry) {
        append(literal: "mosaicd-audit: {\"TIME\":\"")
        append(escaping: time)
        append(literal: "\",\"MESSAGE\":\"")
        entry.forEachPartOfMessage { append(escaping: $0) }
        append(literal: "\",\"PRIORITY\":\"")
        append(escaping: String(entry.priority))
        entry.forEachField { append($0, $1) }
        append(literal: "\"}\n")
        ends.append(bytes.count)
    }

    /// Adds a member behind another one whose closing quotation mark is still to come; its own is left out as well.
    private mutating func append(_ name: JournalFieldName, _ value: String) {
        // Names of fields are letters, digits and low lines.
        let name = name.description.utf8Span.span
        let text = value.utf8Span.span
        let isPlain = PlainText.standsForItself(text)
        bytes.append(addingCapacity: name.count + text.count + 6) { output in
            output.append(UInt8(ascii: "\""))
            output.append(UInt8(ascii: ","))
            output.append(UInt8(ascii: "\""))
            output.append(copying: name)
            output.append(UInt8(ascii: "\""))
            output.append(UInt8(ascii: ":"))
            output.append(UInt8(ascii: "\""))
            if isPlain { output.append(copying: text) }
        }
        if !isPlain { append(escaping: value) }
    }

    /// Adds text that may be anything.
    private mutating func append(escaping text: String) {
        let span = text.utf8Span.span
        if PlainText.standsForItself(span) {
            bytes.append(addingCapacity: span.count) { $0.append(copying: span) }
        } else {
            var writer = JSONWriter(capacity: 2 * span.count + 2)
            writer.string(text)
            bytes.append(contentsOf: writer.bytes.dropFirst().dropLast())
        }
    }

    /// Adds what is no text of an entry.
    private mutating func append(literal text: StaticString) {
        // Sound: the text lives as long as the process.
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
