public import StrictJSON

/// The id by which an answer finds its call.
///
/// A string of at most 64 bytes, or an integer within ±(2^53 − 1). Compared as decoded (`"a"` equals `"\u0061"`; `1` and
/// `"1"` differ; bytes count, not canonical equivalence) and echoed exactly as it was written.
public struct RequestID: Sendable {
    /// The id as a value.
    public enum Value: Hashable, Sendable {
        /// An integer id.
        case integer(Int64)
        /// A string id.
        case text(ByteText)
    }

    /// The id as a value.
    public let value: Value
    /// The text to echo, where it is not the one that ``value`` would be written as.
    private let written: JSONText?

    /// No id yet.
    init() { self.init(value: .integer(0), written: nil) }

    /// An integer id; nil outside ±(2^53 − 1).
    public init?(_ integer: Int64) {
        guard integer.magnitude <= ProtocolLimits.maximumIntegerID.magnitude else { return nil }
        value = .integer(integer)
        written = nil
    }

    /// A string id; nil when longer than 64 bytes.
    public init?(_ text: String) {
        let text = ByteText(text)
        guard text.bytes.count <= ProtocolLimits.maximumIDBytes else { return nil }
        value = .text(text)
        written = nil
    }

    private init(value: Value, written: JSONText?) {
        self.value = value
        self.written = written
    }

    /// The id that `json` holds; nil when that is not an id.
    package init?(_ json: JSONValue) {
        switch json.kind {
        case .number:
            // An integer that is accepted has one spelling only, so there is nothing to remember.
            guard let integer = json.integer else { return nil }
            self.init(integer)
        case .string:
            guard let count = json.utf8Count, count <= ProtocolLimits.maximumIDBytes, let bytes = json.utf8 else {
                return nil
            }
            // Without an escape the text in quotes is the value itself.
            let hasEscapes = json.rawCount != count + 2
            self.init(value: .text(ByteText(bytes: bytes)), written: hasEscapes ? json.rawText : nil)
        default:
            return nil
        }
    }

    /// Writes the id as it was written.
    public func encode(to writer: inout JSONWriter) {
        if let written { return writer.raw(written) }
        switch value {
        case .integer(let integer): writer.integer(integer)
        case .text(let text): writer.string(utf8: text.bytes)
        }
    }
}

extension RequestID: Hashable {
    /// Compares the decoded values.
    public static func == (left: RequestID, right: RequestID) -> Bool { left.value == right.value }

    /// Feeds the decoded value to `hasher`.
    public func hash(into hasher: inout Hasher) { hasher.combine(value) }
}

extension RequestID: CustomStringConvertible {
    /// The id as JSON text.
    public var description: String { JSONText { writer in encode(to: &writer) }.description }
}
