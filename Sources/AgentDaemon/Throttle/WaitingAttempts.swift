/// Attempts that wait for others of the same caller on the same target, in the order of their arrival.
///
/// First and last of a caller at a target are found at once, and any of them leaves at once.
struct WaitingAttempts: Sendable {
    typealias Pair = ThrottleRecord.Pair

    private struct Place: Sendable {
        let slot: Int32
        let pair: Pair
    }

    private var queues: [Pair: IntrusiveList] = [:]
    private var links = IntrusiveList.Links()
    /// The waiters by slot; 0 where there is none.
    private var waiters: [UInt64] = []
    private var free: [Int32] = []
    private var places: [UInt64: Place] = [:]

    /// Attempts that wait.
    var count: Int { places.count }

    /// Callers and targets for which one waits.
    var pairs: Dictionary<Pair, IntrusiveList>.Keys { queues.keys }

    /// How many attempts of a caller on a target wait.
    func count(of pair: Pair) -> Int { queues[pair].map { Int($0.count) } ?? 0 }

    /// The attempt of a caller on a target that has waited longest.
    func first(of pair: Pair) -> UInt64? { queues[pair].map { waiters[Int($0.first)] } }

    /// Lets an attempt wait behind the others of its caller on its target.
    ///
    /// - Parameter waiter: a number above 0 that no other attempt has.
    mutating func append(_ waiter: UInt64, to pair: Pair) {
        precondition(waiter > 0 && places[waiter] == nil, "an attempt waits once")
        let slot: Int32
        if let freed = free.popLast() {
            slot = freed
        } else {
            slot = Int32(waiters.count)
            waiters.append(0)
            links.grow(to: waiters.count)
        }
        waiters[Int(slot)] = waiter
        places[waiter] = Place(slot: slot, pair: pair)
        links.append(slot, to: &queues[pair, default: IntrusiveList()])
    }

    /// Takes an attempt out of its queue.
    ///
    /// - Returns: whether it was waiting.
    @discardableResult
    mutating func remove(_ waiter: UInt64) -> Bool {
        guard let place = places.removeValue(forKey: waiter) else { return false }
        links.remove(place.slot, from: &queues[place.pair, default: IntrusiveList()])
        if queues[place.pair]?.isEmpty ?? false { queues[place.pair] = nil }
        waiters[Int(place.slot)] = 0
        free.append(place.slot)
        return true
    }
}
