/// Standard output and standard error.
///
/// Not `print`: that would lose an error of writing, and a script would take a truncated output for all of it.
enum Console {
    /// Writes to standard output, all of it.
    static func write(_ text: String) throws(SystemError) {
        try FileDescriptor.standardOutput.writeAll(Array(text.utf8))
    }

    /// Writes a message to standard error, after the program's name. If even that fails there is nobody left to tell.
    static func complain(_ message: String) {
        try? FileDescriptor.standardError.writeAll(Array("mosaicctl: \(message)\n".utf8))
    }

    /// Writes lines to standard error as they are.
    static func explain(_ lines: String) {
        try? FileDescriptor.standardError.writeAll(Array(lines.utf8))
    }
}
