/// What health needs to know about the audit queue.
package struct AuditCondition: Sendable, Equatable {
    /// Records that wait to be written.
    package var waiting: Int
    /// Places taken, by these and by calls that are being served.
    package var occupied: Int
    /// Places there are.
    package var capacity: Int
    /// Whether calls are refused when no place is free (`AuditWhenFull=refuse`).
    package var refusesWhenFull: Bool
    /// Why nothing can be written now; nil while it can.
    package var failure: String?
    /// For how long nothing could be written, or a write has not returned.
    package var stalled: Duration
    /// When a call was refused, or a record dropped, for want of a place the last time, and whose it was.
    package var loss: AuditQueue.Load.Loss?

    /// A condition of the queue.
    package init(
        waiting: Int,
        occupied: Int,
        capacity: Int,
        refusesWhenFull: Bool,
        failure: String? = nil,
        stalled: Duration = .zero,
        loss: AuditQueue.Load.Loss? = nil
    ) {
        self.waiting = waiting
        self.occupied = occupied
        self.capacity = capacity
        self.refusesWhenFull = refusesWhenFull
        self.failure = failure
        self.stalled = stalled
        self.loss = loss
    }
}
