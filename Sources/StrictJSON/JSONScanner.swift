/// One pass over a JSON text that checks it and fills the flat node table.
///
/// It does not recurse: an open container keeps the one around it in its `next` field, so nesting costs no stack and
/// no allocation.
struct JSONScanner {
    let bytes: [UInt8]
    let maximumDepth: Int
    /// Whether what can be passed over becomes an unreadable value instead of an error.
    let isTolerant: Bool
    var position = 0
    var nodes: [JSONNode] = []
    private var openContainer = Self.none
    private var depth = 0

    private static let none = UInt32.max

    init(bytes: [UInt8], maximumDepth: Int, isTolerant: Bool = false) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
        self.isTolerant = isTolerant
    }

    mutating func scanDocument() throws(JSONSyntaxError) {
        guard bytes.count < Int(UInt32.max) else { throw JSONSyntaxError(.tooLarge, at: 0) }
        // A typical request has a node per 12 bytes; a hostile one makes the table grow as needed.
        nodes.reserveCapacity(min(bytes.count / 8 + 8, 4096))
        skipWhiteSpace()
        repeat {
            try scanValue()
        } while try scanBehindValue()
        guard position == bytes.count else { throw JSONSyntaxError(.trailingContent, at: position) }
    }

    /// Scans a scalar, or opens a container up to the place where its first value begins.
    private mutating func scanValue() throws(JSONSyntaxError) {
        while true {
            switch try currentByte() {
            case UInt8(ascii: "\""):
                return try scanString()
            case UInt8(ascii: "{"):
                guard try open(.object) else { return }
                if try currentByte() == UInt8(ascii: "}") { return }
                try scanKey()
            case UInt8(ascii: "["):
                guard try open(.array) else { return }
                if try currentByte() == UInt8(ascii: "]") { return }
            case UInt8(ascii: "t"):
                return try scanLiteral("true", .boolean)
            case UInt8(ascii: "f"):
                return try scanLiteral("false", .boolean)
            case UInt8(ascii: "n"):
                return try scanLiteral("null", .null)
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                return try scanNumber()
            default:
                throw JSONSyntaxError(.unexpectedByte, at: position)
            }
        }
    }

    /// Closes what ends here and moves to the next value; false when the outermost value is complete.
    private mutating func scanBehindValue() throws(JSONSyntaxError) -> Bool {
        while true {
            skipWhiteSpace()
            guard openContainer != Self.none else { return false }
            let container = Int(openContainer)
            let isObject = nodes[container].kind == .object
            let byte = try currentByte()
            // An empty container arrives here too, with its closing bracket as the first thing.
            let isEmpty = container == nodes.count - 1
            if byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                if !isEmpty { nodes[container].count += 1 }
                try close(container)
                continue
            }
            guard byte == UInt8(ascii: ","), !isEmpty else { throw JSONSyntaxError(.unexpectedByte, at: position) }
            nodes[container].count += 1
            position += 1
            skipWhiteSpace()
            if isObject { try scanKey() }
            return true
        }
    }

    /// Opens a container; false when it is too deep and was passed over.
    private mutating func open(_ kind: JSONValue.Kind) throws(JSONSyntaxError) -> Bool {
        guard depth < maximumDepth else {
            guard isTolerant else { throw JSONSyntaxError(.tooDeep, at: position) }
            try passOverContainer()
            return false
        }
        depth += 1
        let index = UInt32(nodes.count)
        append(kind, from: position, count: 0, hasEscapes: false)
        nodes[Int(index)].next = openContainer
        openContainer = index
        position += 1
        skipWhiteSpace()
        return true
    }

    /// Finds the end of a container by its brackets and strings alone, without nodes: whatever is in it is not read.
    private mutating func passOverContainer() throws(JSONSyntaxError) {
        let start = position
        var closers: [UInt8] = []
        repeat {
            let byte = try currentByte()
            position += 1
            switch byte {
            case UInt8(ascii: "{"): closers.append(UInt8(ascii: "}"))
            case UInt8(ascii: "["): closers.append(UInt8(ascii: "]"))
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard closers.popLast() == byte else { throw JSONSyntaxError(.unexpectedByte, at: position - 1) }
            case UInt8(ascii: "\""):
                while try currentByte() != UInt8(ascii: "\"") {
                    position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
                }
                position += 1
            default: break
            }
        } while !closers.isEmpty
        append(.unreadable, from: start, count: 0, hasEscapes: false)
    }

    private mutating func close(_ container: Int) throws(JSONSyntaxError) {
        position += 1
        depth -= 1
        openContainer = nodes[container].next
        nodes[container].next = UInt32(nodes.count)
        nodes[container].end = UInt32(position)
        guard nodes[container].kind == .object else { return }
        if isTolerant { markMembersWithUnreadableKeys(of: container) }
        if nodes[container].count > 1 { try checkDuplicateKeys(of: container) }
    }

    private mutating func markMembersWithUnreadableKeys(of object: Int) {
        let end = Int(nodes[object].next)
        var key = object + 1
        while key < end {
            if nodes[key].kind == .unreadable { nodes[key + 1].kind = .unreadable }
            key = Int(nodes[key + 1].next)
        }
    }

    private mutating func scanKey() throws(JSONSyntaxError) {
        guard try currentByte() == UInt8(ascii: "\"") else { throw JSONSyntaxError(.unexpectedByte, at: position) }
        try scanString()
        skipWhiteSpace()
        guard try currentByte() == UInt8(ascii: ":") else { throw JSONSyntaxError(.unexpectedByte, at: position) }
        position += 1
        skipWhiteSpace()
    }

    private mutating func scanLiteral(_ text: String, _ kind: JSONValue.Kind) throws(JSONSyntaxError) {
        let start = position
        for expected in text.utf8 {
            guard try currentByte() == expected else { throw JSONSyntaxError(.unexpectedByte, at: position) }
            position += 1
        }
        append(kind, from: start, count: 0, hasEscapes: false)
    }

    /// Adds the node of the value that began at `start` and ends at the present position.
    mutating func append(_ kind: JSONValue.Kind, from start: Int, count: Int, hasEscapes: Bool) {
        nodes.append(
            JSONNode(
                start: UInt32(truncatingIfNeeded: start),
                end: UInt32(truncatingIfNeeded: position),
                next: UInt32(truncatingIfNeeded: nodes.count + 1),
                count: UInt32(truncatingIfNeeded: count),
                kind: kind,
                hasEscapes: hasEscapes
            )
        )
    }

    func currentByte() throws(JSONSyntaxError) -> UInt8 {
        guard position < bytes.count else { throw JSONSyntaxError(.unexpectedEnd, at: position) }
        return bytes[position]
    }

    /// Moves over RFC 8259's white space: space, tab, LF and CR, nothing else.
    private mutating func skipWhiteSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }
}

