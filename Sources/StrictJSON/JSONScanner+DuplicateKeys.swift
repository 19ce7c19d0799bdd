extension JSONScanner {
    /// Up to this many keys are compared pairwise, which needs no memory; more go through a hash table.
    private static let pairwiseLimit = 16

    /// Throws at the first key of an object that an earlier one equals after decoding; a tolerant scanner makes both members
    /// unreadable instead.
    mutating func checkDuplicateKeys(of object: Int) throws(JSONSyntaxError) {
        if Int(nodes[object].count) <= Self.pairwiseLimit {
            try compareKeysPairwise(of: object)
        } else {
            try compareKeysByHash(of: object)
        }
    }

    private mutating func compareKeysPairwise(of object: Int) throws(JSONSyntaxError) {
        let end = Int(nodes[object].next)
        var key = object + 1
        // One of 64 marks for each key so far; a key whose mark is new equals none of them.
        var marks: UInt64 = 0
        while key < end {
            let mark = mark(ofKey: key)
            if marks & mark != 0 {
                var earlier = object + 1
                while earlier < key {
                    // Lengths differ nearly always.
                    if nodes[earlier].count == nodes[key].count, keysAreEqual(earlier, key) {
                        try foundEqual(earlier, key)
                    }
                    earlier = Int(nodes[earlier + 1].next)
                }
            }
            marks |= mark
            key = Int(nodes[key + 1].next)
        }
    }

    /// The same mark for equal keys; of keys with escapes all, because what they decode to is not known yet.
    private func mark(ofKey key: Int) -> UInt64 {
        let node = nodes[key]
        guard node.kind == .string, !node.hasEscapes else { return .max }
        guard node.count > 0 else { return 1 }
        let first = UInt(bytes[Int(node.start) + 1])
        let last = UInt(bytes[Int(node.end) - 2])
        return 1 << UInt64((first &* 7 &+ last &* 3 &+ UInt(node.count) &* 5) & 63)
    }

    /// Open addressing over the keys' hashes. `Hasher` is seeded at random in every process, so keys that
    /// collide cannot be chosen from outside.
    private mutating func compareKeysByHash(of object: Int) throws(JSONSyntaxError) {
        let end = Int(nodes[object].next)
        var size = 32
        while size < Int(nodes[object].count) * 2 { size *= 2 }
        var table = [UInt32](repeating: 0, count: size)
        var key = object + 1
        while key < end {
            defer { key = Int(nodes[key + 1].next) }
            // The member of an unreadable key is unreadable already.
            guard nodes[key].kind == .string else { continue }
            var slot = hash(ofKey: key) & (size - 1)
            var isKnown = false
            // Node 0 is the root, never a key, so it can mark a free slot.
            while table[slot] != 0, !isKnown {
                isKnown = keysAreEqual(Int(table[slot]), key)
                if isKnown { try foundEqual(Int(table[slot]), key) } else { slot = (slot + 1) & (size - 1) }
            }
            // The first of equal keys stands for all of them: a chain of twins would make this quadratic.
            if !isKnown { table[slot] = UInt32(key) }
        }
    }

    private mutating func foundEqual(_ earlier: Int, _ later: Int) throws(JSONSyntaxError) {
        guard isTolerant else { throw JSONSyntaxError(.duplicateKey, at: Int(nodes[later].start)) }
        nodes[earlier + 1].kind = .unreadable
        nodes[later + 1].kind = .unreadable
    }

    private func keysAreEqual(_ left: Int, _ right: Int) -> Bool {
        guard nodes[left].kind == .string, nodes[right].kind == .string else { return false }
        guard nodes[left].count == nodes[right].count else { return false }
        if nodes[left].hasEscapes || nodes[right].hasEscapes {
            return decodedString(nodes[left], in: bytes.span) == decodedString(nodes[right], in: bytes.span)
        }
        let leftStart = Int(nodes[left].start) + 1
        let rightStart = Int(nodes[right].start) + 1
        let count = Int(nodes[left].count)
        return areEqual(
            bytes.span.extracting(leftStart..<leftStart + count),
            bytes.span.extracting(rightStart..<rightStart + count)
        )
    }

    private func hash(ofKey key: Int) -> Int {
        var hasher = Hasher()
        if nodes[key].hasEscapes {
            combine(decodedString(nodes[key], in: bytes.span).span, into: &hasher)
        } else {
            combine(bytes.span.extracting(Int(nodes[key].start) + 1..<Int(nodes[key].end) - 1), into: &hasher)
        }
        return hasher.finalize()
    }
}

/// Feeds all bytes at once, which is many times faster than one after the other.
private func combine(_ bytes: Span<UInt8>, into hasher: inout Hasher) {
    // Sound: the buffer is only read, and only inside the closure.
    unsafe bytes.withUnsafeBytes { buffer in unsafe hasher.combine(bytes: buffer) }
}
