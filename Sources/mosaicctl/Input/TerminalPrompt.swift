import Glibc
import Secrets

/// Asks a person for a secret on the terminal, without showing what is typed.
enum TerminalPrompt {
    /// What the kernel keeps of one typed line, without its LF; it drops the rest in silence (termios(3)).
    private static let maximumLineBytes = 4095

    private enum Reply {
        case line([UInt8])
        case signal(Int32)
    }

    /// Asks on the controlling terminal (`/dev/tty`), and puts its settings back on every path: after the answer, after
    /// an error, and before a signal ends or stops the program. After a stop it asks again.
    ///
    /// - Parameter kind: what is asked for.
    /// - Throws: `CommandFailure` when there is no one to ask: when standard input is no terminal (asking
    ///   would then ignore what was meant to be read) or the process has no controlling terminal.
    static func ask(
        _ prompt: String,
        _ kind: SecretKind = .password
    ) throws(CommandFailure) -> Secret {
        guard FileDescriptor.standardInput.isTerminal else {
            throw CommandFailure(
                .usage,
                "standard input is not a terminal, so there is no one to ask for the \(kind.name): "
                    + "give it with \(kind.option)-stdin or \(kind.option)-file FILE"
            )
        }
        let terminal = try openTerminal(kind)
        while true {
            let reply: Reply
            do {
                reply = try ask(prompt, on: terminal)
            } catch {
                throw CommandFailure(.usage, "cannot read the \(kind.name) from the terminal: \(error)")
            }
            switch reply {
            case .line(var line):
                defer { line.wipe() }
                guard line.count < maximumLineBytes else {
                    throw CommandFailure(
                        .usage,
                        "a terminal cannot pass on lines of \(maximumLineBytes) bytes or more: use \(kind.option)-stdin"
                    )
                }
                return try SecretReader.checked(line, count: line.count, kind, from: "the terminal")
            case .signal(let signal):
                // The terminal and the signal's own action are back in place: an end ends here, a stop returns later.
                TerminalSignals.letThrough(signal)
            }
        }
    }

    private static func openTerminal(_ kind: SecretKind) throws(CommandFailure) -> FileDescriptor {
        do {
            return try FileDescriptor(opening: "/dev/tty", O_RDWR)
        } catch {
            throw CommandFailure(
                .usage,
                "no terminal to ask for the \(kind.name) on (/dev/tty: \(error)): "
                    + "give it with \(kind.option)-stdin or \(kind.option)-file FILE"
            )
        }
    }

    private static func ask(_ prompt: String, on terminal: borrowing FileDescriptor) throws(SystemError) -> Reply {
        var normal = termios()
        guard unsafe tcgetattr(terminal.number, &normal) == 0 else { throw SystemError(code: errno) }
        // In the background this stops the process until it is in the foreground, before any handler is set.
        try set(normal, on: terminal)
        let signals = try TerminalSignals()
        var silent = normal
        silent.c_lflag &= ~tcflag_t(ECHO)
        // The line's end is still shown, so that the next output begins on a line of its own.
        silent.c_lflag |= tcflag_t(ECHONL) | tcflag_t(ICANON) | tcflag_t(ISIG)
        // Whatever was typed before the question is no answer to it.
        try set(silent, on: terminal, discardingInput: true)
        defer { try? set(normal, on: terminal) }
        try terminal.writeAll(Array(prompt.utf8))
        return try readLine(from: terminal, signals)
    }

    private static func readLine(
        from terminal: borrowing FileDescriptor,
        _ signals: borrowing TerminalSignals
    ) throws(SystemError) -> Reply {
        var buffer = [UInt8](repeating: 0, count: maximumLineBytes + 1)
        defer { buffer.wipe() }
        var count = 0
        while true {
            let ready = try waitUntilReady([signals.descriptor, terminal.number], for: POLLIN)
            if let signal = signals.next() {
                try terminal.writeAll([UInt8(ascii: "\n")])
                return .signal(signal)
            }
            guard ready.contains(terminal.number) else { continue }
            let more = try terminal.read(into: &buffer, from: count)
            count += more
            let ended = count > 0 && buffer[count - 1] == UInt8(ascii: "\n")
            if ended { count -= 1 }
            if ended || more == 0 || count == buffer.count { return .line(Array(buffer[..<count])) }
        }
    }

    private static func set(
        _ settings: termios,
        on terminal: borrowing FileDescriptor,
        discardingInput: Bool = false
    ) throws(SystemError) {
        var settings = settings
        while unsafe tcsetattr(terminal.number, discardingInput ? TCSAFLUSH : TCSANOW, &settings) != 0 {
            let code = errno
            guard code == EINTR else { throw SystemError(code: code) }
        }
    }
}
