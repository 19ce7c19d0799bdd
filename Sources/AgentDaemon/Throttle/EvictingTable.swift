/// Something that a caller did to a target, and when.
struct ThrottleRecord: Sendable, Hashable {
    /// Caller and target together.
    struct Pair: Sendable, Hashable {
        let target: ThrottleTarget
        let caller: ThrottleCaller
    }

    let pair: Pair
    let instant: ContinuousClock.Instant
    /// What kind of message it was, of a send.
    var kind = SendKind.none
}

/// A bounded number of records in the order of their instants: the oldest of all, of a uid, of a caller at a target are
/// found at once.
///
/// Slots are handed out lowest first, and one that was freed before one that was never used: memory that stands behind
/// them is touched only as far as it has been needed at one time.
struct EvictingTable: Sendable {
    typealias Pair = ThrottleRecord.Pair

    /// What happened to a slot, for holders of a copy of it.
    private(set) var changedSlots: [Int] = []
    /// Records that had to go for want of room.
    private(set) var evicted = 0

    private let capacity: Int
    private var records: [ThrottleRecord?] = []
    private var serials: [UInt64] = []
    private var nextSerial: UInt64 = 1
    private var free: [Int32] = []

    private var all = IntrusiveList()
    private var allLinks = IntrusiveList.Links()
    private var ofUID: [UInt32: IntrusiveList] = [:]
    private var uidLinks = IntrusiveList.Links()
    private var ofPair: [Pair: IntrusiveList] = [:]
    private var pairLinks = IntrusiveList.Links()
    private var ranking = UIDUsageRanking()

    init(capacity: Int) {
        precondition(capacity > 0 && capacity <= Int32.max, "room for at least one record")
        self.capacity = capacity
    }

    /// Records in the table.
    var count: Int { Int(all.count) }

    /// Whether one more would cost one that is there.
    var isFull: Bool { count == capacity }

    /// Places without a record.
    var freeCount: Int { capacity - count }

    /// The oldest of all.
    var oldest: Int32? { all.isEmpty ? nil : all.first }

    /// The caller who would lose its oldest record to one more of `uid`.
    func evictionCandidate(toMakeRoomFor uid: UInt32) -> Int32? {
        ofUID[ranking.evictionCandidate(toMakeRoomFor: uid)]?.first
    }

    /// The record in a slot.
    func record(_ slot: Int32) -> ThrottleRecord {
        guard let record = records[Int(slot)] else { preconditionFailure("a slot without a record is asked for it") }
        return record
    }

    /// The record in a slot, if there is one.
    func recordIfAny(_ slot: Int) -> ThrottleRecord? { slot < records.count ? records[slot] : nil }

    /// The slot of a ticket, if its record is still there.
    func slot(_ slot: Int, serial: UInt64) -> Int32? {
        slot < records.count && records[slot] != nil && serials[slot] == serial ? Int32(slot) : nil
    }

    /// The number that tells the record in a slot from others that stood there.
    func serial(of slot: Int32) -> UInt64 { serials[Int(slot)] }

    /// How many records a caller has at a target.
    func count(of pair: Pair) -> Int { ofPair[pair].map { Int($0.count) } ?? 0 }

    /// The slots of a caller at a target, newest first.
    func slots(of pair: Pair) -> IntrusiveList.NewestFirst { IntrusiveList.NewestFirst(ofPair[pair], pairLinks) }

    /// All slots with a record, newest first.
    var slots: IntrusiveList.NewestFirst { IntrusiveList.NewestFirst(all, allLinks) }

    /// The slots of a uid, newest first.
    func slots(of uid: UInt32) -> IntrusiveList.NewestFirst { IntrusiveList.NewestFirst(ofUID[uid], uidLinks) }

    /// All callers and targets that have a record together.
    var pairs: Dictionary<Pair, IntrusiveList>.Keys { ofPair.keys }

    /// Puts a record into the table. There must be room, and no record that is newer.
    mutating func insert(_ record: ThrottleRecord) -> Int32 {
        precondition(!isFull, "a record needs a free slot")
        let slot: Int32
        if let freed = free.popLast() {
            slot = freed
        } else {
            slot = Int32(records.count)
            records.append(nil)
            serials.append(0)
            allLinks.grow(to: records.count)
            uidLinks.grow(to: records.count)
            pairLinks.grow(to: records.count)
        }
        put(record, into: slot)
        changedSlots.append(Int(slot))
        return slot
    }

    /// Puts records back into the slots that they had before; the table must be empty.
    mutating func restore(_ old: [(slot: Int, record: ThrottleRecord)]) {
        precondition(records.isEmpty, "records are restored before there are others")
        let size = (old.map(\.slot).max() ?? -1) + 1
        precondition(size <= capacity, "a slot of this table")
        records = Array(repeating: nil, count: size)
        serials = Array(repeating: 0, count: size)
        allLinks.grow(to: size)
        uidLinks.grow(to: size)
        pairLinks.grow(to: size)
        for (slot, record) in old.sorted(by: { ($0.record.instant, $0.slot) < ($1.record.instant, $1.slot) }) {
            put(record, into: Int32(slot))
        }
        free = (0..<size).reversed().filter { records[$0] == nil }.map { Int32($0) }
    }

    private mutating func put(_ record: ThrottleRecord, into slot: Int32) {
        precondition(records[Int(slot)] == nil, "one record in a slot")
        records[Int(slot)] = record
        serials[Int(slot)] = nextSerial
        nextSerial += 1
        allLinks.append(slot, to: &all)
        uidLinks.append(slot, to: &ofUID[record.pair.caller.uid, default: IntrusiveList()])
        pairLinks.append(slot, to: &ofPair[record.pair, default: IntrusiveList()])
        ranking.increment(record.pair.caller.uid)
    }

    /// Takes the record out of a slot.
    @discardableResult
    mutating func remove(_ slot: Int32, evicting: Bool = false) -> ThrottleRecord {
        let record = record(slot)
        let uid = record.pair.caller.uid
        records[Int(slot)] = nil
        allLinks.remove(slot, from: &all)
        uidLinks.remove(slot, from: &ofUID[uid, default: IntrusiveList()])
        if ofUID[uid]?.isEmpty ?? false { ofUID[uid] = nil }
        pairLinks.remove(slot, from: &ofPair[record.pair, default: IntrusiveList()])
        if ofPair[record.pair]?.isEmpty ?? false { ofPair[record.pair] = nil }
        ranking.decrement(uid)
        free.append(slot)
        changedSlots.append(Int(slot))
        if evicting { evicted += 1 }
        return record
    }

    /// Forgets what was changed, after it has been copied.
    mutating func changesWereCopied() { changedSlots.removeAll(keepingCapacity: true) }
}
