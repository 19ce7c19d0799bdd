import Glibc
import MosaicAPI
import NIOCore
import NIOPosix
import Synchronization

/// Runs the calls of one event loop's connections, each in one task on that loop.
///
/// Connections hand calls over from synchronous code. A call's task belongs to its ``CallLifecycle``, by which its connection
/// ends it; ``run(dispatcher:clock:onCancel:)`` does not end before the last of them has.
final class CallRunner: Sendable {
    private struct Work: Sendable {
        let call: Call
        let connection: ConnectionHandle
    }

    private struct State: Sendable {
        var dispatcher: (any CallDispatching)?
        /// What came before there was a dispatcher.
        var early: [Work] = []
        var running = 0
        /// Calls that run although their callers have left, because Mosaic has been asked.
        var unattended: [ObjectIdentifier: CallLifecycle] = [:]
        var isFinished = false
        var end: CheckedContinuation<Void, Never>?

        /// The one who waits for the end, if it has come.
        mutating func takeEnd() -> CheckedContinuation<Void, Never>? {
            guard isFinished, running == 0 else { return nil }
            defer { end = nil }
            return end
        }
    }

    /// The loop as an executor.
    let executor: EventLoopTaskExecutor
    private let state = Mutex(State())
    private let loopTurns: NIOLoopBoundBox<LoopTurns?>

    /// The runner of a loop.
    init(executor: EventLoopTaskExecutor) {
        self.executor = executor
        loopTurns = .makeEmptyBox(valueType: LoopTurns.self, eventLoop: executor.eventLoop)
    }

    /// The turns of the loop's connections; to be called on the loop.
    func turns(clock: any AgentClock) -> LoopTurns {
        if let turns = loopTurns.value { return turns }
        let turns = LoopTurns(executor: executor, clock: clock)
        loopTurns.value = turns
        return turns
    }

    /// Has a call dispatched and its answer taken to the connection.
    func start(_ call: Call, for connection: ConnectionHandle) {
        let work = Work(call: call, connection: connection)
        let dispatcher = state.withLock { state -> (any CallDispatching)? in
            guard let dispatcher = state.dispatcher else {
                state.early.append(work)
                return nil
            }
            state.running += 1
            return dispatcher
        }
        if let dispatcher { begin(work, dispatcher) }
    }

    private func begin(_ work: Work, _ dispatcher: any CallDispatching) {
        let task = Task(executorPreference: executor) { [self] in
            let answer = await dispatcher.dispatch(work.call)
            work.connection.answered(work.call, with: answer)
            work.call.control.workEnded()
            let end = state.withLock { state in
                state.running -= 1
                if !state.unattended.isEmpty { state.unattended[ObjectIdentifier(work.call.control)] = nil }
                return state.takeEnd()
            }
            end?.resume()
        }
        work.call.control.workBegan(in: task)
    }

    /// Takes note that a call goes on whose connection is closed; to be called on the loop, before the call has ended.
    func leaveUnattended(_ call: CallLifecycle) {
        state.withLock { $0.unattended[ObjectIdentifier(call)] = call }
    }

    /// Ends the calls that go on although their connections are closed: the daemon stops.
    func endUnattended() {
        for call in state.withLock({ Array($0.unattended.values) }) { call.end(.shuttingDown) }
    }

    /// Has calls dispatched until ``finish()`` and until the last answer is there.
    ///
    /// - Parameter onCancel: ends all calls, when the task is cancelled.
    func run(dispatcher: any CallDispatching, clock: any AgentClock, onCancel: @escaping @Sendable () -> Void) async {
        let bell = await installBell(clock: clock)
        let early = state.withLock { state in
            state.dispatcher = dispatcher
            defer { state.early = [] }
            state.running += state.early.count
            return state.early
        }
        for work in early { begin(work, dispatcher) }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let end = state.withLock { state in
                    state.end = continuation
                    return state.takeEnd()
                }
                end?.resume()
            }
        } onCancel: {
            onCancel()
            endUnattended()
            finish()
        }
        // It fails only when the loop is shut down, and the bell with it.
        try? await executor.eventLoop.submit { self.loopTurns.value?.setBell(nil) }.get()
        try? await bell?.close()
    }

    /// No more calls will come.
    func finish() {
        let end = state.withLock { state in
            state.isFinished = true
            return state.takeEnd()
        }
        end?.resume()
    }

    /// Gives the loop the bell by which ``LoopTurns`` has it look at its sockets between two rounds; nil if there are no
    /// descriptors for it, and then a round does not wait for that.
    private func installBell(clock: any AgentClock) async -> (any Channel)? {
        var ends: [CInt] = [-1, -1]
        // Sound: the kernel fills the two descriptors.
        let type = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        guard unsafe socketpair(AF_UNIX, type, 0, &ends) == 0 else { return nil }
        let bell = try? await NIOPipeBootstrap(group: executor.eventLoop)
            .channelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(BellHandler(turns: turns(clock: clock)))
                }
            }
            .takingOwnershipOfDescriptors(input: ends[0], output: ends[1])
            .get()
        guard let bell else { return nil }
        try? await executor.eventLoop.submit { self.turns(clock: clock).setBell(bell) }.get()
        return bell
    }
}
