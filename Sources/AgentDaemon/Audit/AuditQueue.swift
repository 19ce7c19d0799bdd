import AgentProtocol
import Concurrency
import Dispatch
package import MosaicAPI
import Synchronization
package import Systemd

/// The bounded way from the calls to the audit trail: places are reserved before a call acts, filled when its answer is
/// ready, and written in order by one thread.
///
/// Writing to the journal can block for as long as journald is busy, so it never happens on a thread that serves calls.
/// And because a call that has acted must be recorded, its place is taken before it acts: when none is free for its caller
/// (``FairShares``), the call is refused or goes unrecorded (`AuditWhenFull=`), but never finds out too late. What cannot be
/// written keeps its place and is tried again. Calls without effect take no place in advance; those that are too many are
/// summed up (``CallSummaries``).
package final class AuditQueue: Sendable {
    private struct State {
        var backlog: AuditBacklog
        var flushes = WaiterList<Void, Void>()
    }

    /// How many records may wait or be reserved, but for those of root and the control socket.
    package let capacity: Int
    private let sink: any AuditSink
    private let thread: WorkerThread
    private let linger: Duration
    /// Wakes the writer while it lingers.
    private let wakeUp = DispatchSemaphore(value: 0)
    private let clock: any AgentClock
    private let wallTime: @Sendable () -> WallTime
    private let state: Mutex<State>

    /// Places for root and the control socket beside `capacity`: an eighth of it, at most 1,024.
    package static func lane(beside capacity: Int) -> Int { min(max(capacity / 8, 16), 1024) }

    /// A queue in front of `sink`.
    ///
    /// - Parameters:
    ///   - capacity: how many records may be reserved or waiting at once.
    ///   - lane: how many more, of root and the control socket.
    ///   - sink: writes the entries.
    ///   - thread: has the sink write.
    ///   - linger: for how long the thread stays ready after a batch, so that records that follow need not wake it; they are
    ///     written that much later at most, unless they are many or a flush waits for them.
    package init(
        capacity: Int,
        lane: Int,
        sink: any AuditSink,
        thread: WorkerThread = WorkerThread(),
        linger: Duration = .milliseconds(2),
        clock: any AgentClock,
        wallTime: @escaping @Sendable () -> WallTime = { .now() }
    ) {
        self.capacity = capacity
        self.sink = sink
        self.thread = thread
        self.linger = linger
        self.clock = clock
        self.wallTime = wallTime
        state = Mutex(State(backlog: AuditBacklog(capacity: capacity, lane: lane)))
    }

    /// Takes a place for a record to come, or nil when the caller's share is used up.
    package func reserve(for caller: AuditCaller) -> AuditTicket? {
        let place = state.withLock { $0.backlog.reserve(for: caller) }
        return place.map { AuditTicket(queue: self, caller: caller, place: .taken($0)) }
    }

    /// A ticket without a place. When the caller's share is used up at the end, the record is dropped and counted.
    package func unreserved(for caller: AuditCaller) -> AuditTicket {
        AuditTicket(queue: self, caller: caller, place: .late)
    }

    /// A ticket of a call that has no effect to account for.
    ///
    /// - Parameter method: the method's name in a summary: one of the protocol, or a word for those that are none.
    package func effectless(for caller: AuditCaller, method: String) -> AuditTicket {
        AuditTicket(queue: self, caller: caller, place: .effectless(method: method))
    }

    /// Counts a call that was refused, unrecorded, because no place was free.
    package func countRefusal(of caller: AuditCaller) {
        change { $0.refuse(caller, now: $1) }
    }

    /// Writes what is due: summaries, and what could not be written before. To be called now and then.
    package func tick() {
        change { _, _ in }
    }

    /// No more calls will come: from now on summaries do not wait.
    package func end() {
        change { backlog, _ in backlog.end() }
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
        /// Calls since the start that were counted in a summary instead of being recorded.
        package var summed: UInt64 = 0
        /// Why nothing can be written now; nil while it can.
        package var failure: String?
        /// For how long the sink has not taken what it was given.
        package var stalled = Duration.zero
        /// How long ago a call was refused or a record dropped, and whose it was; nil if that never happened.
        package var loss: Loss?

        /// The last loss.
        package struct Loss: Sendable, Equatable {
            /// How long ago it was.
            package var age: Duration
            /// Whose share was used up.
            package var uid: UInt32
        }
    }

    /// What the queue holds now and has seen since the start.
    package var load: Load {
        let now = clock.now
        return state.withLock { state in
            let backlog = state.backlog
            return Load(
                waiting: backlog.waiting,
                occupied: backlog.shares.occupied,
                written: backlog.written,
                refused: backlog.refused,
                dropped: backlog.dropped,
                summed: backlog.summed,
                failure: backlog.failure?.reason,
                stalled: (backlog.failure?.since ?? backlog.writingSince).map { now - $0 } ?? .zero,
                loss: backlog.lastLoss.map { Load.Loss(age: now - $0.instant, uid: $0.uid) }
            )
        }
    }

    /// Waits until everything submitted so far is written, or the task is cancelled.
    package func flush() async {
        await Waiter<Void>.wait { waiter in
            let now = clock.now
            let (isDone, wakes) = state.withLock { state in
                if state.backlog.isSettled || Task.isCancelled { return (true, false) }
                state.flushes.add(waiter)
                return (false, state.backlog.endsLingering(isAwaited: true, now: now))
            }
            if isDone { waiter.resume() }
            if wakes { wakeUp.signal() }
        } leave: { id in
            self.state.withLock { $0.flushes.remove(id) }?.resume()
        }
    }
}

