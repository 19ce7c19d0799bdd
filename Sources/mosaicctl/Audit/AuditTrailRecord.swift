import AgentProtocol
import StrictJSON
import Systemd

/// A record of the agent's audit trail, as it was found in a journal.
struct AuditTrailRecord {
    let event: AuditEvent
    let entry: JournalEntry

    /// nil for an entry that the agent has not written, whatever it says of itself.
    ///
    /// What an entry is, every process can claim; from which unit it came only journald says: it drops fields of clients
    /// that begin with `_`.
    init?(_ entry: JournalEntry, agentUnit: String) {
        guard entry.fields[Self.unitField] == [agentUnit],
            let event = entry["MESSAGE_ID"].flatMap({ AuditEvent(messageID: $0) })
        else { return nil }
        self.event = event
        self.entry = entry
    }

    /// The unit of the process that sent an entry, on journald's word.
    static let unitField = "_SYSTEMD_UNIT"

    subscript(field: AuditField) -> String? { entry[field.rawValue] }

    /// The kind of error, else the verdict, else the kind of event: what a person looks for first.
    var word: String { self[.error] ?? self[.verdict] ?? event.rawValue }
}

extension AuditTrailRecord {
    /// The line for people, safe to show, with its LF.
    ///
    /// - Parameter name: the name of a user, for a journal of this machine.
    func line(nameOfUser name: (UInt32) -> String?) -> String {
        var words = [entry.time.localText, word]
        switch event {
        case .recordsLost:
            words.append("\(self[.callsRefused] ?? "0") calls refused,")
            words.append(
                "\(self[.recordsDropped] ?? "0") records dropped: the audit queue had no place for \(caller(name))"
            )
        case .summary:
            words.append(self[.method] ?? "-")
            words.append("by \(caller(name))")
            words.append("\(self[.calls] ?? "?") calls\(period)")
            for (label, value) in details { words.append("\(label)=\(value)") }
        default:
            words.append(self[.method] ?? "-")
            words.append("by \(caller(name))")
            if let reason = self[.reason] { words.append("(\(reason))") }
            for (label, value) in details { words.append("\(label)=\(value)") }
        }
        return TerminalText.escaped(words.joined(separator: " ")) + "\n"
    }

    /// The time in which calls that are summed up came, where both ends are there.
    private var period: String {
        guard let first = self[.firstTime].flatMap({ Int($0) }), let last = self[.lastTime].flatMap({ Int($0) }),
            first <= last
        else { return "" }
        return " within \(HumanUnits.wait(milliseconds: (last - first + 999) / 1000))"
    }

    private func caller(_ name: (UInt32) -> String?) -> String {
        guard let uid = self[.callerUID] else { return "various users" }
        return UInt32(uid).flatMap(name) ?? uid
    }

    /// What is left out is as in most records.
    private var details: [(String, String)] {
        let details: [(String, String?)] = [
            ("unit", self[.callerUnit]), ("pid", self[.callerPID]), ("client", self[.client]), ("rule", self[.rule]),
            ("target", self[.target].map(AuditTarget.short)), ("outcome", self[.outcome]),
            ("http", self[.upstreamStatus]),
            ("time", self[.duration].flatMap(Int.init).map(Self.milliseconds)),
            ("socket", self[.socket] == "main" ? nil : self[.socket]),
            ("delivered", self[.delivered] == "0" ? "no" : nil), ("replay", self[.replay] == "1" ? "yes" : nil),
            ("trace", self[.traceID]), ("call", self[.callID]),
        ]
        return details.compactMap { label, value in value.map { (label, $0) } }
    }

    private static func milliseconds(microseconds: Int) -> String {
        HumanUnits.milliseconds(microseconds: microseconds).filter { $0 != " " }
    }
}

extension AuditTrailRecord {
    /// The line for programs, with its LF: one object, whose `result` has the record.
    func json() -> String {
        let json = JSONText { writer in
            writer.beginObject()
            writer.member("schema", JSONReport.schema)
            writer.member("command", AuditCommand.title)
            writer.key("result")
            encode(to: &writer)
            writer.endObject()
        }
        return TerminalText.escaped(json: json.description) + "\n"
    }

    /// `time`, `event` and so on from the entry, then each field of the record under its own name.
    private func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("time", entry.time.utcText(decimals: 6))
        writer.member("event", event.rawValue)
        writer.member("message_id", event.messageID)
        writer.member("message", entry["MESSAGE"])
        writer.member("priority", entry["PRIORITY"].flatMap { Int($0) })
        writer.member("host", entry["_HOSTNAME"])
        writer.member("boot_id", entry["_BOOT_ID"])
        writer.member("agent_pid", entry["_PID"].flatMap { Int($0) })
        writer.member("agent_unit", entry[Self.unitField])
        writer.member("cursor", entry.cursor)
        // Those that this version knows in their order, then those of a later one.
        for field in AuditField.allCases { encode(field, to: &writer) }
        let known = Set(AuditField.allCases.map(\.rawValue))
        let others = entry.fields.keys.filter { $0.hasPrefix(AuditField.prefix) && !known.contains($0) }
        for name in others.sorted() { writer.member(AuditField.member(ofField: name), entry[name]) }
        writer.endObject()
    }

    private func encode(_ field: AuditField, to writer: inout JSONWriter) {
        guard let value = self[field] else { return }
        switch field.form {
        case .integer: writer.member(field.member, Int64(value))
        case .boolean: writer.member(field.member, value == "1")
        case .text: writer.member(field.member, value)
        }
    }
}
