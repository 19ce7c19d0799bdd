import Concurrency

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

    let number: UInt64
    let ticket: AttemptTicket
    private let outcome = OneShot<End>()

    init(_ number: UInt64, _ ticket: AttemptTicket) {
        self.number = number
        self.ticket = ticket
    }

    /// How it has ended; nil while it waits.
    var ended: End? { outcome.told }

    /// Ends the wait; once.
    func end(_ end: End) {
        guard outcome.tell(end) else { preconditionFailure("a wait ends twice") }
    }

    /// Suspends until the end.
    func value() async -> End { await outcome.value() }
}
