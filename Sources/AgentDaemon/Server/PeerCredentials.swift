import Glibc

/// Reads who is at the other end of a connected Unix socket.
enum PeerCredentials {
    /// `SO_PEERCRED` and `SO_PEERGROUPS` of a connection (socket(7), unix(7)).
    static func caller(of descriptor: Int32) throws(SocketError) -> Caller {
        // struct ucred is pid, uid, gid, 32 bits each; Glibc's module does not have it.
        var credentials: [UInt32] = [0, 0, 0]
        var length = socklen_t(credentials.count * MemoryLayout<UInt32>.size)
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else {
            throw SocketError.system("getsockopt(SO_PEERCRED)", "connection", errno: errno)
        }
        return Caller(
            uid: credentials[1],
            gid: credentials[2],
            pid: Int32(bitPattern: credentials[0]),
            supplementaryGroups: try groups(of: descriptor)
        )
    }

    /// The peer's supplementary groups, however many: the kernel says ERANGE and the size it needs.
    static func groups(of descriptor: Int32, firstGuess: Int = 32) throws(SocketError) -> [UInt32] {
        var groups = [UInt32](repeating: 0, count: firstGuess)
        // The set belongs to the connection and does not change; the second round always fits.
        for _ in 0..<2 {
            var length = socklen_t(groups.count * MemoryLayout<UInt32>.size)
            let result = unsafe getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, &groups, &length)
            let number = errno
            let count = Int(length) / MemoryLayout<UInt32>.size
            if result == 0 {
                return Array(groups.prefix(count))
            }
            guard number == ERANGE else {
                throw SocketError.system("getsockopt(SO_PEERGROUPS)", "connection", errno: number)
            }
            groups = [UInt32](repeating: 0, count: count)
        }
        throw SocketError.system("getsockopt(SO_PEERGROUPS)", "connection", errno: ERANGE)
    }
}
