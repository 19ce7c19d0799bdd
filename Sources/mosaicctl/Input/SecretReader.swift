import AgentProtocol
import Glibc
import Secrets
import StrictJSON

/// Reads a password from where a program, not a person, has put it.
enum SecretReader {
    /// The longest password the agent takes, in bytes.
    static let maximumPasswordBytes = 4096

    /// Reads standard input to its end; one LF at the end does not belong to the password.
    static func passwordFromStandardInput() throws(CommandFailure) -> Secret {
        try read(FileDescriptor.standardInput, name: "standard input")
    }

    /// Reads a file to its end; one LF at the end does not belong to the password.
    ///
    /// - Parameter warn: gets a sentence when others may read the file.
    static func password(file path: String, warn: (String) -> Void) throws(CommandFailure) -> Secret {
        try read(try open(path, warn: warn), name: path)
    }

    /// Reads a token from a file to its end; one LF at the end does not belong to the token.
    ///
    /// - Parameter warn: gets a sentence when others may read the file.
    static func token(file path: String, warn: (String) -> Void) throws(CommandFailure) -> Secret {
        try read(
            try open(path, warn: warn, what: "token"),
            name: path,
            what: "token",
            limit: ProtocolLimits.maximumTokenBytes
        )
    }

    /// Reads what is neither a password nor a token, such as a code, from standard input, as if it were a password.
    ///
    /// - Parameter what: how it is called in messages.
    static func fromStandardInput(_ what: String) throws(CommandFailure) -> Secret {
        try read(FileDescriptor.standardInput, name: "standard input", what: what)
    }

    /// Reads what is neither a password nor a token, such as a code, from a file, as if it were a password.
    ///
    /// - Parameters:
    ///   - what: how it is called in messages.
    ///   - warn: gets a sentence when others may read the file.
    static func fromFile(_ path: String, _ what: String, warn: (String) -> Void) throws(CommandFailure) -> Secret {
        try read(try open(path, warn: warn, what: what), name: path, what: what)
    }

    private static func open(
        _ path: String,
        warn: (String) -> Void,
        what: String = "password"
    ) throws(CommandFailure) -> FileDescriptor {
        do {
            let file = try FileDescriptor(opening: path, O_RDONLY)
            let status = try file.status()
            if status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 != 0 {
                warn("the \(what) file \(path) is open to others: chmod 0600 it")
            }
            return file
        } catch {
            throw CommandFailure(.usage, "cannot read the \(what) file \(path): \(error)")
        }
    }

    private static func read(
        _ file: borrowing FileDescriptor,
        name: String,
        what: String = "password",
        limit: Int = maximumPasswordBytes
    ) throws(CommandFailure) -> Secret {
        // One byte for the LF and one that shows that there is more than that.
        var buffer = [UInt8](repeating: 0, count: limit + 2)
        defer { buffer.wipe() }
        var count = 0
        do {
            while count < buffer.count {
                let more = try file.read(into: &buffer, from: count)
                if more == 0 { break }
                count += more
            }
        } catch {
            throw CommandFailure(.usage, "cannot read the \(what) from \(name): \(error)")
        }
        if count > 0, buffer[count - 1] == UInt8(ascii: "\n") { count -= 1 }
        return try secret(buffer, count: count, from: name, what: what, limit: limit)
    }

    /// Checks what was read, so that a mistake is not counted as a failed login.
    static func password(
        _ bytes: [UInt8],
        count: Int,
        from name: String,
        what: String = "password"
    ) throws(CommandFailure) -> Secret {
        try secret(bytes, count: count, from: name, what: what, limit: maximumPasswordBytes)
    }

    private static func secret(
        _ bytes: [UInt8],
        count: Int,
        from name: String,
        what: String,
        limit: Int
    ) throws(CommandFailure) -> Secret {
        guard count > 0 else { throw CommandFailure(.usage, "no \(what) on \(name)") }
        guard count <= limit else {
            throw CommandFailure(.usage, "the \(what) from \(name) is longer than \(limit) bytes")
        }
        let secret = Secret(copying: bytes[..<count])
        guard secret.isUTF8 else { throw CommandFailure(.usage, "the \(what) from \(name) is not valid UTF-8") }
        return secret
    }
}
