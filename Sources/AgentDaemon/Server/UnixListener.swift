import Glibc
import Linux

/// A bound Unix stream socket, ours or systemd's, that nothing accepts from yet.
///
/// Owns the descriptor until ``takeDescriptor()``.
struct UnixListener: ~Copyable {
    private let descriptor: OwnedDescriptor

    /// Our claim on the path, if the socket is our own; keep it as long as the socket is served.
    let placement: SocketPlacement?

    private init(descriptor: consuming OwnedDescriptor, placement: SocketPlacement?) {
        self.descriptor = descriptor
        self.placement = placement
    }

    /// Connections that may wait to be accepted; the kernel caps it with net.core.somaxconn.
    static var backlog: Int32 { 4096 }

    /// Takes over a listening socket, as systemd passes it (sd_listen_fds(3)).
    static func inherited(_ rawDescriptor: Int32) throws(SocketError) -> UnixListener {
        let subject = "file descriptor \(rawDescriptor)"
        let descriptor = OwnedDescriptor(rawDescriptor)
        for (name, option, expected) in [
            ("a Unix socket", SO_DOMAIN, AF_UNIX),
            ("a stream socket", SO_TYPE, Int32(SOCK_STREAM.rawValue)),
            ("listening", SO_ACCEPTCONN, 1),
        ] {
            switch socketOption(option, of: rawDescriptor) {
            case .success(expected): continue
            case .success:
                throw SocketError(.badDescriptor, "\(subject) was passed to be listened on, but is not \(name)")
            case .failure(let failure):
                throw SocketError(
                    .badDescriptor,
                    "\(subject) was passed to be listened on: \(errorText(failure.number))",
                    systemError: failure.number
                )
            }
        }
        guard fcntl(rawDescriptor, F_SETFD, FD_CLOEXEC) == 0 else {
            throw SocketError.system("fcntl", subject, errno: errno)
        }
        return UnixListener(descriptor: descriptor, placement: nil)
    }

    /// Makes, binds and listens on a socket of our own.
    ///
    /// There is no moment at which someone can connect who should not: the inode is born with no more rights than its
    /// owner's (Linux takes the mode of the unbound socket), gets group and mode while nothing listens, and listens last.
    /// A socket that a dead process left is replaced; one that is alive is not.
    static func bound(to path: String, mode: UInt32, group: UInt32?) throws(SocketError) -> UnixListener {
        let placement = try SocketPlacement(path: path)
        guard let address = UnixAddress(path: path) else { throw SocketError.badPath(path) }
        let descriptor = try makeSocket(for: path)
        guard fchmod(descriptor.rawValue, 0o600) == 0 else {
            throw SocketError.system("fchmod", path, errno: errno)
        }
        guard unsafe address.call(bind, on: descriptor.rawValue) == 0 else {
            throw SocketError.system("bind", path, errno: errno)
        }
        try placement.claim()
        if let group, PathText.withCString(path, { unsafe lchown($0, uid_t.max, group) }) != 0 {
            throw SocketError.system("chown to group \(group)", path, errno: errno)
        }
        guard PathText.withCString(path, { unsafe chmod($0, mode) }) == 0 else {
            throw SocketError.system("chmod", path, errno: errno)
        }
        guard listen(descriptor.rawValue, backlog) == 0 else {
            throw SocketError.system("listen", path, errno: errno)
        }
        return UnixListener(descriptor: descriptor, placement: placement)
    }

    /// Gives the descriptor away; its taker closes it.
    consuming func takeDescriptor() -> Int32 {
        descriptor.release()
    }
}

/// A new stream socket that child processes do not inherit.
func makeSocket(for path: String) throws(SocketError) -> OwnedDescriptor {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = socket(AF_UNIX, type, 0)
    guard descriptor >= 0 else { throw SocketError.system("socket", path, errno: errno) }
    return OwnedDescriptor(descriptor)
}

private func socketOption(_ option: Int32, of descriptor: Int32) -> Result<Int32, SystemCallFailure> {
    var value: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    let result = unsafe getsockopt(descriptor, SOL_SOCKET, option, &value, &length)
    return result == 0 ? .success(value) : .failure(SystemCallFailure(number: errno))
}
