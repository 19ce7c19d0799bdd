extension JSONValue {
    /// The number of members of an object or of elements of an array; nil for everything else.
    public var count: Int? {
        switch kind {
        case .object, .array: Int(node.count)
        default: nil
        }
    }

    /// The member of an object whose key has exactly the bytes of `key`.
    ///
    /// Looks at one key after the other: for a handful of fixed keys, not for use as a dictionary.
    public subscript(key: String) -> JSONValue? {
        guard kind == .object else { return nil }
        let end = Int(node.next)
        let count = key.utf8.count
        var current = index + 1
        while current < end {
            if storage.nodes[current].count == count, stringNode(current, equals: key) {
                let value = JSONValue(storage: storage, index: current + 1)
                return value.kind == .unreadable ? nil : value
            }
            current = Int(storage.nodes[current + 1].next)
        }
        return nil
    }

    /// The members of an object in the order of the text; nil for everything else.
    public var members: JSONMembers? {
        guard kind == .object else { return nil }
        return JSONMembers(storage: storage, position: index + 1, end: Int(node.next))
    }

    /// The elements of an array in the order of the text; nil for everything else.
    public var elements: JSONElements? {
        guard kind == .array else { return nil }
        return JSONElements(storage: storage, position: index + 1, end: Int(node.next))
    }
}

/// The members of an object, in the order of the text.
public struct JSONMembers: Sequence, IteratorProtocol, Sendable {
    let storage: JSONStorage
    var position: Int
    let end: Int

    /// The next member; its key is a string value.
    public mutating func next() -> (key: JSONValue, value: JSONValue)? {
        guard position < end else { return nil }
        let key = JSONValue(storage: storage, index: position)
        let value = JSONValue(storage: storage, index: position + 1)
        position = Int(value.node.next)
        return (key, value)
    }
}

/// The elements of an array, in the order of the text.
public struct JSONElements: Sequence, IteratorProtocol, Sendable {
    let storage: JSONStorage
    var position: Int
    let end: Int

    /// The next element.
    public mutating func next() -> JSONValue? {
        guard position < end else { return nil }
        let element = JSONValue(storage: storage, index: position)
        position = Int(element.node.next)
        return element
    }
}
