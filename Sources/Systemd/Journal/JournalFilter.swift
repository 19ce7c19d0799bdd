/// Which entries of a journal are wanted: those that match at least one alternative of every group.
package struct JournalFilter: Hashable, Sendable {
    /// A field and the value that it must have.
    package struct Match: Hashable, Sendable {
        /// The field's name.
        package let field: String
        /// The value, compared byte by byte.
        package let value: String

        /// A match.
        package init(_ field: String, _ value: String) {
            self.field = field
            self.value = value
        }
    }

    /// The groups; none of them is empty.
    package private(set) var groups: [[Match]] = []

    /// A filter that lets everything through.
    package init() {}

    /// Narrows the filter to entries that match one of the alternatives. Without any it stays as it is.
    package mutating func require(_ alternatives: [Match]) {
        if !alternatives.isEmpty { self.groups.append(alternatives) }
    }
}
