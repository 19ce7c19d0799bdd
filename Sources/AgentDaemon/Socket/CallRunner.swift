import Glibc
import MosaicAPI
import NIOCore
import NIOPosix

/// Runs the calls of one event loop's connections, each in a task on that loop.
///
/// Connections hand calls over from synchronous code; they go through a stream into a task group that ``run(dispatcher:)``
/// owns, so no task is left without an owner. The stream is bounded by what connections may have in flight: it is
/// emptied before the loop reads from its sockets again.
final class CallRunner: Sendable {
    private struct Work: Sendable {
        let call: Call
        let connection: ConnectionHandle
    }

    /// The loop as an executor; ``run(dispatcher:)`` must run on it.
    let executor: EventLoopTaskExecutor
    private let work = AsyncStream.makeStream(of: Work.self)
    private let loopTurns: NIOLoopBoundBox<LoopTurns?>

    /// The runner of a loop.
    init(executor: EventLoopTaskExecutor) {
        self.executor = executor
        loopTurns = .makeEmptyBox(valueType: LoopTurns.self, eventLoop: executor.eventLoop)
    }

    /// The turns of the loop's connections; to be called on the loop.
    func turns(clock: any AgentClock) -> LoopTurns {
        if let turns = loopTurns.value { return turns }
        let turns = LoopTurns(eventLoop: executor.eventLoop, clock: clock)
        loopTurns.value = turns
        return turns
    }

    /// Has a call dispatched and its answer taken to the connection.
    func start(_ call: Call, for connection: ConnectionHandle) {
        work.continuation.yield(Work(call: call, connection: connection))
    }

    /// Dispatches calls until ``finish()`` and until the last answer is there.
    func run(dispatcher: any CallDispatching, clock: any AgentClock) async {
        let bell = await installBell(clock: clock)
        await withDiscardingTaskGroup { group in
            for await work in work.stream {
                group.addTask { [executor] in
                    let call = work.call
                    let answer = await call.control.run(on: executor) { await dispatcher.dispatch(call) }
                    work.connection.answered(call, with: answer)
                }
            }
        }
        // It fails only when the loop is shut down, and the bell with it.
        try? await executor.eventLoop.submit { self.loopTurns.value?.setBell(nil) }.get()
        try? await bell?.close()
    }

    /// No more calls will come.
    func finish() {
        work.continuation.finish()
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
