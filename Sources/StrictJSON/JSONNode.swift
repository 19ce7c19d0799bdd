/// One value, or one key, in the flat table of a document; a container's content follows it directly.
struct JSONNode: Sendable {
    /// The first byte, of a string its opening quote.
    var start: UInt32
    /// The byte behind the last one.
    var end: UInt32
    /// The node behind this one and its content; while a container is open, the container around it.
    var next: UInt32
    /// Members of an object, elements of an array, decoded bytes of a string.
    var count: UInt32
    var kind: JSONValue.Kind
    /// Whether a string's text differs from its decoded bytes.
    var hasEscapes: Bool
}

/// What all the values of one document share.
final class JSONStorage: Sendable {
    let bytes: [UInt8]
    let nodes: [JSONNode]

    init(bytes: [UInt8], nodes: [JSONNode]) {
        self.bytes = bytes
        self.nodes = nodes
    }
}
