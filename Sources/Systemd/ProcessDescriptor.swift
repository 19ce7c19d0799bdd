internal import CSystemd
internal import Glibc

/// A lasting name of a process (pidfd_open(2)): unlike its number, no other process ever gets it. Closed with its owner.
package final class ProcessDescriptor: Sendable {
    private let number: CInt

    private init(owning number: CInt) {
        self.number = number
    }

    deinit {
        close(self.number)
    }

    /// The process that made the connection at the other end of a Unix socket (`SO_PEERPIDFD`, unix(7)), kernel 6.5 or newer.
    ///
    /// - Throws: with `ENOPROTOOPT` where the kernel does not know how; with another number mostly because the process is
    ///   gone.
    package static func ofPeer(at socket: CInt) throws(SystemCallError) -> ProcessDescriptor {
        let number = csystemd_peer_process(socket)
        guard number >= 0 else { throw SystemCallError(errnoOf: "getsockopt(SO_PEERPIDFD)") }
        return ProcessDescriptor(owning: number)
    }

    /// The process that has this number now.
    package static func opening(_ pid: Int32) throws(SystemCallError) -> ProcessDescriptor {
        let number = csystemd_open_process(pid)
        guard number >= 0 else { throw SystemCallError(errnoOf: "pidfd_open") }
        return ProcessDescriptor(owning: number)
    }

    /// Whether the process has ended, also when its parent has not taken note of that yet; true when that cannot be found out.
    package var hasEnded: Bool {
        csystemd_has_ended(self.number) != 0
    }
}
