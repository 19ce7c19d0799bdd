import Concurrency
import Synchronization

/// Counts requests in flight and lets one party wait until none is left and none can begin.
final class Drain: Sendable {
    private struct State {
        var inFlight = 0
        var isFinishing = false
        var waiters = WaiterList<Void, Void>()
    }

    private let state = Mutex(State())

    /// A request begins; answers whether it may.
    func enter() -> Bool {
        state.withLock { state in
            guard !state.isFinishing else { return false }
            state.inFlight += 1
            return true
        }
    }

    /// A request that had entered has ended.
    func leave() {
        let waiters: [Waiter<Void>] = state.withLock { state in
            state.inFlight -= 1
            return state.isFinishing && state.inFlight == 0 ? state.waiters.removeAll() : []
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Lets no request begin from here on and waits until none is in flight.
    func finish() async {
        await Waiter<Void>.wait { waiter in
            let isDone = state.withLock { state in
                state.isFinishing = true
                guard state.inFlight > 0 else { return true }
                state.waiters.add(waiter)
                return false
            }
            if isDone { waiter.resume() }
        } leave: { _ in
            // What is in flight ends in any case, and nothing may be closed before.
        }
    }
}
