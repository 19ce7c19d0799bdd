import Glibc

/// Looks up the users and groups that access rules name. Only used while the configuration is read.
package protocol NameResolver: Sendable {
    /// The uid of a user, nil if there is none of that name.
    func uid(ofUser name: String) throws(NameLookUpError) -> UInt32?
    /// The gid of a group, nil if there is none of that name.
    func gid(ofGroup name: String) throws(NameLookUpError) -> UInt32?
}

/// The system could not say whether there is such a user or group.
package struct NameLookUpError: Error, Hashable {
    /// The `errno`.
    package let number: CInt

    /// An error with this `errno`.
    package init(number: CInt) {
        self.number = number
    }
}

/// The host's own users and groups, through the name service switch (nsswitch.conf(5)).
package struct SystemNames: NameResolver {
    /// The greatest buffer that is tried for one entry; a group with very many members is long.
    private static let maximumBuffer = 1 << 22

    /// The host's names.
    package init() {}

    package func uid(ofUser name: String) throws(NameLookUpError) -> UInt32? {
        try unsafe Self.lookUp { buffer, size in
            var entry = unsafe passwd()
            var found: UnsafeMutablePointer<passwd>?
            // Sound: entry and found live through the call, the buffer is as long as it says, and of the result only a
            // number is read.
            let status = unsafe getpwnam_r(name, &entry, buffer, size, &found)
            return unsafe (status, found == nil ? nil : entry.pw_uid)
        }
    }

    package func gid(ofGroup name: String) throws(NameLookUpError) -> UInt32? {
        try unsafe Self.lookUp { buffer, size in
            var entry = unsafe group()
            var found: UnsafeMutablePointer<group>?
            // Sound: as above.
            let status = unsafe getgrnam_r(name, &entry, buffer, size, &found)
            return unsafe (status, found == nil ? nil : entry.gr_gid)
        }
    }

    /// Repeats a look-up with a greater buffer until the entry fits.
    private static func lookUp(
        _ body: (_ buffer: UnsafeMutablePointer<CChar>, _ size: Int) -> (status: CInt, number: UInt32?)
    ) throws(NameLookUpError) -> UInt32? {
        var size = 4_096
        while true {
            // Sound: the buffer outlives the call it is lent to, and has the size that is passed with it.
            let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
            let (status, number) = unsafe body(buffer, size)
            unsafe buffer.deallocate()
            switch status {
            case 0: return number
            case ERANGE where size < maximumBuffer: size *= 4
            case EINTR: continue
            // Some name services say so when there is no such entry (getpwnam(3)).
            case ENOENT, ESRCH, EBADF, EPERM: return nil
            default: throw NameLookUpError(number: status)
            }
        }
    }
}
