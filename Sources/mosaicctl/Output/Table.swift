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
