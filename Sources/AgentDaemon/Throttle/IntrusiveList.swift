/// A list of slots, through links that lie outside it: first and last are found at once, and any slot can leave at once.
struct IntrusiveList: Sendable {
    private(set) var first: Int32 = -1
    private(set) var last: Int32 = -1
    private(set) var count: Int32 = 0

    var isEmpty: Bool { count == 0 }

    /// The links of lists that share no slot with each other. A slot is in at most one of them.
    struct Links: Sendable {
        private var next: [Int32] = []
        private var previous: [Int32] = []

        /// Makes room for slots below `count`.
        mutating func grow(to count: Int) {
            guard next.count < count else { return }
            next.append(contentsOf: repeatElement(-1, count: count - next.count))
            previous.append(contentsOf: repeatElement(-1, count: count - previous.count))
        }

        /// The slot before `slot` in its list.
        func before(_ slot: Int32) -> Int32? { previous[Int(slot)] < 0 ? nil : previous[Int(slot)] }

        /// Puts a slot at the end of a list.
        mutating func append(_ slot: Int32, to list: inout IntrusiveList) {
            next[Int(slot)] = -1
            previous[Int(slot)] = list.last
            if list.last >= 0 { next[Int(list.last)] = slot } else { list.first = slot }
            list.last = slot
            list.count += 1
        }

        /// Takes a slot out of the list that it is in.
        mutating func remove(_ slot: Int32, from list: inout IntrusiveList) {
            let (before, after) = (previous[Int(slot)], next[Int(slot)])
            if before >= 0 { next[Int(before)] = after } else { list.first = after }
            if after >= 0 { previous[Int(after)] = before } else { list.last = before }
            list.count -= 1
        }
    }

    /// The slots of a list from the last one to the first. What changes the links meanwhile has to copy them: collect the
    /// slots first.
    struct NewestFirst: Sequence, IteratorProtocol {
        private var upcoming: Int32?
        private let links: Links

        init(_ list: IntrusiveList?, _ links: Links) {
            upcoming = list.flatMap { $0.isEmpty ? nil : $0.last }
            self.links = links
        }

        mutating func next() -> Int32? {
            guard let slot = upcoming else { return nil }
            upcoming = links.before(slot)
            return slot
        }
    }
}
