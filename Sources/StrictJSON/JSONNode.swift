import Secrets

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

/// What all the values of one document share. The text may hold passwords, so it is overwritten when it is let go.
///
/// The text's address is kept as an integer because a stored pointer would make the class non-`Sendable`. It is sound:
/// the address comes from `allocate`, stays valid until `deinit`, and nothing writes to the text between the two.
final class JSONStorage: Sendable {
    let nodes: [JSONNode]
    private let address: UInt
    private let count: Int

    /// Copies `bytes`.
    init(bytes: [UInt8], nodes: [JSONNode]) {
        // One byte at least, so that there always is an address.
        let text = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(bytes.count, 1))
        _ = unsafe text.initialize(from: bytes)
        address = UInt(bitPattern: text.baseAddress)
        count = bytes.count
        self.nodes = nodes
    }

    deinit {
        let start = unsafe UnsafeMutableRawPointer(bitPattern: address)
        unsafe wipeMemory(UnsafeMutableRawBufferPointer(start: start, count: count))
        unsafe start?.deallocate()
    }

    /// Lends the text to `body`.
    func withBytes<R>(_ body: (Span<UInt8>) -> R) -> R {
        // The span is only valid while the text is, and the text lives as long as `self`.
        defer { withExtendedLifetime(self) {} }
        let start = unsafe UnsafePointer<UInt8>(bitPattern: address)
        return body(unsafe UnsafeBufferPointer(start: start, count: count).span)
    }

    /// A copy of a part of the text.
    func copy(_ range: Range<Int>) -> [UInt8] {
        withBytes { bytes in
            Array(capacity: range.count) { output in
                output.append(copying: bytes.extracting(range))
            }
        }
    }
}
