import Glibc
import Linux
import Systemd

/// An open file that is closed when the value goes away; every system call of mosaicctl on files is in here.
///
/// The calls are unsafe only because they take pointers; each pointer is that of an array or of a local value that
/// outlives the call, and each length is its own.
struct FileDescriptor: ~Copyable {
    let number: Int32
    private let closes: Bool

    /// Standard input; it is not closed.
    static var standardInput: FileDescriptor { FileDescriptor(borrowing: STDIN_FILENO) }

    private init(borrowing number: Int32) {
        self.number = number
        closes = false
    }

    init(owning number: Int32) {
        self.number = number
        closes = true
    }

    /// Opens a file without becoming its terminal's session and without leaking it to child processes.
    init(opening path: String, _ flags: Int32) throws(SystemError) {
        let number = PathText.withCString(path) { unsafe open($0, flags | O_CLOEXEC | O_NOCTTY) }
        guard number >= 0 else { throw SystemError(code: errno) }
        self.init(owning: number)
    }

    /// Makes a file that must not be there yet.
    init(creating path: String, mode: mode_t) throws(SystemError) {
        let number = PathText.withCString(path) {
            unsafe open($0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        }
        guard number >= 0 else { throw SystemError(code: errno) }
        self.init(owning: number)
    }

    deinit {
        if closes { _ = close(number) }
    }

    /// Whether it is a terminal.
    var isTerminal: Bool { isatty(number) == 1 }

    /// Writes all of `bytes`, waiting as long as it takes.
    func writeAll(_ bytes: [UInt8]) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { buffer in unsafe write(number, buffer.baseAddress, buffer.count) }
            if count > 0 {
                rest.removeFirst(count)
            } else if count < 0, errno != EINTR {
                let code = errno
                guard code == EAGAIN else { throw SystemError(code: code) }
                // Another process made the file non-blocking for all that share it: wait until it takes more.
                _ = try waitUntilReady([number], for: POLLOUT)
            }
        }
    }

    /// Reads at most `buffer.count` bytes from `start` on.
    ///
    /// - Returns: how many were read; 0 at the end.
    func read(into buffer: inout [UInt8], from start: Int) throws(SystemError) -> Int {
        while true {
            let free = buffer.count - start
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe Glibc.read(number, bytes.baseAddress?.advanced(by: start), free)
            }
            if count >= 0 { return count }
            let code = errno
            switch code {
            case EINTR: continue
            case EAGAIN: _ = try waitUntilReady([number], for: POLLIN)
            default: throw SystemError(code: code)
            }
        }
    }

    /// Asks fstat(2) what kind of file it is and who may use it.
    func status() throws(SystemError) -> FileStatus {
        do { return try FileStatus(ofDescriptor: number) } catch { throw SystemError(code: error.systemError) }
    }
}

/// A system call's failure.
struct SystemError: Error, CustomStringConvertible {
    let code: Int32

    var description: String { systemErrorText(code) }
}

/// Waits until one of `descriptors` is ready (poll(2)), or has failed, or was hung up.
///
/// - Parameters:
///   - output: one more, of which only matters that it has failed or was hung up.
///   - timeout: how long to wait; nil for as long as it takes.
/// - Returns: the ready ones; empty when a signal or the end of the time came first.
func waitUntilReady(
    _ descriptors: [Int32],
    for event: Int32,
    orHangUpOf output: Int32? = nil,
    atMost limit: Duration? = nil
) throws(SystemError) -> [Int32] {
    var entries = descriptors.map { pollfd(fd: $0, events: Int16(event), revents: 0) }
    if let output { entries.append(pollfd(fd: output, events: 0, revents: 0)) }
    // Rounded up, or a wait of less than a millisecond would be none.
    let timeout = limit.map { Int32(clamping: Int64(($0 / .milliseconds(1)).rounded(.up))) } ?? -1
    guard unsafe poll(&entries, nfds_t(entries.count), timeout) >= 0 else {
        let code = errno
        guard code == EINTR else { throw SystemError(code: code) }
        return []
    }
    return entries.filter { $0.revents != 0 }.map(\.fd)
}
