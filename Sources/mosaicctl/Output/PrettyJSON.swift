import StrictJSON

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
