internal import Synchronization

/// A log message in the form in which it is written.
package enum LogOutput: Sendable, Hashable {
    /// An entry of the journal.
    case record(JournalRecord)
    /// A line of text, with its line break.
    case line([UInt8])

    /// Its length in bytes.
    var size: Int {
        switch self {
        case .record(let record): record.bytes.count
        case .line(let bytes): bytes.count
        }
    }
}

/// Log messages that wait to be written: so many and so long that memory is bounded, however long the log takes none.
///
/// A value without input or output. The oldest are kept: what came first tells more than what it led to.
struct LogBacklog: Sendable {
    /// Messages that may wait, and their bytes together.
    let maximumMessages: Int
    let maximumBytes: Int
    private var waiting: [LogOutput] = []
    private var bytes = 0
    private(set) var dropped: UInt64 = 0
    /// Of these, those that the log has not been told of.
    private var untold: UInt64 = 0

    init(maximumMessages: Int, maximumBytes: Int) {
        self.maximumMessages = maximumMessages
        self.maximumBytes = maximumBytes
    }

    /// Messages that wait.
    var count: Int { self.waiting.count }

    /// Takes a message in, or drops and counts it.
    mutating func add(_ output: LogOutput) {
        guard self.waiting.count < self.maximumMessages, self.bytes + output.size <= self.maximumBytes else {
            return self.lose(1)
        }
        self.waiting.append(output)
        self.bytes += output.size
    }

    /// Messages were dropped or could not be written.
    mutating func lose(_ count: UInt64) {
        self.dropped += count
        self.untold += count
    }

    /// Takes out what waits, and the number of lost messages that is to be told behind it.
    mutating func next() -> (outputs: [LogOutput], lost: UInt64)? {
        guard !self.waiting.isEmpty || self.untold > 0 else { return nil }
        defer { (self.waiting, self.bytes, self.untold) = ([], 0, 0) }
        return (self.waiting, self.untold)
    }

    /// The log could not be told of lost messages: with the next ones it is tried again.
    mutating func keepUntold(_ count: UInt64) { self.untold += count }
}

/// Writes log messages on a thread of its own, so that nothing waits for a log that takes none: a full pipe, a journald that is
/// behind.
package final class LogWriter: Sendable {
    /// How the log stands.
    package struct Condition: Sendable, Hashable {
        /// Messages that wait.
        package var waiting = 0
        /// Messages lost since the start.
        package var dropped: UInt64 = 0
        /// Why the last message could not be written; nil if it could.
        package var failure: String?
        /// For how long the log has not taken what it was given.
        package var stalled = Duration.zero

        /// A log that is well.
        package init() {}
    }

    private struct State {
        var backlog: LogBacklog
        var isWriting = false
        var failure: String?
        var writingSince: ContinuousClock.Instant?
        var waiters: [AsyncStream<Never>.Continuation] = []
    }

    private let state: Mutex<State>
    private let thread: WorkerThread
    private let write: @Sendable (LogOutput) throws -> Void
    private let notice: @Sendable (UInt64) -> LogOutput
    private let now: @Sendable () -> ContinuousClock.Instant

    /// A writer to `target`.
    package convenience init(
        to target: LoggingTarget,
        identifier: String,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.init(
            notice: { JournalLogHandler.notice(ofLost: $0, identifier: identifier, target: target) },
            now: now,
            write: { try target.write($0) }
        )
    }

    /// A writer that has `write`, which may block, write each message.
    ///
    /// - Parameters:
    ///   - maximumMessages: Messages that may wait.
    ///   - maximumBytes: The bytes of these together.
    ///   - thread: Does the writing.
    ///   - notice: The message that tells how many were lost.
    init(
        maximumMessages: Int = 4096,
        maximumBytes: Int = 1 << 20,
        thread: WorkerThread = WorkerThread(),
        notice: @escaping @Sendable (UInt64) -> LogOutput,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        write: @escaping @Sendable (LogOutput) throws -> Void
    ) {
        self.state = Mutex(
            State(backlog: LogBacklog(maximumMessages: maximumMessages, maximumBytes: maximumBytes))
        )
        self.thread = thread
        self.notice = notice
        self.now = now
        self.write = write
    }

    /// Has a message written when its turn comes; never waits.
    package func add(_ output: LogOutput) {
        let isFirst = self.state.withLock { state in
            state.backlog.add(output)
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if isFirst { self.startWriting() }
    }

    /// Has the thread write what waits. If there is none, that is told, and the next message tries again.
    private func startWriting() {
        guard !self.thread.submit({ self.writeAll() }) else { return }
        let waiters = self.state.withLock { state in
            state.isWriting = false
            state.failure = "the log's thread cannot be started"
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.finish() }
    }

    /// How the log stands.
    package var condition: Condition {
        let now = self.now()
        return self.state.withLock { state in
            var condition = Condition()
            condition.waiting = state.backlog.count
            condition.dropped = state.backlog.dropped
            condition.failure = state.failure
            condition.stalled = state.writingSince.map { now - $0 } ?? .zero
            return condition
        }
    }

    /// Returns when everything has been written, after `limit`, or when the task is cancelled.
    package func flush(within limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.flush() }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }

    private func flush() async {
        let (end, waiter) = AsyncStream.makeStream(of: Never.self)
        let (isSettled, mustStart) = self.state.withLock { state in
            // What no thread could be started for.
            let mustStart = !state.isWriting && state.backlog.count > 0
            if mustStart { state.isWriting = true }
            if state.isWriting { state.waiters.append(waiter) }
            return (!state.isWriting, mustStart)
        }
        if mustStart { self.startWriting() }
        if isSettled { waiter.finish() }
        for await _ in end {}
    }

    /// Runs on the thread until nothing waits.
    private func writeAll() {
        while let (outputs, lost) = self.next() {
            for output in outputs where !self.isWritten(output) {
                self.state.withLock { $0.backlog.lose(1) }
            }
            if lost > 0, !self.isWritten(self.notice(lost)) {
                self.state.withLock { $0.backlog.keepUntold(lost) }
            }
        }
    }

    private func isWritten(_ output: LogOutput) -> Bool {
        let now = self.now()
        self.state.withLock { $0.writingSince = now }
        var failure: String?
        do {
            try self.write(output)
        } catch {
            failure = "\(error)"
        }
        self.state.withLock { state in
            state.writingSince = nil
            state.failure = failure
        }
        return failure == nil
    }

    private func next() -> (outputs: [LogOutput], lost: UInt64)? {
        let (next, waiters) = self.state.withLock { state in
            // What cannot be written is not tried over and over, but with the next message.
            if let next = state.failure == nil || state.backlog.count > 0 ? state.backlog.next() : nil {
                return (Optional(next), [AsyncStream<Never>.Continuation]())
            }
            state.isWriting = false
            defer { state.waiters = [] }
            return (nil, state.waiters)
        }
        for waiter in waiters { waiter.finish() }
        return next
    }
}

extension LoggingTarget {
    /// Writes a message; blocks for as long as the log takes none.
    func write(_ output: LogOutput) throws {
        switch (self, output) {
        case (.journal, .record(let record)): try JournalSender().send(record)
        case (.stream(let descriptor, _), .line(let bytes)): try DescriptorOutput.write(bytes, to: descriptor)
        case (.journal, .line), (.stream, .record): preconditionFailure("a message for another kind of log")
        }
    }
}
