/// A JSON value as text, known to be valid: what may be forwarded or embedded without being taken apart.
///
/// Compared as bytes: `{}` and `{ }` differ.
public struct JSONText: Hashable, Sendable, CustomStringConvertible {
    /// The text in UTF-8.
    public let bytes: [UInt8]
    /// Whether the text is known to have no line breaks, and can be copied as a whole.
    let isOneLine: Bool

    /// Wraps a text that is known to be valid.
    init(validated bytes: [UInt8], isOneLine: Bool = false) {
        self.bytes = bytes
        self.isOneLine = isOneLine
    }

    /// Compares the bytes.
    public static func == (left: JSONText, right: JSONText) -> Bool { left.bytes == right.bytes }

    /// Feeds the bytes to `hasher`.
    public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }

    /// Checks `bytes` as ``JSONDocument`` does.
    public init(parsing bytes: [UInt8], maximumDepth: Int) throws(JSONSyntaxError) {
        self = try JSONDocument(parsing: bytes, maximumDepth: maximumDepth).root.rawText
    }

    /// Takes what `build` has written to the end.
    public init(building build: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        build(&writer)
        self.init(validated: writer.bytes, isOneLine: !writer.hasEndedLine)
    }

    /// The text as a string.
    public var description: String { String(decoding: bytes, as: UTF8.self) }

    /// The value that the text stands for.
    public var value: JSONValue {
        // The text has been checked before or was written by the writer, so only a bug of ours can make this trap.
        do throws(JSONSyntaxError) {
            return try JSONDocument(parsing: bytes, maximumDepth: .max).root
        } catch {
            preconditionFailure("a JSONText does not hold valid JSON: \(error)")
        }
    }
}