extension JSONScanner {
    /// Scans a string from its opening quote to behind its closing one and counts its decoded bytes.
    mutating func scanString() throws(JSONSyntaxError) {
        let start = position
        position += 1
        // Bytes of the text that decoding saves: 1 for `\n`, 3 for `\u20AC`, and so on.
        var saved = 0
        var hasEscapes = false
        var isReadable = true
        while true {
            skipPlainText()
            let byte = try currentByte()
            if byte >= 0x80 {
                if try !scanMultibyteScalar() { isReadable = false }
            } else if byte == UInt8(ascii: "\"") {
                position += 1
                break
            } else if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                if let count = try scanEscape() { saved += count } else { isReadable = false }
            } else {
                try passOver(.controlCharacter, at: position)
                isReadable = false
                position += 1
            }
        }
        append(
            isReadable ? .string : .unreadable,
            from: start,
            count: isReadable ? position - start - 2 - saved : 0,
            hasEscapes: hasEscapes
        )
    }

    /// Moves over what stands for itself in a string and is ASCII.
    private mutating func skipPlainText() {
        let start = position
        // Sound: the buffer is only read, and only inside the closure.
        position = unsafe bytes.withUnsafeBytes { unsafe PlainText.endOfASCII(in: $0, from: start) }
    }

    /// Throws unless the scanner is tolerant.
    private func passOver(_ reason: JSONSyntaxError.Reason, at offset: Int) throws(JSONSyntaxError) {
        guard isTolerant else { throw JSONSyntaxError(reason, at: offset) }
    }

    /// Scans an escape, with a surrogate pair both halves; returns how many bytes shorter it decodes, or nil for half a pair.
    private mutating func scanEscape() throws(JSONSyntaxError) -> Int? {
        let start = position
        position += 1
        switch try currentByte() {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
            return 1
        case UInt8(ascii: "u"):
            position += 1
            let unit = try scanFourHexDigits(of: start)
            switch unit {
            case 0xD800...0xDBFF:
                guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
                    bytes[position + 1] == UInt8(ascii: "u")
                else {
                    try passOver(.loneSurrogate, at: start)
                    return nil
                }
                position += 2
                guard 0xDC00...0xDFFF ~= (try scanFourHexDigits(of: start)) else {
                    try passOver(.loneSurrogate, at: start)
                    return nil
                }
                return 8
            case 0xDC00...0xDFFF:
                try passOver(.loneSurrogate, at: start)
                return nil
            default:
                return unit < 0x80 ? 5 : unit < 0x800 ? 4 : 3
            }
        default:
            throw JSONSyntaxError(.invalidEscape, at: start)
        }
    }

    private mutating func scanFourHexDigits(of escape: Int) throws(JSONSyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = hexDigitValue(try currentByte()) else {
                throw JSONSyntaxError(.invalidEscape, at: escape)
            }
            value = value << 4 | digit
            position += 1
        }
        return value
    }

    /// Scans one scalar of two to four bytes by the table of RFC 3629 §4, which leaves no room for overlong forms,
    /// surrogates or anything above U+10FFFF. False when there is none and a byte was passed over.
    private mutating func scanMultibyteScalar() throws(JSONSyntaxError) -> Bool {
        let length: Int
        let second: ClosedRange<UInt8>
        switch bytes[position] {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xE1...0xEC, 0xEE...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: (length, second) = (.max, 0...0)
        }
        let isScalar =
            length <= bytes.count - position && second ~= bytes[position + 1]
            && (2..<max(length, 2)).allSatisfy { bytes[position + $0] & 0xC0 == 0x80 }
        if !isScalar { try passOver(.invalidUTF8, at: position) }
        position += isScalar ? length : 1
        return isScalar
    }
}

/// The value of an ASCII hexadecimal digit.
func hexDigitValue(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
}

extension JSONScanner {
    /// Scans a number by RFC 8259's grammar; its size is not looked at.
    mutating func scanNumber() throws(JSONSyntaxError) {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let hasLeadingZero = position < bytes.count && bytes[position] == UInt8(ascii: "0")
        let integerDigits = skipDigits()
        guard integerDigits > 0, !hasLeadingZero || integerDigits == 1 else {
            throw JSONSyntaxError(.invalidNumber, at: position)
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            guard skipDigits() > 0 else { throw JSONSyntaxError(.invalidNumber, at: position) }
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            guard skipDigits() > 0 else { throw JSONSyntaxError(.invalidNumber, at: position) }
        }
        append(.number, from: start, count: 0, hasEscapes: false)
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        return position - start
    }
}

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
