package import AgentProtocol

/// The sockets that the agent listens on.
///
/// The raw values are the names of their descriptors (`FileDescriptorName=`, systemd.socket(5)), and how the journal and
/// the status call them.
package enum ServedSocket: String, Sendable, Hashable, CaseIterable {
    /// For applications.
    case main
    /// For administration.
    case control
    /// Gives units their credentials; it speaks no JSON, see ``CredentialRequest``.
    case credential

    /// The socket with the methods of that kind.
    package init(_ socket: SocketKind) {
        switch socket {
        case .main: self = .main
        case .control: self = .control
        }
    }
}
