import Glibc
import Secrets
import Synchronization

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

/// Turns the signals that end or stop a program into bytes on a pipe for as long as the value lives, so that the code that has
/// changed the terminal can put it back before the signal takes effect.
///
/// A handler may only do what signal-safety(7) lists; this one writes one byte to a pipe. The thread that gets the
/// signal need not be the one that waits on the terminal, which is why an interrupted read(2) would not be enough.
struct TerminalSignals: ~Copyable {
    /// The signals that end the program and the one that a person stops it with. Not SIGTTIN and SIGTTOU: with a handler
    /// that returns, a system call on the terminal from the background would be tried again for ever.
    private static let handled = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP]

    private let reader: FileDescriptor
    private let writer: FileDescriptor
    private let previous: [sigaction]

    init() throws(SystemError) {
        let ends = try Self.makePipe()
        reader = FileDescriptor(owning: ends[0])
        writer = FileDescriptor(owning: ends[1])
        // Stored before any handler can run.
        signalPipe.store(ends[1], ordering: .sequentiallyConsistent)
        var previous: [sigaction] = []
        for signal in Self.handled {
            var old = sigaction()
            var new = sigaction()
            unsafe new.__sigaction_handler.sa_handler = { signal in
                let saved = errno
                var byte = UInt8(truncatingIfNeeded: signal)
                _ = unsafe write(signalPipe.load(ordering: .relaxed), &byte, 1)
                errno = saved
            }
            new.sa_flags = SA_RESTART
            unsafe sigaction(signal, &new, &old)
            // What the parent wants ignored, as nohup(1) does, stays so. The union holds a pointer, and SIG_IGN is 1.
            if unsafe unsafeBitCast(old.__sigaction_handler, to: Int.self) == 1 { unsafe sigaction(signal, &old, nil) }
            previous.append(old)
        }
        self.previous = previous
    }

    deinit {
        for (signal, action) in zip(Self.handled, previous) {
            var action = action
            unsafe sigaction(signal, &action, nil)
        }
        // The pipe is closed after this; a handler that still runs on another thread must not write to its number.
        signalPipe.store(-1, ordering: .sequentiallyConsistent)
    }

    /// A pipe whose ends do not block: neither may a full one hold up the handler, nor an empty one ``next()``.
    private static func makePipe() throws(SystemError) -> [Int32] {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw SystemError(code: errno) }
        for end in ends {
            guard fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK) >= 0, fcntl(end, F_SETFD, FD_CLOEXEC) >= 0
            else {
                let code = errno
                for end in ends { close(end) }
                throw SystemError(code: code)
            }
        }
        return ends
    }

    /// Lets a signal do what it would have done; returns if that was to stop the program, once it goes on, or nothing.
    ///
    /// The threads of Swift's executor block most signals, so raise(3) alone would leave it pending.
    static func letThrough(_ signal: Int32) {
        var signals = sigset_t()
        var blocked = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, signal)
        unsafe pthread_sigmask(SIG_UNBLOCK, &signals, &blocked)
        raise(signal)
        unsafe pthread_sigmask(SIG_SETMASK, &blocked, nil)
    }

    /// The end of the pipe to wait on together with the terminal.
    var descriptor: Int32 { reader.number }

    /// The signal that has come, if one has.
    func next() -> Int32? {
        var byte: [UInt8] = [0]
        let count = unsafe byte.withUnsafeMutableBytes { unsafe read(reader.number, $0.baseAddress, 1) }
        return count == 1 ? Int32(byte[0]) : nil
    }
}

/// Where the signal handler writes; -1 while no handler is set.
private let signalPipe = Atomic<Int32>(-1)
