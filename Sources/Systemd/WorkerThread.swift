internal import Dispatch
internal import Synchronization

/// A thread that does one piece of work after the other, in the order in which they come, for work that may block.
///
/// The thread is started with the first piece, waits for more, and ends when this object is gone and everything is done. A
/// piece that never returns holds up the ones behind it and nothing else: the thread is not waited for, and the process can
/// end.
package final class WorkerThread: Sendable {
    private final class Queue: Sendable {
        private struct State {
            var work: [@Sendable () -> Void] = []
            var isStarted = false
            var isOver = false
        }

        private let state = Mutex(State())
        private let signal = DispatchSemaphore(value: 0)
        private let startThread: StartThread

        init(startThread: @escaping StartThread) { self.startThread = startThread }

        func add(_ work: @escaping @Sendable () -> Void) -> Bool {
            let isTaken = state.withLock { state in
                // Under the lock, so no work is taken in for a thread that then cannot be started.
                if !state.isStarted { state.isStarted = startThread { self.run() } }
                if state.isStarted { state.work.append(work) }
                return state.isStarted
            }
            if isTaken { signal.signal() }
            return isTaken
        }

        func end() {
            state.withLock { $0.isOver = true }
            signal.signal()
        }

        private func run() {
            while true {
                let (work, isOver) = state.withLock { state in
                    defer { state.work = [] }
                    return (state.work, state.isOver)
                }
                for work in work { work() }
                if work.isEmpty {
                    if isOver { return }
                    signal.wait()
                }
            }
        }
    }

    /// Runs a function on a new thread; false if there is none to be had.
    package typealias StartThread = @Sendable (_ body: @escaping @Sendable () -> Void) -> Bool

    private let queue: Queue

    /// A thread without work.
    package init(startThread: @escaping StartThread = { DetachedThread.run($0) }) {
        queue = Queue(startThread: startThread)
    }

    deinit {
        queue.end()
    }

    /// Has the work done when its turn comes.
    ///
    /// - Returns: Whether it will be. False where the thread could not be started, as when the process has as many as it may
    ///   have: the work is dropped, and the next piece tries again.
    package func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        queue.add(work)
    }
}
