/// Calls that an open ``CircuitBreaker`` holds back until a probe of the same uid has ended; pure, without continuations.
///
/// | event | then |
/// |---|---|
/// | a call joins | it waits for that probe, unless its uid has 16 waiting already |
/// | the probe ends, and the breaker stays open | the calls that wait for it are refused |
/// | the breaker closes | all calls pass, in the order in which they came |
/// | a call gives up, or the probe's place ends | it leaves |
package struct ProbeQueue<Waiter: Sendable>: Sendable {
    /// A call that waits.
    package struct Entry: Sendable {
        /// Tells it from the others.
        package let number: UInt64
        /// Whose call it is.
        package let uid: UInt32
        /// The probe that it waits for.
        package let probe: CircuitBreaker.Permit
        /// What is to be told of the end.
        package let waiter: Waiter

        /// A call.
        package init(number: UInt64, uid: UInt32, probe: CircuitBreaker.Permit, waiter: Waiter) {
            self.number = number
            self.uid = uid
            self.probe = probe
            self.waiter = waiter
        }
    }

    /// Calls of one uid that wait.
    package static var capacityPerUID: Int { 16 }

    /// In the order in which they came.
    private var entries: [Entry] = []

    /// A queue without calls.
    package init() {}

    /// Calls that wait.
    package var count: Int { entries.count }

    /// Takes a call in.
    ///
    /// - Returns: Whether there was a place for it.
    package mutating func add(_ entry: Entry) -> Bool {
        guard entries.count(where: { $0.uid == entry.uid }) < Self.capacityPerUID else { return false }
        entries.append(entry)
        return true
    }

    /// A call gives up; nil if it waits no longer.
    package mutating func remove(_ number: UInt64) -> Waiter? {
        entries.firstIndex { $0.number == number }.map { entries.remove(at: $0).waiter }
    }

    /// A probe has ended: the calls that waited for it, which leave.
    package mutating func remove(waitingFor probe: CircuitBreaker.Permit) -> [Entry] {
        let ended = entries.filter { $0.probe == probe }
        if !ended.isEmpty { entries.removeAll { $0.probe == probe } }
        return ended
    }

    /// The breaker has closed: all calls, which leave.
    package mutating func removeAll() -> [Entry] {
        defer { entries = [] }
        return entries
    }
}
