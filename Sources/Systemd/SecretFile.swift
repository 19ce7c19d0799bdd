internal import Glibc
internal import Linux
package import Secrets

/// Reads secrets from files that no other user can have read or put there.
package enum SecretFile {
    /// In bytes, with the line feed at the end.
    package static let maximumSize = 65_536

    /// The secret in the file at `path`, without one line feed at its end.
    ///
    /// The file must be a regular one, not a symbolic link (directories on the way may be), owned by root or by this
    /// process's user, with mode 0600 or stricter, not empty and at most 64 KiB long.
    package static func read(path: String) throws(SecretFileError) -> Secret {
        try self.read(path: path, rules: .private, user: geteuid())
    }

    /// - Parameter user: Whose files are accepted beside root's.
    static func read(path: String, rules: SecretFileRules, user: uid_t) throws(SecretFileError) -> Secret {
        // Nonblocking, or opening a named pipe would wait for a writer.
        let descriptor = PathText.withCString(path) {
            unsafe open($0, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        }
        guard descriptor >= 0 else { throw .init(path: path, problem: self.problemOfOpening()) }
        defer { close(descriptor) }

        var status = stat()
        // Sound: the kernel fills the one structure it is given.
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw .init(path: path, problem: .system(SystemCallError(errnoOf: "fstat")))
        }
        if let problem = rules.problem(with: status, user: user) { throw .init(path: path, problem: problem) }
        return try self.content(of: descriptor, path: path)
    }

    private static func problemOfOpening() -> SecretFileError.Problem {
        switch errno {
        case ENOENT, ENOTDIR: .missing
        case ELOOP: .symbolicLink
        // What opening a socket gives.
        case ENXIO: .notRegular
        default: .system(SystemCallError(errnoOf: "open"))
        }
    }

    /// Reads straight into the secret's own memory, which is overwritten if this throws. One byte more than allowed, so
    /// that a file which grows meanwhile is noticed.
    private static func content(of descriptor: CInt, path: String) throws(SecretFileError) -> Secret {
        try Secret(capacity: self.maximumSize + 1) { output throws(SecretFileError) in
            while !output.isFull {
                let count = self.read(descriptor, into: &output)
                if count == 0 { break }
                if count < 0, errno != EINTR {
                    throw .init(path: path, problem: .system(SystemCallError(errnoOf: "read")))
                }
            }
            guard output.count <= self.maximumSize else { throw .init(path: path, problem: .tooLarge) }
            if let last = output.span.indices.last, output.span[last] == UInt8(ascii: "\n") { _ = output.removeLast() }
            guard !output.isEmpty else { throw .init(path: path, problem: .empty) }
        }
    }

    /// read(2) behind what `output` has.
    private static func read(_ descriptor: CInt, into output: inout OutputSpan<UInt8>) -> Int {
        // Sound: the kernel writes at most as many bytes as are free behind the first `count`, and what it wrote is
        // counted as initialised.
        unsafe output.withUnsafeMutableBufferPointer { buffer, count in
            let free = unsafe UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
            let added = unsafe Glibc.read(descriptor, free.baseAddress, free.count)
            count += max(0, added)
            return added
        }
    }
}

/// Who may own a secret file, and who else may have access to it.
struct SecretFileRules {
    /// The permission bits that must not be set.
    let forbiddenPermissions: mode_t

    /// For files that an administrator made.
    static let `private` = SecretFileRules(forbiddenPermissions: 0o077)
    /// For files that the service manager made: it gives the service's user access by an access control list, which
    /// shows as read permission of the group.
    static let credential = SecretFileRules(forbiddenPermissions: 0o037)

    func problem(with status: stat, user: uid_t) -> SecretFileError.Problem? {
        guard status.st_mode & S_IFMT == S_IFREG else { return .notRegular }
        guard status.st_uid == 0 || status.st_uid == user else { return .foreignOwner(status.st_uid) }
        guard status.st_mode & self.forbiddenPermissions == 0 else {
            return .tooPermissive(
                mode: UInt32(status.st_mode & 0o7777),
                allowed: UInt32(0o666 & ~self.forbiddenPermissions)
            )
        }
        if status.st_size == 0 { return .empty }
        return status.st_size > SecretFile.maximumSize ? .tooLarge : nil
    }
}
