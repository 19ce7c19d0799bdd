package import AgentProtocol

/// Where a socket comes from.
package enum SocketSource: Sendable, Equatable {
    /// A listening descriptor that systemd passed; the server closes it but never removes the path.
    case inherited(Int32)
    /// The server binds it itself: an absolute path in a directory that no other user can write to, the permission bits,
    /// and the group that the path gets (nil: leave it).
    case path(String, mode: UInt32, group: UInt32?)
}

/// Everything about the sockets that configuration or tests may choose.
package struct SocketServerSettings: Sendable {
    /// The socket for applications.
    package var main: SocketSource
    /// The socket for administration.
    package var control: SocketSource
    /// The socket for units' credentials; nil if there is none.
    package var credential: SocketSource?
    /// Whose requests for credentials are taken: root's, which is the service manager. Tests may run as another user.
    package var credentialUser: UInt32 = 0
    /// Bytes in a request line, without its end.
    package var maximumLineBytes = ProtocolLimits.defaultLineBytes
    /// What one connection may do.
    package var limits = ConnectionLimits()
    /// How many connections there may be.
    package var caps = ConnectionCaps()
    /// Unread answers of all connections of one uid, in bytes.
    package var unreadBytesPerUser = ProtocolLimits.unreadBytesPerUID
    /// How long calls in flight may go on when the daemon stops.
    package var drainTime = Duration.seconds(15)
    /// How long nothing is accepted when file descriptors have run out.
    package var acceptPause = Duration.milliseconds(250)
    /// The names that the daemon's probes of itself connect from; nil if there are none.
    package var probes: ProbeNames?

    /// The protocol's own limits on these sockets.
    package init(main: SocketSource, control: SocketSource) {
        self.main = main
        self.control = control
    }
}

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
