import Glibc
import Linux
import Synchronization
import Systemd

/// Our claim on a socket's place in the file system: the lock beside it, and which inode there is ours.
///
/// The lock file (`PATH.lock`) is held as long as the claim lives and is never removed: removing it would let two
/// processes hold locks on two files of the same name.
final class SocketPlacement: Sendable {
    private let path: String
    private let lock: OwnedDescriptor
    private let ours = Mutex<FileStatus.Inode?>(nil)

    /// Locks the place and clears it of a socket that no process serves any more.
    init(path: String) throws(SocketError) {
        guard path.utf8.first == UInt8(ascii: "/"), UnixAddress(path: path) != nil else {
            throw SocketError.badPath(path)
        }
        try checkDirectory(of: path)
        self.path = path
        lock = try lockFile(path + ".lock", for: path)
        try removeIfStale(path)
    }

    /// Takes what is at the path for our own: called right after bind(2).
    func claim() throws(SocketError) {
        do throws(FileStatus.Failure) {
            let status = try FileStatus(ofPath: path, followingLinks: false)
            ours.withLock { $0 = status.inode }
        } catch {
            throw SocketError.system("stat", path, errno: error.systemError)
        }
    }

    deinit {
        unlinkIfOurs()
    }

    /// Removes the socket if the path still leads to ours.
    func unlinkIfOurs() {
        guard let inode = ours.withLock({ $0 }) else { return }
        guard (try? FileStatus(ofPath: path, followingLinks: false))?.inode == inode else { return }
        guard PathText.withCString(path, { unsafe unlink($0) }) == 0 else { return }
        ours.withLock { $0 = nil }
    }
}

extension SocketError {
    static func badPath(_ path: String) -> SocketError {
        SocketError(.badPath, "socket path \(path): must be absolute and at most 107 bytes long")
    }
}

/// Everyone who may write to the directory could replace the socket and be given passwords.
private func checkDirectory(of path: String) throws(SocketError) {
    let directory = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    let name = directory.isEmpty ? "/" : directory
    let status: FileStatus
    do throws(FileStatus.Failure) {
        status = try FileStatus(ofPath: name, followingLinks: true)
    } catch {
        throw SocketError(
            .unsafeDirectory,
            "\(name), the directory of socket \(path): \(errorText(error.systemError))",
            systemError: error.systemError
        )
    }
    guard status.kind == .directory else {
        throw SocketError(.unsafeDirectory, "\(name), the directory of socket \(path), is not a directory")
    }
    guard status.owner == 0 || status.owner == geteuid() else {
        throw SocketError(
            .unsafeDirectory,
            "\(name), the directory of socket \(path), belongs to uid \(status.owner); "
                + "it must belong to root or to uid \(geteuid())"
        )
    }
    guard status.permissions & 0o022 == 0 else {
        throw SocketError(
            .unsafeDirectory,
            "\(name), the directory of socket \(path), has mode \(String(status.permissions, radix: 8)); "
                + "it must not be writable by group or others"
        )
    }
}

private func lockFile(_ lockPath: String, for path: String) throws(SocketError) -> OwnedDescriptor {
    let raw = PathText.withCString(lockPath) {
        unsafe open($0, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    }
    guard raw >= 0 else { throw SocketError.system("open", lockPath, errno: errno) }
    let descriptor = OwnedDescriptor(raw)
    guard flock(raw, LOCK_EX | LOCK_NB) == 0 else {
        let number = errno
        guard number == EWOULDBLOCK else { throw SocketError.system("flock", lockPath, errno: number) }
        throw SocketError(.inUse, "socket \(path): another daemon serves it (it holds \(lockPath))")
    }
    return descriptor
}

/// A socket file outlives its process. Connecting tells: only ECONNREFUSED means that no process listens.
private func removeIfStale(_ path: String) throws(SocketError) {
    let status: FileStatus
    do throws(FileStatus.Failure) {
        status = try FileStatus(ofPath: path, followingLinks: false)
    } catch {
        guard error.systemError == ENOENT else { throw SocketError.system("stat", path, errno: error.systemError) }
        return
    }
    guard status.kind == .socket else {
        throw SocketError(.notASocket, "\(path) exists and is not a socket; it is left as it is")
    }
    guard let address = UnixAddress(path: path) else { throw SocketError.badPath(path) }
    let probe = try makeSocket(for: path)
    let number = unsafe address.call(connect, on: probe.rawValue) == 0 ? 0 : errno
    switch number {
    case ECONNREFUSED:
        guard PathText.withCString(path, { unsafe unlink($0) }) == 0 || errno == ENOENT else {
            throw SocketError.system("unlink", path, errno: errno)
        }
    case 0, EAGAIN:
        throw SocketError(.inUse, "socket \(path): another process serves it")
    case EPROTOTYPE:
        throw SocketError(.inUse, "socket \(path): a socket of another type is bound there")
    default:
        throw SocketError.system("connect", path, errno: number)
    }
}
