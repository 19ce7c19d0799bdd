/// Places that callers share so that none of them can take all.
///
/// A uid may take one more place while it holds fewer than are free: a lone caller gets half of them, a second one half of
/// what is left. Root and the control socket have a lane of their own beside these places; once that is full, the
/// rule holds for them as for all.
package struct FairShares: Sendable {
    /// A place that was taken.
    package struct Place: Sendable, Hashable {
        /// The uid whose share it counts in; nil in the lane.
        fileprivate let uid: UInt32?
    }

    /// Places that are shared.
    package let capacity: Int
    /// Further places, for root and the control socket.
    package let lane: Int
    private var taken = 0
    private var takenInLane = 0
    private var held: [UInt32: Int] = [:]

    /// Places that are free.
    package init(capacity: Int, lane: Int) {
        self.capacity = capacity
        self.lane = lane
    }

    /// Places that are taken, those of the lane too.
    package var occupied: Int { taken + takenInLane }

    /// Takes a place; nil when the caller's share is used up.
    ///
    /// - Parameter isPrivileged: whether the caller is root or asks on the control socket.
    package mutating func take(uid: UInt32, isPrivileged: Bool) -> Place? {
        if isPrivileged, takenInLane < lane {
            takenInLane += 1
            return Place(uid: nil)
        }
        let ownPlaces = held[uid] ?? 0
        guard ownPlaces < capacity - taken else { return nil }
        taken += 1
        held[uid] = ownPlaces + 1
        return Place(uid: uid)
    }

    /// Gives a place back.
    package mutating func giveBack(_ place: Place) {
        guard let uid = place.uid else {
            takenInLane -= 1
            return
        }
        taken -= 1
        // Callers without places are forgotten: the table is never longer than places are taken.
        let left = (held[uid] ?? 1) - 1
        held[uid] = left == 0 ? nil : left
    }
}
