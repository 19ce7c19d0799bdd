import Linux

/// Standard output and standard error.
///
/// Not `print`: that would lose an error of writing, and a script would take a truncated output for all of it.
enum Console {
    /// Writes to standard output, all of it.
    static func write(_ text: String) throws(StandardOutput.Failure) {
        try StandardOutput.write(text)
    }

    /// Writes a message to standard error, after the program's name. If even that fails, the message is lost.
    static func complain(_ message: String) {
        StandardOutput.complain("mosaicctl", message)
    }

    /// Writes lines to standard error as they are.
    static func explain(_ lines: String) {
        StandardOutput.complain(lines: lines)
    }
}
