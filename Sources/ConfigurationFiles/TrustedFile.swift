import Glibc
import Linux
import Systemd

/// Reads files that decide what the agent does, so only root or the agent's own user may have written them.
///
/// Symbolic links are followed, as administrators use them in `/etc`; what counts is the file they lead to, and that no
/// other user could have put the file or any of the links there: the directory of each is checked as well.
package enum TrustedFile {
    /// What is wrong with a file, as phrases that follow its path.
    package struct Problem: Error, Hashable {
        /// What is wrong.
        package let what: String
        /// What would be right.
        package let allowed: String
    }

    /// The file's bytes.
    ///
    /// - Parameters:
    ///   - path: a path, relative to the working directory or absolute.
    ///   - maximumSize: in bytes; a longer file is refused without being read whole.
    package static func read(_ path: String, maximumSize: Int) throws(Problem) -> [UInt8] {
        let target = try follow(path)
        // Nonblocking, or opening a named pipe would wait for a writer.
        let descriptor = PathText.withCString(target) {
            unsafe open($0, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        }
        guard descriptor >= 0 else { throw unreadable("open") }
        defer { close(descriptor) }
        let status: FileStatus
        do { status = try FileStatus(ofDescriptor: descriptor) } catch { throw unreadable("fstat", error.systemError) }
        guard status.kind == .regularFile else { throw Problem(what: "is not a regular file", allowed: fileRule) }
        if let flaw = flaw(of: status) { throw Problem(what: flaw, allowed: fileRule) }
        guard status.size <= maximumSize else { throw tooLong(maximumSize) }
        let bytes = try content(of: descriptor, upTo: maximumSize + 1)
        guard bytes.count <= maximumSize else { throw tooLong(maximumSize) }
        return bytes
    }

    /// The names in a directory that no other user can add to, sorted by their bytes; nil if there is no such directory.
    package static func names(inDirectory path: String) throws(Problem) -> [String]? {
        let status: FileStatus
        do { status = try FileStatus(ofPath: path, followingLinks: true) } catch {
            if error.systemError == ENOENT { return nil }
            throw unreadable("stat", error.systemError)
        }
        guard status.kind == .directory else { throw Problem(what: "is not a directory", allowed: directoryRule) }
        if let flaw = flaw(of: status) { throw Problem(what: flaw, allowed: directoryRule) }
        // Sound: the stream is closed once, after its last use.
        guard let stream = PathText.withCString(path, { unsafe opendir($0) }) else { throw unreadable("opendir") }
        defer { _ = unsafe closedir(stream) }
        var names: [String] = []
        let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
        // Sound: an entry is valid until the next readdir of the same stream; its name ends in NUL and is copied at once,
        // from where it lies: the record is shorter than the structure.
        while let entry = unsafe readdir(stream) {
            let name = unsafe UnsafeRawPointer(entry).advanced(by: nameOffset).assumingMemoryBound(to: CChar.self)
            names.append(unsafe PathText.text(cString: name))
        }
        return names.sorted { PathText.bytes($0).lexicographicallyPrecedes(PathText.bytes($1)) }
    }

    private static let fileRule =
        "a regular file of root or of the user the agent runs as, writable by no one else (chmod go-w)"
    private static let directoryRule =
        "a directory of root or of the user the agent runs as, writable by no one else (chmod go-w)"

    /// Follows the symbolic links that the path ends in, and checks the directory of each and of the file.
    private static func follow(_ path: String) throws(Problem) -> String {
        var path = path
        for _ in 0..<40 {
            let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
            let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
            try check(directory: directory)
            guard let target = try link(at: path) else { return path }
            path = target.hasPrefix("/") ? target : "\(directory)/\(target)"
        }
        throw unreadable("readlink", ELOOP)
    }

    private static func check(directory: String) throws(Problem) {
        let status: FileStatus
        do { status = try FileStatus(ofPath: directory, followingLinks: true) } catch {
            throw unreadable("stat", error.systemError)
        }
        if let flaw = flaw(of: status) {
            throw Problem(what: "is in the directory \(directory.printable), which \(flaw)", allowed: directoryRule)
        }
    }

    /// Where the symbolic link at the path leads; nil if there is something else.
    private static func link(at path: String) throws(Problem) -> String? {
        var target = [CChar](repeating: 0, count: Int(PATH_MAX))
        let size = target.count
        // Sound: the kernel writes at most as many bytes as the array has.
        let count = PathText.withCString(path) { unsafe readlink($0, &target, size) }
        if count >= 0 { return PathText.text(target.prefix(count).map(UInt8.init(bitPattern:))) }
        guard errno == EINVAL else { throw unreadable("readlink") }
        return nil
    }

    private static func flaw(of status: FileStatus) -> String? {
        guard status.owner == 0 || status.owner == geteuid() else { return "belongs to uid \(status.owner)" }
        guard status.permissions & 0o022 == 0 else {
            let digits = String(status.permissions, radix: 8)
            let mode = String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
            return "can be written by others than its owner (mode \(mode))"
        }
        return nil
    }

    private static func content(of descriptor: CInt, upTo limit: Int) throws(Problem) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < limit {
            // Sound: the kernel writes at most as many bytes as the chunk has.
            let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { break }
            if count < 0 {
                guard errno == EINTR else { throw unreadable("read") }
                continue
            }
            bytes += chunk[..<count]
        }
        return bytes
    }

    private static func tooLong(_ maximumSize: Int) -> Problem {
        Problem(what: "is too long", allowed: "at most \(maximumSize) bytes")
    }

    private static func unreadable(_ call: String, _ number: CInt = errno) -> Problem {
        guard number != ENOENT else { return Problem(what: "does not exist", allowed: fileRule) }
        return Problem(what: "cannot be read: \(SystemCallError(call: call, number: number).reason)", allowed: fileRule)
    }
}
