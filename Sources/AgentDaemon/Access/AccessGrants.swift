package import AgentProtocol

/// What a rule's `Allow=` grants, with every group expanded to its methods.
package struct AccessGrants: Sendable, Hashable {
    /// The wildcard: every group that is not a takeover right, and no field right.
    package static let wildcard = "*"

    /// Every method that may be called.
    package let methods: Set<String>
    /// Every right held as such: groups, takeover groups and field rights.
    package let rights: Set<Right>
    /// Methods that were allowed by their own names.
    package let namedMethods: Set<String>

    /// What these words grant; words that the catalogue does not know grant nothing.
    ///
    /// - Parameter words: methods, rights and ``wildcard``, as written in `Allow=`.
    package init(_ words: some Sequence<String>, in catalogue: RightsCatalogue) {
        let words = Set(words)
        let all = words.contains(Self.wildcard)
        let held = catalogue.entries.filter { words.contains($0.right.name) || (all && $0.kind == .group) }
        let rights = Set(held.map(\.right))
        let named = catalogue.methods.filter { words.contains($0.name) }
        let opened = catalogue.methods.filter { rights.contains($0.right) }
        self.rights = rights
        self.namedMethods = Set(named.map(\.name))
        self.methods = Set((named + opened).map(\.name))
    }
}
