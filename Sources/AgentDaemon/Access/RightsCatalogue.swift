/// What there is to be granted: the methods, the rights that open them, and the rights of single fields.
///
/// The configuration reader refuses any other name, and tells what exists from here; the policy expands groups with it.
package struct RightsCatalogue: Sendable {
    /// A name that `Allow=` knows besides the methods' own.
    package struct Right: Sendable, Hashable {
        /// How far a right goes.
        package enum Kind: Sendable, Hashable {
            /// A group of methods, also meant by `*`.
            case group
            /// A group of methods with which accounts can be taken over: never meant by `*`.
            case takeover
            /// Certain fields of methods that another right opens: implied by no group and not by `*`.
            case field
        }

        /// As written in `Allow=`.
        package let name: String
        /// How far it goes.
        package let kind: Kind
        /// What who holds it can do, as a sentence; the reader warns with it where it is dangerous.
        package let documentation: String

        /// A right.
        package init(name: String, kind: Kind, documentation: String) {
            self.name = name
            self.kind = kind
            self.documentation = documentation
        }
    }

    /// A method that rules can allow.
    package struct Method: Sendable, Hashable {
        /// Its name on the wire.
        package let name: String
        /// The groups that open it; one of them is enough.
        package let rights: [String]
        /// Whether its parameters can name the user it acts on.
        package let hasTarget: Bool

        /// A method.
        package init(name: String, rights: [String], hasTarget: Bool) {
            self.name = name
            self.rights = rights
            self.hasTarget = hasTarget
        }
    }

    /// The rights, in the order of the documentation.
    package let rights: [Right]
    /// The methods, in the order of the documentation.
    package let methods: [Method]
    /// The kinds of target that `Users=` can name.
    package let targetKinds: [String]

    private let methodsByName: [String: Method]

    /// A catalogue.
    package init(rights: [Right], methods: [Method], targetKinds: [String]) {
        self.rights = rights
        self.methods = methods
        self.targetKinds = targetKinds
        self.methodsByName = Dictionary(methods.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The method of that name.
    package func method(named name: String) -> Method? {
        methodsByName[name]
    }
}
