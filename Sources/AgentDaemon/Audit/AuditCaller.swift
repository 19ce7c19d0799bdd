package import AgentProtocol

/// Whose share of the audit queue a record takes its place from.
package struct AuditCaller: Sendable, Hashable {
    /// The caller's user.
    package let uid: UInt32
    /// Whether it has the lane for root and the control socket, and its calls without effect are all recorded singly.
    package let isPrivileged: Bool

    /// A caller on a socket.
    package init(uid: UInt32, socket: SocketKind) {
        self.uid = uid
        isPrivileged = uid == 0 || socket == .control
    }
}

extension AuditCaller {
    /// The caller of a call.
    init(of call: Call) {
        self.init(uid: call.caller.uid, socket: call.socket)
    }
}
