/// A JSON text that has been checked completely, once, and can then be read without errors.
///
/// The check is RFC 8259 without any leniency, plus: no duplicate keys (compared after decoding), no lone surrogates,
/// no invalid UTF-8, a limit on nesting. It takes time linear in the text, also for hostile texts. Numbers are checked
/// by grammar only; whether one fits is asked when it is read.
public struct JSONDocument: Sendable {
    /// The outermost value.
    public let root: JSONValue

    /// Checks `bytes`.
    ///
    /// - Parameter maximumDepth: how deep objects and arrays may be nested; an outermost object is level 1.
    /// - Throws: what is wrong and where; never part of the text.
    public init(parsing bytes: [UInt8], maximumDepth: Int) throws(JSONSyntaxError) {
        var scanner = JSONScanner(bytes: bytes, maximumDepth: maximumDepth)
        try scanner.scanDocument()
        root = JSONValue(storage: JSONStorage(bytes: bytes, nodes: scanner.nodes), index: 0)
    }

    /// Checks `bytes` but for what leaves the rest of the text readable, for texts of which one part must not spoil the others.
    ///
    /// Of kind ``JSONValue/Kind/unreadable`` are then: a string with a lone surrogate, invalid UTF-8 or a bare control character; a
    /// member with such a key; all members of an object that share a key; a value nested deeper than `maximumDepth`. Looked up by
    /// its key, an unreadable member is not there. ``JSONValue/isSound`` tells whether a value holds none.
    ///
    /// - Parameter maximumDepth: how deep objects and arrays may be nested; an outermost object is level 1.
    /// - Throws: what is wrong and where, when no reading is certain: a text that stops early, an unexpected byte and the like.
    public init(tolerating bytes: [UInt8], maximumDepth: Int) throws(JSONSyntaxError) {
        var scanner = JSONScanner(bytes: bytes, maximumDepth: maximumDepth, isTolerant: true)
        try scanner.scanDocument()
        root = JSONValue(storage: JSONStorage(bytes: bytes, nodes: scanner.nodes), index: 0)
    }

    /// Checks `bytes` as ``init(parsing:maximumDepth:)`` does, and keeps one member of a text that is refused.
    ///
    /// - Parameter member: when this throws, the value of the outermost object's member `key`, if it stands complete,
    ///   with a comma behind it, before what is wrong, and is the only one of that key up to there; else nil.
    public init(
        parsing bytes: [UInt8],
        maximumDepth: Int,
        keeping key: String,
        in member: inout JSONValue?
    ) throws(JSONSyntaxError) {
        var scanner = JSONScanner(bytes: bytes, maximumDepth: maximumDepth)
        do throws(JSONSyntaxError) {
            try scanner.scanDocument()
        } catch {
            member = Self.member(key, before: error.offset, bytes: bytes, nodes: scanner.nodes)
            throw error
        }
        root = JSONValue(storage: JSONStorage(bytes: bytes, nodes: scanner.nodes), index: 0)
    }

    /// The member of the outermost object that is known for certain although the scan ended at the byte `fault`.
    private static func member(_ key: String, before fault: Int, bytes: [UInt8], nodes: [JSONNode]) -> JSONValue? {
        guard let object = nodes.first, object.kind == .object else { return nil }
        let storage = JSONStorage(bytes: bytes, nodes: nodes)
        // A container that was not closed ends where it begins, and counts a member at its comma; a closed one has also
        // counted its last member, which has none.
        let isClosed = object.end > object.start
        let withComma = isClosed ? max(0, Int(object.count) - 1) : Int(object.count)
        var found: JSONValue?
        var position = 1
        var number = 0
        while position + 1 < nodes.count {
            let value = JSONValue(storage: storage, index: position + 1)
            let isComplete = value.node.end > value.node.start
            if JSONValue(storage: storage, index: position).matches(key) {
                guard found == nil else { return nil }
                guard number < withComma, isComplete, Int(value.node.end) <= fault else { return nil }
                found = value
            }
            guard isComplete else { break }
            position = Int(value.node.next)
            number += 1
        }
        return found
    }
}
