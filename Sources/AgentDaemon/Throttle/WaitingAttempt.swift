import Synchronization

/// What becomes of an attempt that is asked for, unless it is refused.
package enum AttemptAdmission: Sendable {
    /// It may be made.
    case admitted(AttemptTicket)
    /// It waits for others of the same caller.
    case waiting(WaitingAttempt)
}

/// An attempt that waits until others of the same caller on the same target are released; one task waits for its end.
package final class WaitingAttempt: Sendable {
    /// How the wait ends.
    package enum End: Sendable {
        /// The attempt may be made.
        case admitted(AttemptTicket)
        /// It must not be made.
        case refused(ThrottleRejection)
        /// It was given up.
        case left
    }

    private enum State {
        case waiting
        case awaited(CheckedContinuation<End, Never>)
        case ended(End)
    }

    let number: UInt64
    let ticket: AttemptTicket
    private let state = Mutex(State.waiting)

    init(_ number: UInt64, _ ticket: AttemptTicket) {
        self.number = number
        self.ticket = ticket
    }

    /// How it has ended; nil while it waits.
    var ended: End? {
        state.withLock { if case .ended(let end) = $0 { end } else { nil } }
    }

    /// Ends the wait; once.
    func end(_ end: End) {
        let awaiting: CheckedContinuation<End, Never>? = state.withLock { state in
            defer { state = .ended(end) }
            switch state {
            case .waiting: return nil
            case .awaited(let continuation): return continuation
            case .ended: preconditionFailure("a wait ends twice")
            }
        }
        awaiting?.resume(returning: end)
    }

    /// Suspends until the end.
    func value() async -> End {
        await withCheckedContinuation { continuation in
            let end: End? = state.withLock { state in
                if case .ended(let end) = state { return end }
                state = .awaited(continuation)
                return nil
            }
            if let end { continuation.resume(returning: end) }
        }
    }
}
