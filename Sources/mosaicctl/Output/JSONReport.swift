import AgentProtocol
import StrictJSON

/// The output of `--json`: one object on one line, on standard output, whatever happens once the arguments were read.
///
/// ```
/// {"schema":"mosaicctl/1","command":"ping","exit_status":0,"result":{…},"withheld":["access_token"]}
/// {"schema":"mosaicctl/1","command":"ping","exit_status":6,"error":{"source":"mosaicctl","message":"…",
///   "data":{"kind":"not_running","outcome":"not_sent"},"socket":{…}}}
/// ```
///
/// `error.source` is `agent` for an error that the agent answered; `code`, `message` and `data` are then those of the
/// protocol. Within `mosaicctl/1`, members are only added.
enum JSONReport {
    /// The value of the member `schema`.
    static let schema = "mosaicctl/1"

    static func text(command: String, _ report: Report) -> String {
        text(command, report.status) { writer in
            writer.key("result")
            writer.raw(report.result)
            if !report.withheld.isEmpty { writer.member("withheld", report.withheld) }
        }
    }

    /// One event of a command that shows them as they come; the line has `event`, and no exit status yet.
    static func text(command: String, event: some WireObject) -> String {
        text(command, nil) { $0.member("event", event) }
    }

    static func text(command: String, _ failure: CommandFailure) -> String {
        text(command, failure.status) { writer in
            writer.key("error")
            writer.beginObject()
            if let refusal = failure.refusal {
                writer.member("source", "agent")
                encodeMembers(of: refusal, to: &writer)
            } else {
                writer.member("source", "mosaicctl")
                writer.member("message", failure.message)
                writer.key("data")
                writer.beginObject()
                writer.member("kind", failure.kind)
                writer.member("outcome", failure.outcome?.rawValue)
                writer.endObject()
            }
            if let diagnosis = failure.diagnosis {
                writer.key("socket")
                diagnosis.encode(to: &writer)
            }
            writer.endObject()
        }
    }

    private static func encodeMembers(of refusal: ProtocolError, to writer: inout JSONWriter) {
        let json = JSONText { refusal.encode(to: &$0) }.value
        for name in ["code", "message", "data"] {
            guard let value = json[name] else { continue }
            writer.key(name)
            writer.raw(value.rawText)
        }
    }

    private static func text(
        _ command: String,
        _ status: ExitStatus?,
        _ body: (inout JSONWriter) -> Void
    ) -> String {
        let json = JSONText { writer in
            writer.beginObject()
            writer.member("schema", schema)
            writer.member("command", command)
            writer.member("exit_status", status.map { Int($0.rawValue) })
            body(&writer)
            writer.endObject()
        }
        return TerminalText.escaped(json: json.description) + "\n"
    }
}

/// JSON with one member or element per line, for people.
enum PrettyJSON {
    /// The value as indented text, with an LF at the end, safe to show on a terminal.
    static func text(_ value: JSONValue) -> String {
        var text = ""
        append(value, depth: 0, to: &text)
        return TerminalText.escaped(json: text + "\n")
    }

    private static func append(_ value: JSONValue, depth: Int, to text: inout String) {
        if let members = value.members, value.count != 0 {
            appendItems(members, "{", "}", depth, &text) { member, text in
                text += "\(member.key.rawText): "
                append(member.value, depth: depth + 1, to: &text)
            }
        } else if let elements = value.elements, value.count != 0 {
            appendItems(elements, "[", "]", depth, &text) { element, text in
                append(element, depth: depth + 1, to: &text)
            }
        } else if value.kind == .object {
            text += "{}"
        } else if value.kind == .array {
            text += "[]"
        } else {
            text += value.rawText.description
        }
    }

    private static func appendItems<Items: Sequence>(
        _ items: Items,
        _ opening: String,
        _ closing: String,
        _ depth: Int,
        _ text: inout String,
        _ appendItem: (Items.Element, inout String) -> Void
    ) {
        text += opening
        var isFirst = true
        for item in items {
            text += (isFirst ? "\n" : ",\n") + String(repeating: "  ", count: depth + 1)
            isFirst = false
            appendItem(item, &text)
        }
        text += "\n" + String(repeating: "  ", count: depth) + closing
    }
}
