import Glibc

/// A program on a terminal of its own: what is typed goes to its keyboard, and what it shows can be waited for.
package final class Terminal {
    /// The program ended before it showed what was waited for.
    package struct Ended: Error, CustomStringConvertible {
        package let description: String
    }

    /// All that was shown so far.
    package private(set) var shown = ""
    /// How many of its bytes have been waited for.
    private var position = 0
    private let process: ChildProcess
    private let keyboard: Int32
    private var screen: AsyncStream<[UInt8]>.AsyncIterator

    /// Starts a program on a new terminal, which is all it has for standard input, output and error.
    package init(_ executable: String, _ arguments: [String], environment: [String: String]) throws {
        let (near, far, path) = try Self.open()
        // Open until the program has it: a terminal that nobody has open is at its end.
        defer { close(far) }
        keyboard = fcntl(near, F_DUPFD_CLOEXEC, 0)
        let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        screen = stream.makeAsyncIterator()
        do {
            process = try ChildProcess(executable, arguments, environment: environment, terminal: path)
        } catch {
            close(near)
            close(keyboard)
            throw error
        }
        let identifier = process.identifier
        BlockingThread.run {
            while let bytes = Self.read(near) { continuation.yield(bytes) }
            close(near)
            _ = ChildProcess.wait(for: identifier)
            continuation.finish()
        }
    }

    deinit {
        // As when a terminal is closed: whoever still runs on it gets SIGHUP once both ends here are gone, and a program
        // that hangs must not stay behind.
        kill(process.identifier, SIGKILL)
        close(keyboard)
    }

    /// Waits until `text` is shown behind what was waited for before.
    ///
    /// - Throws: ``Ended`` when the program ends without that.
    package func wait(for text: String) async throws(Ended) {
        while true {
            let rest = shown.utf8.dropFirst(position)
            if let end = Self.end(of: text, in: Array(rest)) {
                position += end
                return
            }
            guard let bytes = await screen.next(isolation: #isolation) else {
                throw Ended(description: "ended before \(text.debugDescription) was shown: \(shown.debugDescription)")
            }
            shown += String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Waits for the end and answers all that was shown.
    package func rest() async -> String {
        while let bytes = await screen.next(isolation: #isolation) { shown += String(decoding: bytes, as: UTF8.self) }
        return shown
    }

    /// Types; `\n` is the enter key, control characters are themselves.
    package func type(_ text: String) throws {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes { unsafe write(keyboard, $0.baseAddress, $0.count) }
            guard count > 0 else { throw ChildProcess.Failure("write to the terminal") }
            bytes.removeFirst(count)
        }
    }

    /// Whether the terminal shows what is typed.
    package var echoes: Bool {
        var settings = termios()
        guard unsafe tcgetattr(keyboard, &settings) == 0 else { return false }
        return settings.c_lflag & tcflag_t(ECHO) != 0
    }

    /// Where in `bytes` the first `text` ends.
    private static func end(of text: String, in bytes: [UInt8]) -> Int? {
        let wanted = Array(text.utf8)
        guard bytes.count >= wanted.count else { return nil }
        return (0...(bytes.count - wanted.count)).first { bytes[$0...].starts(with: wanted) }.map { $0 + wanted.count }
    }

    /// A new terminal: our end, the program's end and the latter's path.
    private static func open() throws -> (near: Int32, far: Int32, path: String) {
        var near: Int32 = -1
        var far: Int32 = -1
        guard unsafe openpty(&near, &far, nil, nil, nil) == 0 else { throw ChildProcess.Failure("openpty") }
        for end in [near, far] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var name = [CChar](repeating: 0, count: 64)
        let code = unsafe ttyname_r(far, &name, name.count)
        guard code == 0 else {
            close(near)
            close(far)
            throw ChildProcess.Failure("ttyname_r", code)
        }
        return (near, far, String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    /// What is shown next; nil when nobody has the terminal open any more, which Linux calls EIO.
    private static func read(_ terminal: Int32) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(terminal, $0.baseAddress, $0.count) }
            if count > 0 { return Array(buffer[..<count]) }
            guard count < 0, errno == EINTR else { return nil }
        }
    }
}
