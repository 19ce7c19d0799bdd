import Synchronization

/// Whether the kernel has taken a notification that a call waits for; told once, by the first that knows.
final class WrittenNotification: Sendable {
    private enum State {
        case open
        case waiting(CheckedContinuation<Bool, Never>)
        case ended(Bool)
    }

    private let state = Mutex(State.open)

    init() {}

    /// Waits for the end; returns at once if it has come.
    func wait(_ waiter: CheckedContinuation<Bool, Never>) {
        let end: Bool? = state.withLock { state in
            if case .ended(let isWritten) = state { return isWritten }
            state = .waiting(waiter)
            return nil
        }
        if let end { waiter.resume(returning: end) }
    }

    /// Tells whether it was taken; false also when the call waits no longer.
    func end(_ isWritten: Bool) {
        let waiter: CheckedContinuation<Bool, Never>? = state.withLock { state in
            switch state {
            case .open:
                state = .ended(isWritten)
                return nil
            case .waiting(let waiter):
                state = .ended(isWritten)
                return waiter
            case .ended:
                return nil
            }
        }
        waiter?.resume(returning: isWritten)
    }
}
