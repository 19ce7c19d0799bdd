/// What health needs to know about the audit queue.
package struct AuditCondition: Sendable, Equatable {
    /// Places taken.
    package var occupied: Int
    /// Places there are.
    package var capacity: Int
    /// Whether calls are refused when no place is free (`AuditWhenFull=refuse`).
    package var refusesWhenFull: Bool

    /// A condition of the queue.
    package init(occupied: Int, capacity: Int, refusesWhenFull: Bool) {
        self.occupied = occupied
        self.capacity = capacity
        self.refusesWhenFull = refusesWhenFull
    }
}
