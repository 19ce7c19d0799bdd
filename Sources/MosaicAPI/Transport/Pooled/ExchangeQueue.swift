import NIOCore

/// What waits for a connection: uids take turns, then the connections of a uid's callers, then order of arrival.
///
/// Root comes first, but at most every second time while others wait. Putting in and taking out take constant time, whatever
/// waits; only uids that may not have more at the moment are passed over one by one. What has left by itself stays until its
/// turn comes or ``removeAll(where:)`` sweeps it out.
struct ExchangeQueue<Element> {
    private struct Caller {
        var elements = CircularBuffer<Element>(initialCapacity: 2)
    }

    private struct User {
        var callers: [UInt64: Caller] = [:]
        /// The callers for which something waits, each once.
        var turns = CircularBuffer<UInt64>(initialCapacity: 2)

        mutating func append(_ element: Element, of caller: UInt64) {
            if callers[caller]?.elements.append(element) == nil {
                var new = Caller()
                new.elements.append(element)
                callers[caller] = new
                turns.append(caller)
            }
        }

        mutating func popFirst() -> Element? {
            guard let caller = turns.popFirst(), let element = callers[caller]?.elements.popFirst() else { return nil }
            if callers[caller]?.elements.isEmpty ?? true {
                callers[caller] = nil
            } else {
                turns.append(caller)
            }
            return element
        }
    }

    private static var root: UInt32 { 0 }

    private var users: [UInt32: User] = [:]
    /// The uids for which something waits, each once; root is not among them.
    private var turns = CircularBuffer<UInt32>()
    private var isRootsTurn = true

    /// How many elements there are.
    private(set) var count = 0

    /// Nothing waits.
    init() {}

    /// Whether nothing waits.
    var isEmpty: Bool { count == 0 }

    /// How many uids wait.
    var userCount: Int { users.count }

    /// Puts an element behind the others of its uid and caller.
    mutating func append(_ element: Element, uid: UInt32, caller: UInt64) {
        if users[uid] == nil {
            users[uid] = User()
            if uid != Self.root { turns.append(uid) }
        }
        users[uid]?.append(element, of: caller)
        count += 1
    }

    /// Takes the next element of a uid that may have one.
    ///
    /// - Parameter mayHave: Whether a uid may; asked about each that waits until one may.
    mutating func popFirst(where mayHave: (UInt32) -> Bool) -> Element? {
        if isRootsTurn || turns.isEmpty, users[Self.root] != nil, mayHave(Self.root) {
            isRootsTurn = false
            return take(from: Self.root)
        }
        for _ in 0..<turns.count {
            guard let uid = turns.popFirst() else { break }
            guard mayHave(uid) else {
                turns.append(uid)
                continue
            }
            isRootsTurn = true
            let element = take(from: uid)
            if users[uid] != nil { turns.append(uid) }
            return element
        }
        guard users[Self.root] != nil, mayHave(Self.root) else { return nil }
        return take(from: Self.root)
    }

    /// Takes out what `shouldLeave` says, in a time that grows with all that is there.
    mutating func removeAll(where shouldLeave: (Element) -> Bool) {
        var rest = ExchangeQueue()
        rest.isRootsTurn = isRootsTurn
        for uid in turns + (users[Self.root] == nil ? [] : [Self.root]) {
            guard let user = users[uid] else { continue }
            for caller in user.turns {
                for element in user.callers[caller]?.elements ?? [] where !shouldLeave(element) {
                    rest.append(element, uid: uid, caller: caller)
                }
            }
        }
        self = rest
    }

    /// Whether a uid for which something waits may have it.
    func contains(where mayHave: (UInt32) -> Bool) -> Bool { users.keys.contains(where: mayHave) }

    /// Looks at every element.
    func visit(_ body: (Element) -> Void) {
        for user in users.values {
            for caller in user.callers.values {
                for element in caller.elements { body(element) }
            }
        }
    }

    private mutating func take(from uid: UInt32) -> Element? {
        guard let element = users[uid]?.popFirst() else { return nil }
        if users[uid]?.turns.isEmpty ?? true { users[uid] = nil }
        count -= 1
        return element
    }
}
