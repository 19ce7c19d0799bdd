internal import Glibc
internal import Linux

/// What stat(2) says of a file, in types of our own.
///
/// It stands in this module because here `struct stat` can only come from Glibc. In a module that imports SwiftNIO the
/// compiler may take it from one of NIO's C modules instead, depending on what it loads first, and then refuses its members.
package struct FileStatus: Sendable, Hashable {
    /// The kinds of files that are told apart.
    package enum Kind: Sendable, Hashable {
        case regularFile
        case directory
        case symbolicLink
        case socket
        /// `/dev/null`, wherever it is found.
        case nullDevice
        case other
    }

    /// A failed look, with its errno(3).
    package struct Failure: Error, Sendable, Hashable {
        /// errno(3).
        package let systemError: Int32
    }

    /// What kind of file it is.
    package let kind: Kind
    /// The permission bits with set-user-id, set-group-id and sticky bit (07777).
    package let permissions: UInt32
    /// The uid it belongs to.
    package let owner: UInt32
    /// The gid it belongs to.
    package let group: UInt32
    /// How long it is, in bytes.
    package let size: Int
    /// The device it is on and its number there: together they name the file as long as it exists.
    package let inode: Inode

    /// A file's name for the kernel.
    package struct Inode: Sendable, Hashable {
        /// The device.
        package let device: UInt64
        /// The number on the device.
        package let number: UInt64
    }

    /// Looks at the file at a path.
    ///
    /// - Parameter followingLinks: whether a symbolic link at the end of the path is followed.
    package init(ofPath path: String, followingLinks: Bool) throws(Failure) {
        var status = stat()
        // Sound: the kernel fills the one structure it is given.
        let result = PathText.withCString(path) {
            unsafe fstatat(AT_FDCWD, $0, &status, followingLinks ? 0 : AT_SYMLINK_NOFOLLOW)
        }
        guard result == 0 else { throw Failure(systemError: errno) }
        self.init(status)
    }

    /// Looks at an open file.
    package init(ofDescriptor descriptor: CInt) throws(Failure) {
        var status = stat()
        // Sound: the kernel fills the one structure it is given.
        guard unsafe fstat(descriptor, &status) == 0 else { throw Failure(systemError: errno) }
        self.init(status)
    }

    private init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .regularFile
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            case S_IFSOCK: .socket
            // Major number 1, minor number 3 (Documentation/admin-guide/devices.txt of the kernel, makedev(3)).
            case S_IFCHR where status.st_rdev == 0x103: .nullDevice
            default: .other
            }
        permissions = status.st_mode & 0o7777
        owner = status.st_uid
        group = status.st_gid
        size = Int(status.st_size)
        inode = Inode(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    }
}
