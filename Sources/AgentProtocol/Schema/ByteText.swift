/// Text from the outside that is compared as the bytes it came as.
///
/// `String` calls `é` as one scalar and as two equal; here they differ, as they do upstream.
public struct ByteText: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The text in UTF-8.
    public let bytes: [UInt8]

    /// The text with these bytes, which should be valid UTF-8.
    public init(bytes: [UInt8]) { self.bytes = bytes }

    /// The text of a string.
    public init(_ text: String) { bytes = Array(text.utf8) }

    /// The text of a literal.
    public init(stringLiteral text: String) { self.init(text) }

    /// The text for people.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}
