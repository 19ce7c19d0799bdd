internal import Glibc
internal import Linux

/// Environment variables, handed to whatever reads them, so that a test needs no change to the process's own.
package struct Environment: Sendable {
    private let lookUp: @Sendable (String) -> String?

    /// The variables of this process, read anew at each use.
    package static let process = Environment { name in
        // Sound: the result is copied before anything else runs, and nothing in this program changes its environment
        // once threads run (`ListenDescriptors.takeFromManager()` does, at the start).
        unsafe getenv(name).map { unsafe PathText.text(cString: $0) }
    }

    /// Exactly `variables`.
    package init(_ variables: [String: String]) {
        self.init { variables[$0] }
    }

    private init(lookUp: @escaping @Sendable (String) -> String?) {
        self.lookUp = lookUp
    }

    /// The value of the variable `name`; nil when it is not set. Bytes that are not UTF-8
    /// are as in a path (`PathText`).
    package subscript(name: String) -> String? {
        self.lookUp(name)
    }
}
