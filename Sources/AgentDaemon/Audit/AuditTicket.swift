import Synchronization

/// One call's way into the audit trail: reserved, then filled with its record, then submitted, each at most once.
///
/// A filled ticket that is dropped submits itself as not delivered, and an unfilled one gives its place back, so that
/// whatever becomes of a connection, a call that has a record leaves exactly one.
package final class AuditTicket: AuditSubmission {
    private enum State {
        case open
        case filled(AuditRecord)
        case closed
    }

    private let queue: AuditQueue
    private let isReserved: Bool
    private let state = Mutex(State.open)

    init(queue: AuditQueue, isReserved: Bool) {
        self.queue = queue
        self.isReserved = isReserved
    }

    deinit {
        submit(delivered: false)
    }

    /// Gives the record to write; the first one counts.
    package func fill(_ record: AuditRecord) {
        state.withLock { state in
            guard case .open = state else { return }
            state = .filled(record)
        }
    }

    /// Sends the record off; later calls do nothing.
    ///
    /// - Parameter delivered: whether the answer was handed to the caller's socket.
    package func submit(delivered: Bool) {
        let previous = state.withLock { state in
            let previous = state
            state = .closed
            return previous
        }
        switch previous {
        case .open:
            if isReserved { queue.release() }
        case .filled(var record):
            record.delivered = delivered
            queue.submit(record, isReserved: isReserved)
        case .closed:
            break
        }
    }
}
