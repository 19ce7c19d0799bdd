/// Makes sure, before a call acts, that its record will find a place.
package struct AuditGate: Sendable {
    private let queue: AuditQueue
    private let overflow: DaemonSettings.AuditOverflow

    /// A gate in front of `queue`.
    ///
    /// - Parameter overflow: what happens to a call whose record would find no place (`AuditWhenFull=`).
    package init(queue: AuditQueue, overflow: DaemonSettings.AuditOverflow) {
        self.queue = queue
        self.overflow = overflow
    }

    /// A place for the call's record, or nil when the call must be refused for want of one; that is counted, and the count
    /// recorded once there is room.
    ///
    /// - Parameter acts: whether the call acts at Mosaic. Only such calls are refused: whoever looks after an agent with
    ///   a full queue must be able to ask it what is wrong.
    package func ticket(acts: Bool) -> AuditTicket? {
        if let ticket = queue.reserve() { return ticket }
        guard acts, overflow == .refuse else { return queue.unreserved() }
        queue.countRefusal()
        return nil
    }

    /// A ticket for a call that ended before it could act.
    package func lateTicket() -> AuditTicket {
        queue.reserve() ?? queue.unreserved()
    }

    /// The queue's fill, for health.
    package var condition: AuditCondition {
        AuditCondition(
            occupied: queue.load.occupied,
            capacity: queue.capacity,
            refusesWhenFull: overflow == .refuse
        )
    }
}
