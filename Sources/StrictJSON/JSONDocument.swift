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
}
