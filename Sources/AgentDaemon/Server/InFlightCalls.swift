/// The calls of one connection that have no answer yet, and who of them runs, waits, or needs no place.
///
/// Places for running calls are few; who finds none is parked, in order of arrival, and runs when one is free. A value
/// without time: deadlines are kept here and looked at on request.
struct InFlightCalls<ID: Hashable & Sendable, Payload: Sendable>: ~Copyable {
    private enum Place {
        /// Has one of the places for running calls.
        case running
        /// Waits for one.
        case parked
        /// Needs none: `system.*`, or ended while parked.
        case exempt
    }

    private struct Entry {
        let id: ID
        var payload: Payload
        var place: Place
        /// Nil if there is none, and once it has been acted on.
        var deadline: ContinuousClock.Instant?
        /// Whether it goes on until it is ended.
        var isOpenEnded = false
    }

    private let limits: ConnectionLimits
    /// In no order; searched from the first, which for so few takes less than a table of hashes.
    private var calls: [Entry] = []
    private var parked: [ID] = []
    private var running = 0
    private var exempt = 0

    /// The places of a connection without calls.
    init(limits: ConnectionLimits) {
        self.limits = limits
    }

    /// Calls that have no answer yet, parked ones among them.
    var count: Int { calls.count }

    /// Whether every call has its answer.
    var isEmpty: Bool { calls.isEmpty }

    /// Calls that wait for a place.
    var parkedCount: Int { parked.count }

    /// Whether another call may be read: one more than may wait has to be held back, and stops the reading.
    var hasRoom: Bool { parked.count <= limits.callsParked && exempt < limits.callsExempt }

    /// Whether a call of that id waits for its answer.
    func contains(_ id: ID) -> Bool { index(of: id) != nil }

    /// The calls that have been started and not answered.
    var started: [Payload] {
        calls.filter { $0.place != .parked }.map(\.payload)
    }

    /// Those of them that go on until they are ended.
    var startedOpenEnded: [Payload] {
        calls.filter { $0.isOpenEnded && $0.place != .parked }.map(\.payload)
    }

    /// The deadlines that have not been acted on.
    var deadlines: [ContinuousClock.Instant] { calls.compactMap(\.deadline) }

    private func index(of id: ID) -> Int? {
        for index in calls.indices where calls[index].id == id { return index }
        return nil
    }
}

// MARK: Coming

extension InFlightCalls {
    /// Takes in a call.
    ///
    /// - Parameters:
    ///   - isServedAlways: whether it runs beside the others.
    ///   - isOpenEnded: whether it goes on until it is ended.
    /// - Returns: whether it is to run now; else it is parked.
    mutating func insert(
        _ id: ID,
        _ payload: Payload,
        isServedAlways: Bool,
        isOpenEnded: Bool,
        deadline: ContinuousClock.Instant?
    ) -> Bool {
        let place: Place =
            if isServedAlways { .exempt } else if running < limits.callsInFlight { .running } else { .parked }
        calls.append(Entry(id: id, payload: payload, place: place, deadline: deadline, isOpenEnded: isOpenEnded))
        switch place {
        case .running: running += 1
        case .parked: parked.append(id)
        case .exempt: exempt += 1
        }
        return place != .parked
    }

    /// Takes in a call that has ended already: it only waits for its answer.
    mutating func insertEnded(_ id: ID, _ payload: Payload) {
        calls.append(Entry(id: id, payload: payload, place: .exempt, deadline: nil))
        exempt += 1
    }
}

// MARK: Ending

extension InFlightCalls {
    /// A call that is to end.
    enum EndedCall {
        /// It runs, and is to be told.
        case running(Payload)
        /// It was parked and only waits for its answer now.
        case parked(Payload)
    }

    /// Ends one call; nil if there is none of that id.
    mutating func end(_ id: ID) -> EndedCall? {
        guard let index = index(of: id) else { return nil }
        let entry = calls[index]
        guard entry.place == .parked else { return .running(entry.payload) }
        moveAside(index)
        parked.removeAll { $0 == id }
        return .parked(entry.payload)
    }

    /// Ends the calls whose deadline has come; each is named once.
    mutating func endOverdue(now: ContinuousClock.Instant) -> (running: [Payload], parked: [Payload]) {
        var ended: (running: [Payload], parked: [Payload]) = ([], [])
        for (index, entry) in calls.enumerated() where entry.deadline.map({ $0 <= now }) ?? false {
            if entry.place == .parked {
                moveAside(index)
                ended.parked.append(entry.payload)
                parked.removeAll { $0 == entry.id }
            } else {
                calls[index].deadline = nil
                ended.running.append(entry.payload)
            }
        }
        return ended
    }

    /// Ends all that wait, in order.
    mutating func endParked() -> [Payload] {
        let ids = parked
        parked.removeAll()
        return ids.compactMap { id in
            guard let index = index(of: id) else { return nil }
            moveAside(index)
            return calls[index].payload
        }
    }

    /// A parked call ended before its turn; the caller takes it out of the queue.
    private mutating func moveAside(_ index: Int) {
        calls[index].place = .exempt
        calls[index].deadline = nil
        exempt += 1
    }
}

// MARK: Going

extension InFlightCalls {
    /// A call has its answer.
    ///
    /// - Precondition: it is here and not parked; anything else is a bug of the driver.
    mutating func remove(_ id: ID) {
        guard let index = index(of: id) else { preconditionFailure("a call was answered that is not in flight") }
        let place = calls[index].place
        calls.swapAt(index, calls.endIndex - 1)
        calls.removeLast()
        switch place {
        case .running: running -= 1
        case .parked: preconditionFailure("a parked call was answered before it was started")
        case .exempt: exempt -= 1
        }
    }

    /// The call whose turn has come: it has a place from now on.
    mutating func startNext() -> Payload? {
        guard running < limits.callsInFlight, let id = parked.first, let index = index(of: id) else { return nil }
        parked.removeFirst()
        calls[index].place = .running
        running += 1
        return calls[index].payload
    }
}
