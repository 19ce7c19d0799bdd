import AgentProtocol
import Glibc
import Secrets
import StrictJSON
import Systemd

/// What sort of secret is read, for messages and its greatest length.
struct SecretKind: Sendable {
    /// The word for it, such as `password`.
    let name: String
    /// What the options that give it begin with, such as `--password`.
    let option: String
    /// The most bytes that the agent takes.
    let maximumBytes: Int
    /// Whether people put blanks and dashes between its digits, which do not belong to it.
    var isGrouped = false

    /// A password.
    static let password = SecretKind(
        name: "password",
        option: "--password",
        maximumBytes: ProtocolLimits.maximumPasswordBytes
    )
    /// A token.
    static let token = SecretKind(name: "token", option: "--token", maximumBytes: ProtocolLimits.maximumTokenBytes)
    /// A session id.
    static let sessionID = SecretKind(name: "session id", option: "--session", maximumBytes: 4096)
    /// The code of a link or an authorization code.
    static let code = SecretKind(name: "code", option: "--code", maximumBytes: 4096)
    /// A one-time code of digits, as messages and people group them: `250 227`, `250-227`.
    static let passcode = SecretKind(name: "code", option: "--code", maximumBytes: 4096, isGrouped: true)
}

/// Reads a secret from where a program, not a person, has put it.
enum SecretReader {
    /// Reads a secret from where the options say; if they say nothing it is asked for with `prompt` on the terminal.
    static func secret(
        _ kind: SecretKind,
        standardInput isOnStandardInput: Bool,
        file: String?,
        prompt: String
    ) throws(CommandFailure) -> Secret {
        if isOnStandardInput { return try standardInput(kind) }
        if let file { return try self.file(file, kind) }
        return try TerminalPrompt.ask(prompt, kind)
    }

    /// Reads standard input to its end; one LF at the end does not belong to the secret.
    static func standardInput(_ kind: SecretKind) throws(CommandFailure) -> Secret {
        try read(FileDescriptor.standardInput, kind, name: "standard input")
    }

    /// Reads a file to its end; one LF at the end does not belong to the secret.
    ///
    /// - Parameter warn: gets a sentence when others may read the file.
    static func file(
        _ path: String,
        _ kind: SecretKind,
        warn: (String) -> Void = { Console.complain($0) }
    ) throws(CommandFailure) -> Secret {
        try read(try open(path, kind, warn: warn), kind, name: path)
    }

    private static func open(
        _ path: String,
        _ kind: SecretKind,
        warn: (String) -> Void
    ) throws(CommandFailure) -> FileDescriptor {
        do {
            let file = try FileDescriptor(opening: path, O_RDONLY)
            let status = try file.status()
            if status.kind == .regularFile, status.permissions & 0o077 != 0 {
                warn("the \(kind.name) file \(path) is open to others: chmod 0600 it")
            }
            return file
        } catch {
            throw CommandFailure(.usage, "cannot read the \(kind.name) file \(path): \(error)")
        }
    }

    private static func read(
        _ file: borrowing FileDescriptor,
        _ kind: SecretKind,
        name: String
    ) throws(CommandFailure) -> Secret {
        // One byte for the LF and one that shows that there is more than that.
        var buffer = [UInt8](repeating: 0, count: kind.maximumBytes + 2)
        defer { buffer.wipe() }
        var count = 0
        do {
            while count < buffer.count {
                let more = try file.read(into: &buffer, from: count)
                if more == 0 { break }
                count += more
            }
        } catch {
            throw CommandFailure(.usage, "cannot read the \(kind.name) from \(name): \(error)")
        }
        if count > 0, buffer[count - 1] == UInt8(ascii: "\n") { count -= 1 }
        return try checked(buffer, count: count, kind, from: name)
    }

    /// Checks what was read, so that a mistake is not counted as a failed login.
    static func checked(
        _ bytes: [UInt8],
        count: Int,
        _ kind: SecretKind,
        from name: String
    ) throws(CommandFailure) -> Secret {
        guard count > 0 else { throw CommandFailure(.usage, "no \(kind.name) on \(name)") }
        guard count <= kind.maximumBytes else {
            throw CommandFailure(.usage, "the \(kind.name) from \(name) is longer than \(kind.maximumBytes) bytes")
        }
        let secret = kind.isGrouped ? digits(in: bytes[..<count]) : Secret(copying: bytes[..<count])
        guard secret.isUTF8 else { throw CommandFailure(.usage, "the \(kind.name) from \(name) is not valid UTF-8") }
        return secret
    }

    /// What groups digits: blanks and dashes, also those that text processors and mails put in so that a line does not break.
    private static let separators: [[UInt8]] = [
        " ", "\t", "\r", "-", "\u{A0}", "\u{2009}", "\u{202F}", "\u{2010}", "\u{2011}",
    ].map { Array($0.utf8) }

    /// The digits without what groups them; if there is anything else between them, all of it.
    private static func digits(in bytes: ArraySlice<UInt8>) -> Secret {
        var digits: [UInt8] = []
        // One allocation, so that no outgrown copy stays behind.
        digits.reserveCapacity(bytes.count)
        defer { digits.wipe() }
        var rest = bytes
        while let first = rest.first {
            if let separator = separators.first(where: { rest.starts(with: $0) }) {
                rest = rest.dropFirst(separator.count)
            } else {
                digits.append(first)
                rest = rest.dropFirst()
            }
        }
        let isCode = !digits.isEmpty && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return Secret(copying: isCode ? digits[...] : bytes)
    }
}
