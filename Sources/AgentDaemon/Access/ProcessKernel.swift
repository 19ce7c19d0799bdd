import Glibc
package import Systemd

/// A hold on one process, which tells whether that has ended.
package protocol ProcessHold: AnyObject, Sendable {
    /// Whether the process has ended; true when that cannot be found out.
    var hasEnded: Bool { get }
}

extension ProcessDescriptor: ProcessHold {}

/// What finding out about callers' processes needs of the kernel; the seam for tests.
package struct ProcessKernel: Sendable {
    /// The process at the other end of a connection (`SO_PEERPIDFD`).
    package var peer: @Sendable (_ socket: CInt) throws(SystemCallError) -> any ProcessHold
    /// The process that has this number now (`pidfd_open`).
    package var open: @Sendable (_ pid: Int32) throws(SystemCallError) -> any ProcessHold
    /// What is to be seen of the process that has this number now.
    package var facts: @Sendable (_ pid: Int32) -> ProcessFacts?
    /// Nanoseconds since the machine started.
    package var bootTime: @Sendable () -> Int64
    /// Clock ticks in a second, in which processes' starts are counted.
    package var ticksPerSecond: UInt64

    /// A kernel of these answers.
    package init(
        peer: @escaping @Sendable (CInt) throws(SystemCallError) -> any ProcessHold,
        open: @escaping @Sendable (Int32) throws(SystemCallError) -> any ProcessHold,
        facts: @escaping @Sendable (Int32) -> ProcessFacts?,
        bootTime: @escaping @Sendable () -> Int64,
        ticksPerSecond: UInt64
    ) {
        self.peer = peer
        self.open = open
        self.facts = facts
        self.bootTime = bootTime
        self.ticksPerSecond = ticksPerSecond
    }

    /// The kernel under this process.
    package static let system = ProcessKernel(
        peer: { socket throws(SystemCallError) in try ProcessDescriptor.ofPeer(at: socket) },
        open: { pid throws(SystemCallError) in try ProcessDescriptor.opening(pid) },
        facts: { ProcessFacts(ofProcess: $0) },
        bootTime: BootTime.now,
        ticksPerSecond: ProcessFacts.ticksPerSecond
    )

    /// How callers' processes can be told from others here, tried out on this process.
    package var way: CallerUnitWay {
        var sockets: [CInt] = [-1, -1]
        // Sound: the kernel fills the two descriptors.
        guard unsafe socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &sockets) == 0 else {
            return .none(.unnamedProcess)
        }
        defer { for socket in sockets { close(socket) } }
        do throws(SystemCallError) {
            _ = try peer(sockets[0])
            return .peerDescriptor
        } catch {
            guard error.number == ENOPROTOOPT, (try? open(getpid())) != nil else { return .none(.unnamedProcess) }
            // The first process belongs to another user: if it can be seen, all can.
            return facts(1) == nil ? .none(.processHidden) : .openedDescriptor
        }
    }
}

/// How a caller's process is told from others that get its number later.
package enum CallerUnitWay: Sendable, Hashable {
    /// `SO_PEERPIDFD` names the process that made the connection.
    case peerDescriptor
    /// `pidfd_open` when the connection is accepted, and a look at when the process began.
    case openedDescriptor
    /// Not at all.
    case none(CallerUnitProblem)

    /// One word for machines.
    package var code: String {
        switch self {
        case .peerDescriptor: "peer_pidfd"
        case .openedDescriptor: "pidfd"
        case .none: "none"
        }
    }
}
