/// Why the daemon cannot serve a socket. It ends the start; nothing of it reaches a caller.
package struct SocketError: Error, Sendable, CustomStringConvertible {
    /// The kinds of it.
    package enum Code: Sendable, Hashable {
        /// The path does not fit into a socket address (at most 107 bytes, unix(7)), or is not absolute.
        case badPath
        /// The socket's directory is missing, or others could put something else in its place.
        case unsafeDirectory
        /// Something that is no socket is at the path; it is left alone.
        case notASocket
        /// Another process serves the socket, or holds its lock.
        case inUse
        /// The descriptor handed to us is no listening Unix stream socket.
        case badDescriptor
        /// A system call failed.
        case system
    }

    /// Which of them it is.
    package let code: Code
    /// What was wrong, where, and what is expected.
    package let message: String
    /// errno(3) of the system call, if one failed.
    package let systemError: Int32?

    init(_ code: Code, _ message: String, systemError: Int32? = nil) {
        self.code = code
        self.message = message
        self.systemError = systemError
    }

    /// The error of a system call that just failed.
    static func system(_ call: String, _ subject: String, errno: Int32) -> SocketError {
        SocketError(.system, "\(subject): \(call) failed: \(errorText(errno))", systemError: errno)
    }

    package var description: String { message }
}
