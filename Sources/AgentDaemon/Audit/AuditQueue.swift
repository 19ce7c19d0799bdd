package import NIOPosix
import Synchronization

/// The bounded way from the calls to the audit trail: places are reserved before a call acts, filled when it ends, and
/// written in order by one thread.
///
/// Writing to the journal can block for as long as journald is busy, so it never happens on a thread that serves calls.
/// And because a call that has acted must be recorded, its place is taken before it acts: when none is free, the call is
/// refused or goes unrecorded (`AuditWhenFull=`), but never finds out too late.
package final class AuditQueue: Sendable {
    private struct State {
        var entries: [AuditEntry] = []
        var reserved = 0
        var writing = 0
        var isDraining = false
        var refused: UInt64 = 0
        var dropped: UInt64 = 0
        var totalRefused: UInt64 = 0
        var totalDropped: UInt64 = 0
        var totalWritten: UInt64 = 0
        var flushes: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextFlush: UInt64 = 0

        var occupied: Int { entries.count + reserved + writing }
        var isIdle: Bool { !isDraining && entries.isEmpty }
    }

    /// How many records may wait or be reserved.
    package let capacity: Int
    private let sink: any AuditSink
    private let thread: NIOThreadPool
    private let state = Mutex(State())

    /// A queue in front of `sink`.
    ///
    /// - Parameters:
    ///   - capacity: how many records may be reserved or waiting at once.
    ///   - sink: writes the entries.
    ///   - thread: a started pool of one thread that does nothing else; the owner shuts it down after the last flush.
    package init(capacity: Int, sink: any AuditSink, thread: NIOThreadPool) {
        self.capacity = capacity
        self.sink = sink
        self.thread = thread
    }

    /// Takes a place for a record to come, or nil when the queue is full.
    package func reserve() -> AuditTicket? {
        let taken = state.withLock { state in
            guard state.occupied < capacity else { return false }
            state.reserved += 1
            return true
        }
        return taken ? AuditTicket(queue: self, isReserved: true) : nil
    }

    /// A ticket without a place: for calls that have no effect to account for. When the queue is full at the end, the
    /// record is dropped and counted.
    package func unreserved() -> AuditTicket {
        AuditTicket(queue: self, isReserved: false)
    }

    /// Counts a call that was refused, unrecorded, because no place was free.
    package func countRefusal() {
        let start = state.withLock { state in
            state.refused += 1
            state.totalRefused += 1
            return Self.shouldStart(&state)
        }
        if start { startDraining() }
    }

    /// What the queue holds now and has seen since the start.
    package struct Load: Sendable, Equatable {
        /// Records that wait to be written.
        package var waiting = 0
        /// Places taken: by these, and by calls that are being served.
        package var occupied = 0
        /// Records written since the start.
        package var written: UInt64 = 0
        /// Calls refused since the start because no place was free.
        package var refused: UInt64 = 0
        /// Records dropped since the start because no place was free.
        package var dropped: UInt64 = 0
    }

    /// What the queue holds now and has seen since the start.
    package var load: Load {
        state.withLock { state in
            Load(
                waiting: state.entries.count + state.writing,
                occupied: state.occupied,
                written: state.totalWritten,
                refused: state.totalRefused,
                dropped: state.totalDropped
            )
        }
    }

    /// Waits until everything submitted so far is written, or the task is cancelled.
    package func flush() async {
        let ticket = state.withLock { state in
            state.nextFlush += 1
            return state.nextFlush
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    if state.isIdle || Task.isCancelled { return true }
                    state.flushes[ticket] = continuation
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.flushes.removeValue(forKey: ticket) }?.resume()
        }
    }

    /// Gives back a place that no record will take.
    func release() {
        state.withLock { $0.reserved -= 1 }
    }

    /// Queues a record; without a place of its own it is dropped and counted when the queue is full.
    func submit(_ record: AuditRecord, isReserved: Bool) {
        let start = state.withLock { state in
            if isReserved {
                state.reserved -= 1
            } else if state.occupied >= capacity {
                state.dropped += 1
                state.totalDropped += 1
                return Self.shouldStart(&state)
            }
            state.entries.append(.call(record))
            return Self.shouldStart(&state)
        }
        if start { startDraining() }
    }

    private static func shouldStart(_ state: inout State) -> Bool {
        guard !state.isDraining else { return false }
        state.isDraining = true
        return true
    }

    private func startDraining() {
        thread.submit { [self] workItem in
            // A pool that is shut down cancels what it still holds: the records are written all the same, here.
            _ = workItem
            drain()
        }
    }

    /// Runs on the writer's thread until nothing is left.
    private func drain() {
        while let batch = takeBatch() {
            sink.write(batch)
        }
    }

    private func takeBatch() -> [AuditEntry]? {
        let (batch, finished) = state.withLock { state -> ([AuditEntry]?, [CheckedContinuation<Void, Never>]) in
            state.totalWritten += UInt64(state.writing)
            state.writing = 0
            var batch = state.entries
            state.entries.removeAll(keepingCapacity: true)
            state.writing = batch.count
            if state.refused > 0 || state.dropped > 0 {
                batch.append(.lost(refused: state.refused, dropped: state.dropped))
                state.refused = 0
                state.dropped = 0
            }
            guard batch.isEmpty else { return (batch, []) }
            state.isDraining = false
            defer { state.flushes.removeAll() }
            return (nil, Array(state.flushes.values))
        }
        for continuation in finished {
            continuation.resume()
        }
        return batch
    }
}
