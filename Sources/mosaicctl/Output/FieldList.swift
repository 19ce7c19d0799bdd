/// Lines of the form `name  value`, with the values in one column, in groups under headings.
struct FieldList {
    private enum Line {
        case field(name: String, value: String)
        case heading(String)
        case blank
    }

    private var lines: [Line] = []

    /// Adds a line; the value comes from outside and is made safe. Nothing is added for nil and empty values.
    mutating func add(_ name: String, _ value: String?) {
        guard let value, !value.isEmpty else { return }
        lines.append(.field(name: TerminalText.escaped(name), value: TerminalText.escaped(value)))
    }

    /// Begins a new group of lines.
    mutating func heading(_ text: String) {
        if !lines.isEmpty { lines.append(.blank) }
        lines.append(.heading(TerminalText.escaped(text)))
    }

    /// The lines, each with its LF.
    var text: String {
        let width = lines.reduce(0) { width, line in
            if case .field(let name, _) = line { return max(width, name.count) }
            return width
        }
        var text = ""
        for line in lines {
            switch line {
            case .blank: text += "\n"
            case .heading(let heading): text += heading + "\n"
            case .field(let name, let value):
                text += name + String(repeating: " ", count: width - name.count + 2) + value + "\n"
            }
        }
        return text
    }
}
