import NIOCore

/// What waits for its turn: uids take turns, and what waits for one uid leaves in order of arrival.
///
/// However much one uid brings, another one waits for at most one element of each uid that waits. All operations take
/// constant time; uids for which nothing waits are forgotten.
struct FairQueue<Element> {
    private var waiting: [UInt32: CircularBuffer<Element>] = [:]
    /// The uids for which something waits, each once.
    private var turns = CircularBuffer<UInt32>()

    /// How many elements wait.
    private(set) var count = 0

    /// Nothing waits.
    init() {}

    /// Whether nothing waits.
    var isEmpty: Bool { count == 0 }

    /// How many elements of one uid wait.
    func count(of uid: UInt32) -> Int { waiting[uid]?.count ?? 0 }

    /// Puts an element behind the others of its uid.
    mutating func append(_ element: Element, of uid: UInt32) {
        if waiting[uid]?.append(element) == nil {
            var elements = CircularBuffer<Element>(initialCapacity: 4)
            elements.append(element)
            waiting[uid] = elements
            turns.append(uid)
        }
        count += 1
    }

    /// Takes the first element of the uid whose turn it is; the next turn is another uid's, if there is one.
    mutating func popFirst() -> Element? {
        guard let uid = turns.popFirst(), let element = waiting[uid]?.popFirst() else { return nil }
        if waiting[uid]?.isEmpty ?? true {
            waiting[uid] = nil
        } else {
            turns.append(uid)
        }
        count -= 1
        return element
    }
}
