import Linux

/// Rows of cells under headings, each column as wide as its widest cell.
struct Table {
    private let headings: [String]
    private var rows: [[String]] = []

    /// A table with these headings and no rows yet.
    init(_ headings: [String]) {
        self.headings = headings
    }

    /// Adds a row; the cells come from outside and are made safe. A missing value is shown as `-`.
    mutating func add(_ cells: [String?]) {
        rows.append(cells.map { cell in cell.flatMap { $0.isEmpty ? nil : TerminalText.escaped($0) } ?? "-" })
    }

    /// The lines, each with its LF.
    var text: String {
        let lines = [headings] + rows
        let widths = headings.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            var text = ""
            for (column, cell) in line.enumerated() {
                let isLast = column == line.count - 1
                text += cell + (isLast ? "" : String(repeating: " ", count: widths[column] - cell.count + 2))
            }
            return text + "\n"
        }.joined()
    }
}

/// Makes text from outside safe to show: nothing in it can move the cursor, change colours, or reverse what is read.
enum TerminalText {
    /// Shows control characters (C0, DEL, C1), line separators and direction marks as `\u{…}`, and a backslash as two, so
    /// that the two cannot be confused. A byte of a path that is not UTF-8 is shown as `\xNN`.
    static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if let byte = PathText.byte(scalar) {
                result.append(contentsOf: PathText.hexadecimal(byte).unicodeScalars)
            } else if isDangerous(scalar) {
                result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            } else if scalar == "\\" {
                result.append(contentsOf: "\\\\".unicodeScalars)
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }

    /// The same for JSON text: such characters can only stand in strings, where `\uXXXX` means the same.
    static func escaped(json text: String) -> String {
        guard text.unicodeScalars.contains(where: isDangerous) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            // Line breaks between the tokens of indented JSON are wanted; inside strings they cannot occur.
            if scalar == "\n" || !isDangerous(scalar) {
                result.append(scalar)
            } else {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    let zeros = String(repeating: "0", count: 4 - digits.count)
                    result.append(contentsOf: "\\u\(zeros)\(digits)".unicodeScalars)
                }
            }
        }
        return String(result)
    }

    private static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F: true  // C0, DEL, C1
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true  // direction
        case 0x2028, 0x2029: true  // line and paragraph separators
        case 0xE0000...0xE007F: true  // invisible tags
        default: false
        }
    }
}

/// Times and amounts as people read them.
enum HumanUnits {
    /// `2 d 3 h`, `1 h 5 min`, `59 min 3 s`, `12 s`.
    static func duration(seconds: Int) -> String {
        let units: [(Int, String)] = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")]
        guard let first = units.firstIndex(where: { seconds >= $0.0 }) else { return "\(seconds) s" }
        let (size, name) = units[first]
        let rest = seconds % size
        guard first + 1 < units.count, rest >= units[first + 1].0 else { return "\(seconds / size) \(name)" }
        return "\(seconds / size) \(name) \(rest / units[first + 1].0) \(units[first + 1].1)"
    }

    /// A time to wait, rounded up to seconds where it has some.
    static func wait(milliseconds: Int) -> String {
        milliseconds < 1000 ? "\(milliseconds) ms" : duration(seconds: (milliseconds + 999) / 1000)
    }

    /// A number of microseconds as milliseconds with two decimals, without the help of a locale.
    static func milliseconds(microseconds: Int) -> String {
        let hundredths = (microseconds + 5) / 10
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) ms"
    }
}

/// Standard output and standard error.
///
/// Not `print`: that would lose an error of writing, and a script would take a truncated output for all of it.
enum Console {
    /// Writes to standard output, all of it.
    static func write(_ text: String) throws(StandardOutput.Failure) {
        try StandardOutput.write(text)
    }

    /// Writes a message to standard error, after the program's name. If even that fails, the message is lost.
    static func complain(_ message: String) {
        StandardOutput.complain("mosaicctl", message)
    }

    /// Writes lines to standard error as they are.
    static func explain(_ lines: String) {
        StandardOutput.complain(lines: lines)
    }
}
