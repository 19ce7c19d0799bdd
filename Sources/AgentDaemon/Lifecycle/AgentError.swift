import ConfigurationFiles

/// Why the agent cannot start, or stopped without being told to.
package struct AgentError: Error, Sendable, CustomStringConvertible {
    /// What kind of trouble it is, which decides the exit status (sysexits.h).
    package enum Kind: Int32, Sendable, CaseIterable {
        /// Something it needs is not to be had: a socket that another process serves, a directory that is not safe.
        case unavailable = 69
        /// A bug.
        case software = 70
        /// The system refuses something that it should not.
        case system = 71
        /// The configuration cannot be used; a restart without a change helps nothing.
        case configuration = 78

        /// What the exit status means, for the manual.
        package var meaning: String {
            switch self {
            case .unavailable:
                "Something that the agent needs is not to be had, such as a socket that another process serves."
            case .software: "A bug in the agent."
            case .system: "The system refuses something that it should not."
            case .configuration:
                "The configuration cannot be used. A restart without a change helps nothing, so systemd makes none."
            }
        }
    }

    /// What kind of trouble it is.
    package let kind: Kind
    /// What is wrong, where, and what is allowed; several lines where there are several problems.
    package let description: String

    /// An error.
    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// The error that ended the agent, as one of these.
    package init(_ error: any Error) {
        switch error {
        case let error as AgentError: self = error
        case let error as ConfigurationError: self.init(.configuration, error.description)
        case let error as SocketError: self.init(.unavailable, error.description)
        default: self.init(.software, "\(error)")
        }
    }
}
