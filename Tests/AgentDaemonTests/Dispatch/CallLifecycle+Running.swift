@testable import AgentDaemon

extension CallLifecycle {
    /// Does the work of a call in the call's task, and waits for what comes of it.
    func run(
        on executor: (any TaskExecutor)?,
        _ operation: @escaping @Sendable () async -> Answer
    ) async -> Answer {
        await withCheckedContinuation { continuation in
            let task = Task(executorPreference: executor) {
                let answer = await operation()
                self.workEnded()
                continuation.resume(returning: answer)
            }
            workBegan(in: task)
        }
    }
}
