package import NIOCore

/// Runs tasks on one event loop, so that a call's work stays on its connection's thread.
///
/// Jobs that come from the loop itself are run together, when what the loop is doing is done; each alone would cost the loop
/// a task of its own. A batch is bounded, so that tasks which go on and on do not keep the loop from its sockets.
///
/// Sound because an event loop runs what it is given one after the other on one thread, never drops it before it is shut
/// down, and the loops here live as long as the process's group of them.
package final class EventLoopTaskExecutor: TaskExecutor {
    private struct State {
        var jobs = CircularBuffer<UnownedJob>()
        var isScheduled = false
        var isRunning = false
        /// What is to be done once behind the batch.
        var followUps: [() -> Void] = []
        var onLeftOver: (() -> Void)?
    }

    /// The most jobs that are run before the loop looks at its sockets again.
    private static let batchSize = 256

    /// The loop.
    package let eventLoop: any EventLoop
    private let state: NIOLoopBoundBox<State>

    /// The executor of a loop. Make one per loop and keep it: two executors are two executors to the runtime.
    package init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        state = .makeBoxSendingValue(State(), eventLoop: eventLoop)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if eventLoop.inEventLoop {
            add(job)
        } else {
            eventLoop.execute { self.add(job) }
        }
    }

    /// Does something behind the jobs that run now, or in the loop's next round if none do. To be called on the loop.
    func afterJobs(_ action: @escaping () -> Void) {
        state.value.followUps.append(action)
        if !state.value.isRunning { schedule() }
    }

    private func add(_ job: UnownedJob) {
        state.value.jobs.append(job)
        if !state.value.isRunning { schedule() }
    }

    private func schedule() {
        guard !state.value.isScheduled else { return }
        state.value.isScheduled = true
        eventLoop.execute { self.run() }
    }

    /// Runs the jobs that there are, and those that they make, now instead of in the loop's next round. To be called on the loop.
    func run() {
        guard !state.value.isRunning else { return }
        state.value.isScheduled = false
        state.value.isRunning = true
        var count = 0
        while count < Self.batchSize, let job = state.value.jobs.popFirst() {
            unsafe job.runSynchronously(on: asUnownedTaskExecutor())
            count += 1
        }
        let followUps = state.value.followUps
        state.value.followUps = []
        for action in followUps { action() }
        state.value.isRunning = false
        guard !state.value.jobs.isEmpty || !state.value.followUps.isEmpty else { return }
        if let onLeftOver = state.value.onLeftOver { onLeftOver() } else { schedule() }
    }

    /// Called when a batch was full, to have ``run()`` called once the loop has looked at its sockets; without it the rest is run
    /// before that, as the loop does with all it is given. To be used on the loop.
    var onLeftOver: (() -> Void)? {
        get { state.value.onLeftOver }
        set { state.value.onLeftOver = newValue }
    }
}