// MARK: Lines

extension AuditQueue {
    /// The record of a line that is no call, and was answered with an error of that kind.
    func recordLine(of caller: Caller, on socket: SocketKind, error: ErrorKind) -> any AuditSubmission {
        var record = AuditRecord(
            event: .failed,
            method: AuditRecord.noCall,
            verdict: "error",
            callerUID: caller.uid,
            callerPID: caller.pid,
            socket: ServedSocket(socket).rawValue,
            callID: CallID().description,
            duration: .zero
        )
        record.error = error.name
        record.callerUnit = caller.unit.name
        let ticket = effectless(for: AuditCaller(uid: caller.uid, socket: socket), method: AuditRecord.noCall)
        ticket.fill(record)
        return ticket
    }
}

// MARK: For tickets

extension AuditQueue {
    /// Gives back a place that no record will take.
    func release(_ place: FairShares.Place) {
        state.withLock { $0.backlog.release(place) }
    }

    /// Queues the record of a call, or counts it.
    ///
    /// - Returns: whether the record is on its way as it is, so that more can be said about its call.
    func submit(_ entry: AuditEntry, by caller: AuditCaller, place: AuditTicket.Place) -> Bool {
        change { backlog, now in
            switch place {
            case .taken(let place):
                backlog.add(entry, at: place)
                return true
            case .late:
                backlog.add(entry, by: caller, now: now)
                return true
            case .effectless(let method):
                return backlog.addEffectless(entry, method: method, by: caller, now: now)
            }
        }
    }

    /// Queues the second record of a call whose answer was lost on the way to the caller.
    func submitLoss(of record: AuditRecord, by caller: AuditCaller) {
        change { $0.add(.answerLost(record), by: caller, now: $1) }
    }

    /// Changes the backlog, and has the thread write if there is something to write.
    private func change<Result: Sendable>(_ body: (inout AuditBacklog, ContinuousClock.Instant) -> Result) -> Result {
        let now = clock.now
        let (result, starts, wakes) = state.withLock { state in
            let result = body(&state.backlog, now)
            let isAwaited = !state.flushes.isEmpty
            return (
                result,
                state.backlog.startsWriting(now: now),
                state.backlog.endsLingering(isAwaited: isAwaited, now: now)
            )
        }
        if wakes { wakeUp.signal() }
        if starts, !thread.submit({ self.write() }) {
            state.withLock { $0.backlog.cannotWrite(because: "the audit's thread cannot be started", now: now) }
        }
        return result
    }

    /// What the writer's thread does next.
    private enum Step {
        case write([AuditEntry])
        case linger
        case end
    }

    /// Runs on the writer's thread until there is nothing more to do now.
    private func write() {
        var mayLinger = false
        while true {
            switch nextStep(mayLinger: mayLinger) {
            case .write(let batch):
                let result = sink.write(batch)
                let now = clock.now
                state.withLock { $0.backlog.wrote(result.written, failure: result.failure, now: now) }
                mayLinger = linger > .zero
            case .linger:
                // A wake-up that comes too late for one wait only shortens the next one.
                _ = wakeUp.wait(timeout: .now() + .microseconds(Int(clamping: linger.wholeMicroseconds)))
                mayLinger = false
            case .end:
                return
            }
        }
    }

    private func nextStep(mayLinger: Bool) -> Step {
        let (now, wallTime) = (clock.now, wallTime())
        let (step, finished) = state.withLock { state -> (Step, [Waiter<Void>]) in
            if let batch = state.backlog.nextBatch(now: now, wallTime: wallTime) { return (.write(batch), []) }
            let step = mayLinger && state.backlog.linger() ? Step.linger : .end
            return (step, state.backlog.isSettled ? state.flushes.removeAll() : [])
        }
        for flush in finished { flush.resume() }
        return step
    }
}
