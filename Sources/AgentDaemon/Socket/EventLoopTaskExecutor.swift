package import NIOCore

/// Runs tasks on one event loop, so that a call's work stays on its connection's thread.
///
/// Sound because an event loop runs what it is given one after the other on one thread, never drops it before it is shut
/// down, and the loops here live as long as the process's group of them.
package final class EventLoopTaskExecutor: TaskExecutor {
    /// The loop.
    package let eventLoop: any EventLoop

    /// The executor of a loop. Make one per loop and keep it: two executors are two executors to the runtime.
    package init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute {
            unsafe job.runSynchronously(on: self.asUnownedTaskExecutor())
        }
    }
}
