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
