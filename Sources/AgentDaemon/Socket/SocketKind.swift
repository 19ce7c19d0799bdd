/// Which of the daemon's two sockets a connection came in on; each has its own method table.
package enum SocketKind: String, Sendable, Hashable, CaseIterable {
    /// The socket for applications; what they may do is decided by access rules.
    case main
    /// The socket for administration; open to root and to the daemon's own user only.
    case control
}
