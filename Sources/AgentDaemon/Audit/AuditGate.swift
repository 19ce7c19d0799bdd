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

    /// A place for the record of a call that acts at Mosaic, or nil when the call must be refused for want of one; that is
    /// counted, and the count recorded once there is room.
    package func ticket(for caller: AuditCaller) -> AuditTicket? {
        if let ticket = queue.reserve(for: caller) { return ticket }
        guard overflow == .refuse else { return queue.unreserved(for: caller) }
        queue.countRefusal(of: caller)
        return nil
    }

    /// A ticket for a call that does not act at Mosaic, or was refused before it could. It is never refused for want of
    /// a place: an administrator with a full queue must be able to ask the agent what is wrong.
    ///
    /// - Parameter method: its method, if the protocol has it.
    package func effectlessTicket(for caller: AuditCaller, method: String?) -> AuditTicket {
        queue.effectless(for: caller, method: method ?? "(unknown)")
    }

    /// The queue's condition, for health.
    package var condition: AuditCondition {
        let load = queue.load
        return AuditCondition(
            waiting: load.waiting,
            occupied: load.occupied,
            capacity: queue.capacity,
            refusesWhenFull: overflow == .refuse,
            failure: load.failure,
            stalled: load.stalled,
            loss: load.loss
        )
    }
}
