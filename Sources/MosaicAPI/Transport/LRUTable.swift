/// A dictionary of bounded size: a new key takes the place of the one that was least recently set.
///
/// Every operation takes constant time. Entries form a list in the order of their last setting, held as indices into one
/// array.
struct LRUTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Node: Sendable {
        let key: Key
        var value: Value
        /// The next older and the next newer entry.
        var older: Int?
        var newer: Int?
    }

    private let capacity: Int
    private var nodes: [Node] = []
    private var indices: [Key: Int] = [:]
    private var oldest: Int?
    private var newest: Int?

    /// An empty table of at most `capacity` entries, at least one.
    init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    /// The number of entries.
    var count: Int { nodes.count }

    /// The value of a key. Reading does not make an entry newer.
    subscript(key: Key) -> Value? { nodes.isEmpty ? nil : indices[key].map { nodes[$0].value } }

    /// All values, in no order.
    var values: some Sequence<Value> { nodes.lazy.map(\.value) }

    /// Sets the value of a key, which becomes the newest.
    mutating func set(_ key: Key, to value: Value) {
        if let index = indices[key] {
            nodes[index].value = value
            unlink(index)
            append(index)
        } else if nodes.count < capacity {
            nodes.append(Node(key: key, value: value))
            indices[key] = nodes.count - 1
            append(nodes.count - 1)
        } else if let index = oldest {
            indices[nodes[index].key] = nil
            unlink(index)
            nodes[index] = Node(key: key, value: value)
            indices[key] = index
            append(index)
        }
    }

    /// Changes the value of a key that is in the table, without making it newer.
    mutating func update(_ key: Key, _ change: (inout Value) -> Void) {
        guard !nodes.isEmpty, let index = indices[key] else { return }
        change(&nodes[index].value)
    }

    /// Forgets everything.
    mutating func removeAll() { self = LRUTable(capacity: capacity) }

    private mutating func unlink(_ index: Int) {
        let (older, newer) = (nodes[index].older, nodes[index].newer)
        if let older { nodes[older].newer = newer } else { oldest = newer }
        if let newer { nodes[newer].older = older } else { newest = older }
    }

    private mutating func append(_ index: Int) {
        nodes[index].older = newest
        nodes[index].newer = nil
        if let newest { nodes[newest].newer = index } else { oldest = index }
        newest = index
    }
}
