import Glibc
import Synchronization

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
