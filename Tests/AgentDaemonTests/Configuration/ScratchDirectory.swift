import Glibc
import Linux
import Testing

/// A directory of a test's own, removed with the test.
final class ScratchDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/mosaicd-test-XXXXXX".utf8CString)
        // Sound: the array is writable and ends in NUL.
        guard unsafe mkdtemp(&template) != nil else { throw Failure(call: "mkdtemp", number: errno) }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    struct Failure: Error {
        let call: String
        let number: CInt
    }

    deinit {
        remove(path)
    }

    /// The path of a name in it.
    subscript(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file and sets its mode, whatever the umask.
    @discardableResult
    func write(_ name: String, _ text: String, mode: mode_t = 0o600) throws -> String {
        let descriptor = unsafe open(self[name], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(call: "open", number: errno) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw Failure(call: "write", number: errno)
        }
        try setMode(name, mode)
        return self[name]
    }

    func makeDirectory(_ name: String, mode: mode_t = 0o700) throws {
        guard unsafe mkdir(self[name], 0o700) == 0 else { throw Failure(call: "mkdir", number: errno) }
        try setMode(name, mode)
    }

    func link(_ name: String, to target: String) throws {
        guard unsafe symlink(target, self[name]) == 0 else { throw Failure(call: "symlink", number: errno) }
    }

    func makePipe(_ name: String) throws {
        guard unsafe mkfifo(self[name], 0o600) == 0 else { throw Failure(call: "mkfifo", number: errno) }
    }

    /// Takes a file away.
    func removeFile(_ name: String) throws {
        guard unsafe unlink(self[name]) == 0 else { throw Failure(call: "unlink", number: errno) }
    }

    func setMode(_ name: String, _ mode: mode_t) throws {
        guard unsafe chmod(name.isEmpty ? path : self[name], mode) == 0 else {
            throw Failure(call: "chmod", number: errno)
        }
    }

    /// Gives a file or directory to somebody else; only root can.
    func setOwner(_ name: String, _ uid: uid_t) throws {
        guard unsafe lchown(self[name], uid, gid_t.max) == 0 else { throw Failure(call: "lchown", number: errno) }
    }
}

/// Removes a tree that the test itself made; what does not work is left to the machine's own cleaning.
private func remove(_ path: String) {
    if PathText.withCString(path, { unsafe unlink($0) }) == 0 { return }
    if let stream = PathText.withCString(path, { unsafe opendir($0) }) {
        let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
        while let entry = unsafe readdir(stream) {
            // Sound: the name lies there and ends in NUL.
            let start = unsafe UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
            let name = unsafe PathText.text(cString: start)
            if name != "." && name != ".." { remove("\(path)/\(name)") }
        }
        _ = unsafe closedir(stream)
    }
    _ = PathText.withCString(path) { unsafe rmdir($0) }
}
