internal import Glibc
package import Secrets

extension SecretFile {
    /// Puts a secret into the file at `path` in place of what it holds, all at once: who opens it finds the old secret or
    /// the new one, and after a power failure too.
    ///
    /// The file must be one that ``read(path:)`` takes; it keeps its owner, group and mode. A line feed ends it.
    package static func replace(path: String, with secret: Secret) throws(SecretFileError) {
        let old = try self.status(path)
        let new = "\(path).\(getpid()).new"
        // Sound: Swift lends the paths with their final zeros for the length of each call.
        let descriptor = unsafe open(new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .init(path: new, problem: .system(SystemCallError(errnoOf: "open"))) }
        do throws(SystemCallError) {
            defer { close(descriptor) }
            try self.fill(descriptor, with: secret, like: old)
            guard unsafe rename(new, path) == 0 else { throw SystemCallError(errnoOf: "rename") }
        } catch {
            unsafe unlink(new)
            throw .init(path: path, problem: .system(error))
        }
        self.syncDirectory(of: path)
    }

    private static func status(_ path: String) throws(SecretFileError) -> stat {
        var status = stat()
        // Sound: the path ends in NUL for the call, and the kernel fills the one structure it is given.
        guard unsafe lstat(path, &status) == 0 else {
            throw .init(path: path, problem: errno == ENOENT ? .missing : .system(SystemCallError(errnoOf: "lstat")))
        }
        if status.st_mode & S_IFMT == S_IFLNK { throw .init(path: path, problem: .symbolicLink) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .init(path: path, problem: .notRegular) }
        return status
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

    /// So that the new name is on the disk too; if it is not, the old secret is, whole.
    private static func syncDirectory(of path: String) {
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        // Sound: Swift lends the path with its final zero for the length of the call.
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
