internal import Glibc
internal import Linux
package import Secrets

extension SecretFile {
    /// Puts a secret into the file at `path` in place of what it holds, all at once: a reader finds the old secret or the new
    /// one, and after a power failure too.
    ///
    /// The file must be one that ``read(path:)`` takes, and its directory one in which only root, this process's user or one
    /// of `users` can put files. It keeps its owner, group and mode. A line feed ends it.
    ///
    /// - Parameter users: whose files and directories are accepted beside root's and this process's user's.
    package static func replace(path: String, with secret: Secret, of users: Set<UInt32> = []) throws(SecretFileError) {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        // What is done is done in this one directory, wherever its path leads meanwhile.
        let place = PathText.withCString(directory) { unsafe open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard place >= 0 else {
            throw .init(path: path, problem: errno == ENOENT ? .missing : .system(SystemCallError(errnoOf: "open")))
        }
        defer { close(place) }
        let users = users.union([0, geteuid()])
        let old = try self.status(of: name, in: place, path: path, users: users)
        let new = "\(name).\(getpid()).new"
        let descriptor = PathText.withCString(new) {
            unsafe openat(place, $0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        }
        guard descriptor >= 0 else { throw .init(path: path, problem: .system(SystemCallError(errnoOf: "open"))) }
        do throws(SystemCallError) {
            defer { close(descriptor) }
            try self.fill(descriptor, with: secret, like: old)
            let result = PathText.withCString(new) { new in
                PathText.withCString(name) { name in unsafe renameat(place, new, place, name) }
            }
            guard result == 0 else { throw SystemCallError(errnoOf: "rename") }
        } catch {
            _ = PathText.withCString(new) { unsafe unlinkat(place, $0, 0) }
            throw .init(path: path, problem: .system(error))
        }
        // So that the new name is on the disk too; if it is not, the old secret is, whole.
        fsync(place)
    }

    /// The status of the file, if it and its directory are as the rules want them.
    private static func status(
        of name: String,
        in place: CInt,
        path: String,
        users: Set<UInt32>
    ) throws(SecretFileError) -> stat {
        var directory = stat()
        var file = stat()
        // Sound, both times: the kernel fills the one structure it is given.
        guard unsafe fstat(place, &directory) == 0 else {
            throw .init(path: path, problem: .system(SystemCallError(errnoOf: "fstat")))
        }
        guard users.contains(directory.st_uid) else {
            throw .init(path: path, problem: .foreignDirectory(directory.st_uid))
        }
        guard directory.st_mode & 0o022 == 0 else {
            throw .init(path: path, problem: .openDirectory(mode: UInt32(directory.st_mode & 0o7777)))
        }
        guard PathText.withCString(name, { unsafe fstatat(place, $0, &file, AT_SYMLINK_NOFOLLOW) }) == 0 else {
            throw .init(path: path, problem: errno == ENOENT ? .missing : .system(SystemCallError(errnoOf: "fstatat")))
        }
        if file.st_mode & S_IFMT == S_IFLNK { throw .init(path: path, problem: .symbolicLink) }
        let user = users.contains(file.st_uid) ? file.st_uid : geteuid()
        if let problem = SecretFileRules.private.problem(with: file, user: user), problem != .empty {
            throw .init(path: path, problem: problem)
        }
        return file
    }

    private static func fill(_ descriptor: CInt, with secret: Secret, like old: stat) throws(SystemCallError) {
        if old.st_uid != geteuid() || old.st_gid != getegid() {
            guard fchown(descriptor, old.st_uid, old.st_gid) == 0 else { throw SystemCallError(errnoOf: "fchown") }
        }
        guard fchmod(descriptor, old.st_mode & 0o777) == 0 else { throw SystemCallError(errnoOf: "fchmod") }
        let written = secret.withBytes { bytes in
            // Sound: the kernel reads as many bytes as the span has. A file takes so few of them at once, or its disk is full.
            unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        }
        guard written == secret.count else {
            throw SystemCallError(call: "write", number: written < 0 ? errno : ENOSPC)
        }
        // Sound: one byte of a literal.
        guard unsafe Glibc.write(descriptor, "\n", 1) == 1 else { throw SystemCallError(errnoOf: "write") }
        guard fsync(descriptor) == 0 else { throw SystemCallError(errnoOf: "fsync") }
    }
}
