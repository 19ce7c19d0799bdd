internal import Glibc

/// Files of the kernel and the system that hold one short line.
enum SmallFile {
    /// The first line, without its line break, and no more than 256 bytes of it.
    static func firstLine(of path: String) throws(SystemCallError) -> String {
        // Sound: Swift lends the path with its final zero for the length of the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemCallError(errnoOf: "open") }
        defer { close(descriptor) }
        var text = [UInt8](repeating: 0, count: 256)
        // Sound: the kernel writes at most as many bytes as the array has.
        let count = unsafe read(descriptor, &text, text.count)
        guard count >= 0 else { throw SystemCallError(errnoOf: "read") }
        return String(decoding: text[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
