/// Work that callers set going and that goes on without them: it runs inside ``run()``.
final class BackgroundWork: Sendable {
    typealias Work = @Sendable () async -> Void

    private let orders: AsyncStream<Work>
    private let input: AsyncStream<Work>.Continuation

    init() {
        (orders, input) = AsyncStream.makeStream()
    }

    /// Has `work` run, now or once ``run()`` has begun.
    ///
    /// - Returns: False after the end of ``run()``: nothing will happen any more.
    func start(_ work: @escaping Work) -> Bool {
        if case .terminated = input.yield(work) { return false }
        return true
    }

    /// Runs what was started until the task is cancelled, and that with it. To be called once.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await work in orders { group.addTask { await work() } }
            group.cancelAll()
        }
    }
}
