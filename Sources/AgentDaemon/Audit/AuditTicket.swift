import Synchronization

/// One call's way into the audit trail: filled with its record, then submitted, each at most once.
///
/// A filled ticket that is dropped submits itself as not delivered, and an unfilled one gives its place back, so that
/// whatever becomes of a connection, a call that has a record leaves exactly one, or is counted in one.
package final class AuditTicket: AuditSubmission {
    /// Where the record will go.
    enum Place: Sendable {
        /// To a place that was taken before the call could act.
        case taken(FairShares.Place)
        /// To a place that is looked for at the end.
        case late
        /// To one if there are not too many such calls, else into a summary of the calls of that method.
        case effectless(method: String)
    }

    private enum State {
        case open
        case filled(AuditEntry)
        /// The record is in the trail; kept because more may have to be said about the call.
        case submitted(AuditEntry)
        case closed
    }

    private let queue: AuditQueue
    private let caller: AuditCaller
    private let place: Place
    private let state = Mutex(State.open)

    init(queue: AuditQueue, caller: AuditCaller, place: Place) {
        self.queue = queue
        self.caller = caller
        self.place = place
    }

    deinit {
        submit(delivered: false)
    }

    /// Gives the record to write; the first one counts.
    package func fill(_ record: AuditRecord) {
        var record = record
        // As nearly all are.
        record.delivered = true
        let entry = AuditEntry.call(record)
        state.withLock { state in
            guard case .open = state else { return }
            state = .filled(entry)
        }
    }

    /// Sends the record off; later calls do nothing.
    ///
    /// - Parameter delivered: whether the caller's connection was there when the answer was ready.
    package func submit(delivered: Bool) {
        let entry: AuditEntry? = state.withLock { state in
            switch state {
            case .open:
                state = .closed
                if case .taken(let place) = self.place { queue.release(place) }
                return nil
            case .filled(let entry):
                state = .closed
                return entry
            case .submitted, .closed:
                return nil
            }
        }
        guard var entry else { return }
        if !delivered, case .call(var record) = entry {
            record.delivered = false
            entry = .call(record)
        }
        guard queue.submit(entry, by: caller, place: place), delivered else { return }
        state.withLock { $0 = .submitted(entry) }
    }

    package func answerLost() {
        let entry: AuditEntry? = state.withLock { state in
            guard case .submitted(let entry) = state else { return nil }
            state = .closed
            return entry
        }
        if case .call(let record)? = entry { queue.submitLoss(of: record, by: caller) }
    }
}
