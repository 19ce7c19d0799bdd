import Dispatch
import Glibc
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Systemd

@Suite(.longTimeLimit) struct LogWriterTests {
    /// A log that can be made to take nothing, by blocking or by failing.
    private final class Log: Sendable {
        private struct Failed: Error, CustomStringConvertible { let description = "disk full" }
        private let lines = Mutex<[String]>([])
        private let isFailing = Mutex(false)
        private let gate = Mutex<DispatchSemaphore?>(nil)

        var text: [String] { lines.withLock { $0 } }

        func write(_ output: LogOutput) throws {
            gate.withLock { $0 }?.wait()
            if isFailing.withLock({ $0 }) { throw Failed() }
            guard case .line(let bytes) = output else { return }
            lines.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
        }

        func fail(_ fails: Bool) { isFailing.withLock { $0 = fails } }

        /// Has every write wait until the closure that is returned is called.
        func block() -> () -> Void {
            let semaphore = DispatchSemaphore(value: 0)
            gate.withLock { $0 = semaphore }
            return { [self] in
                gate.withLock { $0 = nil }
                for _ in 0..<10_000 { semaphore.signal() }
            }
        }
    }

    private let log = Log()

    private func writer(messages: Int = 4, bytes: Int = 1000) -> LogWriter {
        LogWriter(
            maximumMessages: messages,
            maximumBytes: bytes,
            notice: { .line(Array("lost \($0)".utf8)) },
            write: { [log] in try log.write($0) }
        )
    }

    private func line(_ text: String) -> LogOutput { .line(Array(text.utf8)) }

    /// Returns when the thread has brought something about.
    private func until(_ condition: () -> Bool) async {
        while !condition(), !Task.isCancelled { await Task.yield() }
    }

    @Test func `messages are written in order`() async {
        let writer = writer(messages: 100)
        for index in 0..<50 { writer.add(line("\(index)")) }
        await writer.flush(within: .seconds(60))
        #expect(log.text == (0..<50).map { "\($0)" })
        #expect(writer.condition == LogWriter.Condition())
    }

    @Test func `a log that blocks holds nobody up; what is too much is dropped, counted and told`() async {
        let writer = writer()
        let unblock = log.block()
        writer.add(line("on its way"))
        await until { writer.condition.waiting == 0 }
        for index in 0..<10 { writer.add(line("\(index)")) }
        #expect(writer.condition.waiting == 4 && writer.condition.dropped == 6)
        unblock()
        await writer.flush(within: .seconds(60))
        #expect(log.text == ["on its way", "0", "1", "2", "3", "lost 6"])
        #expect(writer.condition.dropped == 6 && writer.condition.waiting == 0)
    }

    @Test func `long messages are limited by their bytes`() async {
        let writer = writer(messages: 100, bytes: 250)
        let unblock = log.block()
        writer.add(line("on its way"))
        await until { writer.condition.waiting == 0 }
        for _ in 0..<3 { writer.add(line(String(repeating: "x", count: 100))) }
        #expect(writer.condition.waiting == 2 && writer.condition.dropped == 1)
        unblock()
        await writer.flush(within: .seconds(60))
    }

    @Test func `what cannot be written is counted, and told once something can be`() async {
        let writer = writer()
        log.fail(true)
        writer.add(line("a"))
        writer.add(line("b"))
        await writer.flush(within: .seconds(60))
        #expect(writer.condition.failure == "disk full")
        #expect(writer.condition.dropped == 2)
        log.fail(false)
        writer.add(line("c"))
        await writer.flush(within: .seconds(60))
        #expect(log.text == ["c", "lost 2"])
        #expect(writer.condition.failure == nil)
    }

    @Test func `the end waits for a log that blocks no longer than it is told to`() async {
        let writer = writer()
        let unblock = log.block()
        writer.add(line("a"))
        await writer.flush(within: .milliseconds(1))
        #expect(log.text == [])
        unblock()
    }

    @Test func `a logger hands its lines to the writer`() async throws {
        try await withTemporaryDirectory { directory in
            let receiver = try UnixSocket(SOCK_DGRAM, boundTo: "\(directory)/log")
            let sender = try UnixSocket(SOCK_DGRAM, boundTo: "\(directory)/sender")
            try sender.connectDatagrams(to: "\(directory)/log")
            let target = LoggingTarget.stream(descriptor: sender.descriptor, format: .priorityPrefixed)
            let writer = LogWriter(to: target, identifier: "test")
            let logger = Logger(label: "x") { label in
                JournalLogHandler(
                    label: label,
                    identifier: "test",
                    target: target,
                    level: LogLevelSetting(.info),
                    writer: writer
                )
            }
            logger.warning("First", metadata: ["n": "1"])
            await writer.flush(within: .seconds(60))
            #expect(receiver.received() == ["<4>First n=1\n"])
        }
    }

