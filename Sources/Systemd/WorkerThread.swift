internal import Dispatch
internal import Synchronization

/// A thread that does one piece of work after the other, in the order in which they come, for work that may block.
///
/// The thread is started with the first piece, waits for more, and ends when this object is gone and everything is done. A
/// piece that never returns holds up the ones behind it and nothing else: nobody waits for the thread, and the process can
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

        func add(_ work: @escaping @Sendable () -> Void) {
            let starts = state.withLock { state in
                state.work.append(work)
                defer { state.isStarted = true }
                return !state.isStarted
            }
            signal.signal()
            if starts, !DetachedThread.run({ self.run() }) {
                // The next piece of work tries again.
                state.withLock { $0.isStarted = false }
            }
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

    private let queue = Queue()

    /// A thread without work.
    package init() {}

    deinit {
        queue.end()
    }

    /// Has the work done when its turn comes.
    package func submit(_ work: @escaping @Sendable () -> Void) {
        queue.add(work)
    }
}
