import Foundation

/// A directory of a test's own under /tmp, short enough for Unix socket paths, removed at the end.
struct Scratch: Sendable {
    let path: String

    /// Makes the directory, runs `body` with it and removes it, whichever way `body` ends.
    static func with<R>(_ body: (Scratch) async throws -> R) async throws -> R {
        var template = Array("/tmp/mosaicd-test.XXXXXX".utf8CString)
        let path = try unsafe template.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress, unsafe mkdtemp(base) != nil else {
                throw HarnessFailure("mkdtemp: \(systemErrorText())")
            }
            return unsafe String(cString: base)
        }
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await body(Scratch(path: path))
    }

    subscript(name: String) -> String { "\(path)/\(name)" }

    /// Writes a file that only its owner can read.
    func write(_ name: String, _ text: String) throws -> String {
        let file = self[name]
        try Data(text.utf8).write(to: URL(filePath: file))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        return file
    }

    /// The text of every regular file below the directory, by path.
    func allTexts() throws -> [String: String] {
        var texts: [String: String] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
            guard let data = FileManager.default.contents(atPath: self[name]) else { continue }
            texts[name] = String(decoding: data, as: UTF8.self)
        }
        return texts
    }
}

/// What stands in the way of a test that is not the behaviour under test.
struct HarnessFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The text of the last failed system call.
func systemErrorText() -> String { unsafe String(cString: strerror(errno)) }
