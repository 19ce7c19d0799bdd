internal import Glibc

/// Standard output of a program whose output is its result.
///
/// Not `print`, which loses an error of writing: a script would take what is missing for all there is.
package enum StandardOutput {
    /// Why nothing, or not all, was written.
    package struct Failure: Error, Hashable, CustomStringConvertible {
        /// errno(3).
        package let number: CInt

        /// Whether the reader of the pipe has gone: it has had enough, which is no fault to report.
        package var isReaderGone: Bool { number == EPIPE }

        /// What to tell on standard error.
        package var description: String {
            // Sound: the text is copied before the library is called again by this thread.
            unsafe "cannot write to standard output: \(String(cString: strerror(number)))"
        }
    }

    /// Writes all of the text, waiting as long as it takes. SIGPIPE must be ignored.
    package static func write(_ text: String) throws(Failure) {
        try write(text, to: STDOUT_FILENO)
    }

    private static func write(_ text: String, to descriptor: CInt) throws(Failure) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            // Sound: the kernel only reads the bytes of the slice, while it is in place.
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest.removeFirst(count)
                continue
            }
            switch errno {
            case EINTR: continue
            // Set to non-blocking by another process that has the same file open.
            case EAGAIN:
                var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                // Sound: the kernel fills the one entry it is given.
                _ = unsafe poll(&entry, 1, -1)
            case let number: throw Failure(number: number)
            }
        }
    }

    /// Writes a line to standard error, after the program's name. If that fails too there is nowhere left to tell it.
    package static func complain(_ program: String, _ message: String) {
        complain(lines: "\(program): \(message)\n")
    }

    /// Writes lines to standard error as they are.
    package static func complain(lines: String) {
        try? write(lines, to: STDERR_FILENO)
    }
}
