public import NIOCore

/// What waits for its turn: uids take turns, and what waits for one uid leaves in order of arrival.
///
/// However much one uid brings, another one waits for at most one element of each uid that waits. All operations take
/// constant time; uids for which nothing waits are forgotten.
@frozen public struct FairQueue<Element> {
    @usableFromInline var waiting: [UInt32: CircularBuffer<Element>] = [:]
    /// The uids for which something waits, each once.
    @usableFromInline var turns = CircularBuffer<UInt32>()

    /// See ``count``.
    @usableFromInline var total = 0

    /// Nothing waits.
    @inlinable public init() {}

    /// How many elements wait.
    @inlinable public var count: Int { total }

    /// Whether nothing waits.
    @inlinable public var isEmpty: Bool { count == 0 }

    /// How many elements of one uid wait.
    @inlinable public func count(of uid: UInt32) -> Int { waiting[uid]?.count ?? 0 }

    /// Puts an element behind the others of its uid.
    @inlinable public mutating func append(_ element: Element, of uid: UInt32) {
        if waiting[uid]?.append(element) == nil {
            var elements = CircularBuffer<Element>(initialCapacity: 4)
            elements.append(element)
            waiting[uid] = elements
            turns.append(uid)
        }
        total += 1
    }

    /// Takes the first element of the uid whose turn it is; the next turn is another uid's, if there is one.
    @inlinable public mutating func popFirst() -> Element? {
        guard let uid = turns.popFirst(), let element = waiting[uid]?.popFirst() else { return nil }
        if waiting[uid]?.isEmpty ?? true {
            waiting[uid] = nil
        } else {
            turns.append(uid)
        }
        total -= 1
        return element
    }
}
