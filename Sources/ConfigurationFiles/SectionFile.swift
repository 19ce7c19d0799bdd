/// A file of sections and assignments in systemd's syntax, as it was written: nothing in it has a meaning yet.
package struct SectionFile: Sendable, Hashable {
    /// A `Key=value` line.
    package struct Assignment: Sendable, Hashable {
        /// What stands before the `=`.
        package let key: String
        /// What stands after it, trimmed, continued lines joined by a space; empty resets the key.
        package let value: String
        /// Where it begins, counted from 1.
        package let line: Int
    }

    /// A `[Kind name]` header and what follows it.
    package struct Section: Sendable, Hashable {
        /// The header's first word.
        package let kind: String
        /// The rest of the header, if there is any.
        package let name: String?
        /// The header's line, counted from 1.
        package let line: Int
        /// Its assignments, in order.
        package var assignments: [Assignment]

        /// The header without its brackets.
        package var title: String {
            name.map { "\(kind) \($0)" } ?? kind
        }
    }

    /// The path, for messages.
    package let path: String
    /// The sections, in order.
    package let sections: [Section]
}