    @Test func `the notice says how many were lost`() {
        let target = LoggingTarget.stream(descriptor: 2, format: .priorityPrefixed)
        guard case .line(let bytes) = JournalLogHandler.notice(ofLost: 7, identifier: "mosaicd", target: target) else {
            Issue.record("no line")
            return
        }
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "<4>log messages were lost: the log did not take them in time lost=7\n"
        )
    }
}

@Suite(.longTimeLimit) struct WorkerThreadTests {
    @Test func `work is done in order, one piece at a time, off the threads that ask for it`() async {
        let thread = WorkerThread()
        let (numbers, continuation) = AsyncStream.makeStream(of: Int.self)
        for index in 0..<100 { _ = thread.submit { continuation.yield(index) } }
        _ = thread.submit { continuation.finish() }
        var seen: [Int] = []
        for await number in numbers { seen.append(number) }
        #expect(seen == Array(0..<100))
    }

    @Test func `work that was asked for is done although nobody holds the thread any more`() async {
        let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
        do {
            let thread = WorkerThread()
            _ = thread.submit { continuation.yield() }
            _ = thread.submit { continuation.finish() }
        }
        var count = 0
        for await _ in ends { count += 1 }
        #expect(count == 1)
    }
}

/// Threads that can be had only when a test says so.
private final class Threads: Sendable {
    private let areThere = Mutex(false)

    func allow() { areThere.withLock { $0 = true } }

    func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        areThere.withLock { $0 } && DetachedThread.run(body)
    }
}

@Suite(.longTimeLimit) struct MissingThreadTests {
    private let threads = Threads()

    @Test func `work is dropped while no thread can be started, and done again once one can`() async {
        let thread = WorkerThread { [threads] in threads.start($0) }
        let (numbers, continuation) = AsyncStream.makeStream(of: Int.self)
        #expect(!thread.submit { continuation.yield(1) })
        #expect(!thread.submit { continuation.yield(2) })
        threads.allow()
        #expect(thread.submit { continuation.yield(3) })
        #expect(thread.submit { continuation.finish() })
        var seen: [Int] = []
        for await number in numbers { seen.append(number) }
        #expect(seen == [3])
    }

    @Test func `log messages wait for a thread, which the next message or the end asks for again`() async {
        let lines = Mutex<[LogOutput]>([])
        let writer = LogWriter(
            thread: WorkerThread { [threads] in threads.start($0) },
            notice: { .line(Array("lost \($0)".utf8)) },
            write: { line in lines.withLock { $0.append(line) } }
        )
        let messages = (0..<3).map { LogOutput.line([UInt8($0)]) }
        writer.add(messages[0])
        #expect(writer.condition.waiting == 1)
        #expect(writer.condition.failure == "the log's thread cannot be started")
        await writer.flush(within: .seconds(60))
        #expect(lines.withLock { $0 }.isEmpty)
        writer.add(messages[1])
        #expect(writer.condition.waiting == 2)
        threads.allow()
        await writer.flush(within: .seconds(60))
        #expect(lines.withLock { $0 } == Array(messages[..<2]))
        writer.add(messages[2])
        await writer.flush(within: .seconds(60))
        #expect(lines.withLock { $0 } == messages)
        #expect(writer.condition.failure == nil)
    }
}

@Suite(.longTimeLimit) struct DescriptorOutputTests {
    @Test func `a pipe that is full and non-blocking is waited for, not given up`() async throws {
        var ends: [CInt] = [0, 0]
        try #require(unsafe pipe(&ends) == 0)
        let (reader, writer) = (ends[0], ends[1])
        _ = fcntl(writer, F_SETFL, fcntl(writer, F_GETFL) | O_NONBLOCK)
        let (results, continuation) = AsyncStream.makeStream(of: Bool.self)
        let thread = WorkerThread()
        let size = 300_000
        _ = thread.submit {
            do {
                try DescriptorOutput.write([UInt8](repeating: 1, count: size), to: writer)
                continuation.yield(true)
            } catch {
                continuation.yield(false)
            }
            close(writer)
            continuation.finish()
        }
        var read = 0
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe Glibc.read(reader, &chunk, chunk.count)
            guard count > 0 else { break }
            read += count
        }
        close(reader)
        #expect(read == size)
        for await result in results { #expect(result) }
    }

    @Test func `a limited write gives up on a pipe that nobody reads`() throws {
        var ends: [CInt] = [0, 0]
        try #require(unsafe pipe(&ends) == 0)
        let start = ContinuousClock.now
        DescriptorOutput.write([UInt8](repeating: 1, count: 300_000), to: ends[1], within: .milliseconds(20))
        #expect(ContinuousClock.now - start < .seconds(60))
        // The thread ends with the reader.
        signal(SIGPIPE, SIG_IGN)
        close(ends[0])
    }
}
