/// Reads systemd's file syntax (systemd.syntax(7)) strictly: a pure function over a file's bytes.
///
/// Sections, `Key=value`, comment lines beginning with `#` or `;`, and a backslash at a line's end as there. Stricter than
/// there: whatever systemd would skip with a warning is an error, and all errors of the file are collected. No message
/// repeats a line that it does not understand: it may be a secret in the wrong place.
package struct SectionFileReader {
    /// The greatest size of a file: 1 MiB.
    package static let maximumSize = 1 << 20

    private let path: String
    private var sections: [SectionFile.Section] = []
    private var problems: [ConfigurationProblem] = []
    /// False after a broken header, whose assignments are read for their form only.
    private var hasSection = false
    private var sawHeader = false
    /// The logical line being put together, and the line it began in.
    private var pending = ""
    private var pendingLine: Int?
    private var headerLines: [String: Int] = [:]
    private var firstAssignments: [String: SectionFile.Assignment] = [:]

    private init(path: String) {
        self.path = path
    }

    /// Reads a file's bytes; the result is as complete as the problems allow.
    package static func read(
        _ bytes: [UInt8],
        path: String
    ) -> (file: SectionFile, problems: [ConfigurationProblem]) {
        var reader = Self(path: path)
        reader.readAll(bytes)
        return (SectionFile(path: path, sections: reader.sections), reader.problems)
    }

    private mutating func readAll(_ bytes: [UInt8]) {
        guard bytes.count <= Self.maximumSize else {
            report(line: nil, "is \(bytes.count) bytes long", allowed: "at most \(Self.maximumSize) bytes")
            return
        }
        var bytes = bytes[...]
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            report(line: 1, "begins with a byte order mark", allowed: "UTF-8 without one")
            bytes = bytes.dropFirst(3)
        }
        var reportedCarriageReturn = false
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let number = index + 1
            if line.contains(UInt8(ascii: "\r")) {
                // One report is enough for a file whose every line ends so.
                if !reportedCarriageReturn {
                    report(line: number, "contains a carriage return", allowed: "lines that end with a line feed alone")
                }
                reportedCarriageReturn = true
                read(line: line.filter { $0 != UInt8(ascii: "\r") }[...], number: number)
            } else {
                read(line: line, number: number)
            }
        }
        if let pendingLine {
            report(
                line: pendingLine,
                "continues past the end of the file",
                allowed: "no backslash at the last line's end"
            )
        }
    }

    private mutating func read(line bytes: ArraySlice<UInt8>, number: Int) {
        if let control = bytes.first(where: { ($0 < 0x20 && $0 != UInt8(ascii: "\t")) || $0 == 0x7F }) {
            let name = control == 0 ? "a NUL byte" : "the control character 0x" + hexadecimal(control)
            report(line: number, "contains \(name)", allowed: "text without control characters")
            dropPending()
            return
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            report(line: number, "is not valid UTF-8", allowed: "UTF-8")
            dropPending()
            return
        }
        let content = text.trimmedBlanks
        if content.first == "#" || content.first == ";" { return }
        if content.last == "\\" {
            guard text.utf8.last == UInt8(ascii: "\\") else {
                report(
                    line: number,
                    "has white space behind the backslash at its end, so the value is not continued",
                    allowed: "the backslash as the last character"
                )
                dropPending()
                return
            }
            add(part: content.dropLast(), number: number)
        } else {
            add(part: content[...], number: number)
            if let line = pendingLine {
                let text = pending.trimmedBlanks
                dropPending()
                interpret(text, line: line)
            }
        }
    }

    private mutating func dropPending() {
        pending = ""
        pendingLine = nil
    }

    /// Adds a line to the logical line it belongs to.
    private mutating func add(part: Substring, number: Int) {
        guard let line = pendingLine else {
            pending = String(part)
            pendingLine = number
            return
        }
        if part.first == "[" {
            report(
                line: number,
                "looks like a section header, but the line before it continues here",
                allowed: "no backslash at the end of the value that begins in line \(line)"
            )
        }
        pending += " "
        pending += part
    }

    private mutating func interpret(_ text: String, line: Int) {
        if text.isEmpty { return }
        if text.first == "[" {
            readHeader(text, line: line)
        } else {
            readAssignment(text, line: line)
        }
    }

    private mutating func readHeader(_ text: String, line: Int) {
        sawHeader = true
        hasSection = false
        guard text.last == "]", !text.dropFirst().dropLast().contains(where: { $0 == "[" || $0 == "]" }) else {
            report(line: line, "is not a section header", allowed: "[Kind] or [Kind name] alone on the line")
            return
        }
        let words = text.dropFirst().dropLast().split(whereSeparator: \.isBlank)
        guard let kind = words.first, words.count <= 2 else {
            report(
                line: line,
                words.isEmpty ? "is an empty section header" : "is a section header of more than two words",
                allowed: "[Kind] or [Kind name]"
            )
            return
        }
        let section = SectionFile.Section(
            kind: String(kind),
            name: words.dropFirst().first.map(String.init),
            line: line,
            assignments: []
        )
        hasSection = true
        if let first = headerLines[section.title] {
            report(
                line: line,
                section: section.title,
                "is already begun in line \(first) of this file",
                allowed: "each section once per file"
            )
        } else {
            headerLines[section.title] = line
        }
        firstAssignments = [:]
        sections.append(section)
    }

    private mutating func readAssignment(_ text: String, line: Int) {
        guard let equals = text.firstIndex(of: "=") else {
            report(
                line: line,
                section: currentTitle,
                "is neither a section header, a comment nor an assignment",
                allowed: "[Section], Key=value, # comment, ; comment"
            )
            return
        }
        let key = String(text[..<equals]).trimmedBlanks
        let value = String(text[text.index(after: equals)...]).trimmedBlanks
        guard isKey(key) else {
            report(
                line: line,
                section: currentTitle,
                "has no proper key before the =",
                allowed: "a key of 1 to 40 ASCII letters"
            )
            return
        }
        guard hasSection, let section = sections.indices.last else {
            if !sawHeader {
                report(line: line, key: key, "stands before the first section", allowed: "assignments inside a section")
            }
            return
        }
        // `Key=` and then `Key=value` is systemd's way to reset and set; anything else twice is a mistake.
        let assignment = SectionFile.Assignment(key: key, value: value, line: line)
        if let first = firstAssignments[key], !first.value.isEmpty || value.isEmpty {
            report(
                line: line,
                section: currentTitle,
                key: key,
                "is already set in line \(first.line) of this file",
                allowed: "each key once per section and file; lists have all their words in one assignment"
            )
        }
        firstAssignments[key] = assignment
        sections[section].assignments.append(assignment)
    }

    private var currentTitle: String? {
        hasSection ? sections.last?.title : nil
    }

    /// Short and of letters only, as all our keys are, so that no secret can pass for a key and be printed.
    private func isKey(_ text: String) -> Bool {
        (1...40).contains(text.utf8.count)
            && text.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) }
    }

    private mutating func report(
        line: Int?,
        section: String? = nil,
        key: String? = nil,
        _ what: String,
        allowed: String
    ) {
        problems.append(
            ConfigurationProblem(
                file: path,
                line: line,
                section: section?.printable,
                key: key,
                what: what,
                allowed: allowed
            )
        )
    }

    private func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return digits.utf8.count < 2 ? "0" + digits : digits
    }
}
