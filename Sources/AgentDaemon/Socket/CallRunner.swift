/// Runs the calls of one event loop's connections, each in a task on that loop.
///
/// Connections hand calls over from synchronous code; they go through a stream into a task group that ``run(dispatcher:)``
/// owns, so no task is left without an owner.
final class CallRunner: Sendable {
    private struct Work: Sendable {
        let call: Call
        let connection: ConnectionHandle
    }

    /// The loop as an executor; ``run(dispatcher:)`` must run on it.
    let executor: EventLoopTaskExecutor
    private let work = AsyncStream.makeStream(of: Work.self)

    /// The runner of a loop.
    init(executor: EventLoopTaskExecutor) {
        self.executor = executor
    }

    /// Has a call dispatched and its answer taken to the connection.
    func start(_ call: Call, for connection: ConnectionHandle) {
        work.continuation.yield(Work(call: call, connection: connection))
    }

    /// Dispatches calls until ``finish()`` and until the last answer is there.
    func run(dispatcher: any CallDispatching) async {
        await withDiscardingTaskGroup { group in
            for await work in work.stream {
                group.addTask { [executor] in
                    let call = work.call
                    let answer = await call.control.run(on: executor) { await dispatcher.dispatch(call) }
                    work.connection.answered(call, with: answer)
                }
            }
        }
    }

    /// No more calls will come.
    func finish() {
        work.continuation.finish()
    }
}
