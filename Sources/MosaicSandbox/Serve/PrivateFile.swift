package import Foundation
import Glibc

/// Files that only their owner may read, made without a moment in which others could.
package enum PrivateFile {
    /// Why a file could not be made.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String

        init(_ action: String, _ path: String, code: CInt = errno) {
            description = "cannot \(action) \(path): \(Self.text(code))"
        }

        init(_ description: String) { self.description = description }

        private static func text(_ code: CInt) -> String {
            POSIXErrorCode(rawValue: code).map { POSIXError($0).localizedDescription } ?? "error \(code)"
        }
    }

    /// Replaces the file as a whole: readers see the old content or the new, never a part.
    package static func replace(atPath path: String, with content: Data, mode: UInt32 = 0o600) throws {
        let temporary = "\(path).\(getpid()).new"
        unsafe _ = unlink(temporary)
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw Failure("create", temporary) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: content)
            try handle.synchronize()
            try handle.close()
        } catch {
            unsafe _ = unlink(temporary)
            throw error
        }
        guard unsafe rename(temporary, path) == 0 else {
            let failure = Failure("rename \(temporary) to", path)
            unsafe _ = unlink(temporary)
            throw failure
        }
    }

    /// Creates an empty file with mode 0600 unless one is there.
    package static func ensureExists(atPath path: String) throws {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure("open", path) }
        close(descriptor)
    }

    /// Creates the directory with mode 0700 unless it is there; refuses one that others own or may write to.
    package static func ensureDirectory(atPath path: String) throws {
        if unsafe mkdir(path, 0o700) != 0 && errno != EEXIST { throw Failure("create directory", path) }
        let (isOwned, isDirectory) = try ownership(atPath: path, by: [geteuid()])
        guard isDirectory else { throw Failure("\(path) is not a directory") }
        guard isOwned else {
            throw Failure("\(path) must belong to the user who runs the sandbox and not be writable by others")
        }
    }

    /// Refuses a directory, and a file in it, that a user other than this one and root could have put there: what stands in the
    /// file decides where passwords and secrets are sent.
    package static func checkTrusted(directory: String, file: String) throws {
        for (path, mustBeDirectory) in [(directory, true), (file, false)] {
            let (isOwned, isDirectory) = try ownership(atPath: path, by: [geteuid(), 0])
            guard isDirectory == mustBeDirectory else {
                throw Failure("\(path) is not a \(mustBeDirectory ? "directory" : "regular file")")
            }
            guard isOwned else {
                throw Failure(
                    "\(path) must belong to the user who runs this command or to root, and not be writable by others"
                )
            }
        }
    }

    /// Whether the file belongs to one of the users and is not writable by others; links are not followed.
    ///
    /// - Throws: ``Failure`` for what is neither a directory nor a regular file.
    private static func ownership(atPath path: String, by users: [uid_t]) throws -> (isOwned: Bool, isDirectory: Bool) {
        // Not `struct stat`: which module the compiler takes it from depends on which it loads first.
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        let type = attributes[.type] as? FileAttributeType
        guard type == .typeDirectory || type == .typeRegular else {
            throw Failure("\(path) is neither a directory nor a regular file")
        }
        let owner = (attributes[.ownerAccountID] as? NSNumber)?.uint32Value
        let mode = (attributes[.posixPermissions] as? NSNumber)?.uint32Value
        guard let owner, let mode else { return (false, type == .typeDirectory) }
        return (users.contains(owner) && mode & 0o022 == 0, type == .typeDirectory)
    }

    /// Opens the file and takes its lock, which lasts until the handle is closed or the process ends.
    ///
    /// - Returns: nil when another process holds the lock.
    package static func lock(atPath path: String) throws -> FileHandle? {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Failure("open", path) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return handle }
        guard errno == EWOULDBLOCK else { throw Failure("lock", path) }
        return nil
    }
}

extension PrivateFile {
    /// The user this process runs as.
    static var userID: UInt32 { geteuid() }

    /// Removes the file; no error when it is not there.
    static func remove(atPath path: String) {
        unsafe _ = unlink(path)
    }
}
