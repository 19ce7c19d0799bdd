/// Tells at once which uid has most records, while their numbers go up and down by one.
struct UIDUsageRanking: Sendable {
    private struct Standing {
        var count: Int
        /// Where the uid stands among those with the same number.
        var place: Int
    }

    private var standings: [UInt32: Standing] = [:]
    /// The uids by their number of records.
    private var uids: [Int: [UInt32]] = [:]
    private var most = 0

    /// The number of records of a uid.
    func count(of uid: UInt32) -> Int { standings[uid]?.count ?? 0 }

    /// The uid that loses a record when `uid` is to have one more and there is no room: that one itself unless another has
    /// more.
    func evictionCandidate(toMakeRoomFor uid: UInt32) -> UInt32 {
        count(of: uid) == most ? uid : uids[most]?.last ?? uid
    }

    /// A uid has one record more.
    mutating func increment(_ uid: UInt32) {
        let count = (leave(uid) ?? 0) + 1
        enter(uid, count)
        most = max(most, count)
    }

    /// A uid has one record less.
    mutating func decrement(_ uid: UInt32) {
        guard let count = leave(uid) else { preconditionFailure("a uid loses a record that it does not have") }
        if count > 1 { enter(uid, count - 1) }
        if count == most, uids[count] == nil { most = count - 1 }
    }

    private mutating func enter(_ uid: UInt32, _ count: Int) {
        standings[uid] = Standing(count: count, place: uids[count]?.count ?? 0)
        uids[count, default: []].append(uid)
    }

    /// Takes a uid out, and answers how many records it had.
    private mutating func leave(_ uid: UInt32) -> Int? {
        guard let standing = standings.removeValue(forKey: uid) else { return nil }
        // The last one moves to where the uid stood.
        guard let last = uids[standing.count]?.popLast() else { return standing.count }
        if last != uid {
            uids[standing.count]?[standing.place] = last
            standings[last]?.place = standing.place
        }
        if uids[standing.count]?.isEmpty ?? false { uids[standing.count] = nil }
        return standing.count
    }
}
