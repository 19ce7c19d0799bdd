public import Secrets

/// A view of one value of a ``JSONDocument``; it keeps the document alive and copies nothing until asked.
///
/// The accessors answer nil when the value is of another kind, so a chain such as `value["result"]?["url"]?.string`
/// reads what may be there.
public struct JSONValue: Sendable {
    /// The kinds of JSON values.
    public enum Kind: UInt8, Hashable, Sendable {
        /// Members in braces.
        case object
        /// Elements in brackets.
        case array
        /// Text in quotes.
        case string
        /// Digits, perhaps with a fraction and an exponent.
        case number
        /// `true` or `false`.
        case boolean
        /// `null`.
        case null
        /// What cannot be read or must not be passed on; only in documents read with ``JSONDocument/init(tolerating:maximumDepth:)``.
        case unreadable
    }

    let storage: JSONStorage
    let index: Int

    init(storage: JSONStorage, index: Int) {
        self.storage = storage
        self.index = index
    }

    var node: JSONNode { storage.nodes[index] }

    /// What kind of value it is.
    public var kind: Kind { storage.nodes[index].kind }

    /// Whether it is `null`.
    public var isNull: Bool { kind == .null }

    /// Whether neither the value nor anything in it is unreadable, so that its text can be passed on.
    public var isSound: Bool {
        for position in index..<Int(node.next) where storage.nodes[position].kind == .unreadable { return false }
        return true
    }

    /// The value of `true` or `false`.
    public var boolean: Bool? {
        guard kind == .boolean else { return nil }
        return storage.withBytes { $0[Int(node.start)] == UInt8(ascii: "t") }
    }

    /// The value of an integer written as one: no fraction, no exponent, not `-0`, within the range of `Int64`.
    public var integer: Int64? {
        guard kind == .number else { return nil }
        let node = self.node
        return storage.withBytes { bytes in readInteger(bytes.extracting(Int(node.start)..<Int(node.end))) }
    }

    /// The value of any number as the nearest `Double`; nil when it is too large for one, as `1e400` is.
    public var number: Double? {
        guard kind == .number, let value = Double(rawString), value.isFinite else { return nil }
        return value
    }

    /// The decoded text of a string.
    ///
    /// Not for secrets (see ``secret``) and not for comparing identifiers or keys (see ``utf8``, ``matches(_:)``): `String`
    /// calls texts equal that differ in bytes.
    public var string: String? {
        guard kind == .string else { return nil }
        let node = self.node
        return storage.withBytes { bytes in
            if node.hasEscapes { return String(decoding: decodedString(node, in: bytes), as: UTF8.self) }
            return makeString(bytes.extracting(Int(node.start) + 1..<Int(node.end) - 1))
        }
    }

    /// The decoded bytes of a string.
    public var utf8: [UInt8]? {
        guard kind == .string else { return nil }
        return storage.withBytes { decodedString(node, in: $0) }
    }

    /// The number of decoded bytes of a string, without decoding it.
    public var utf8Count: Int? {
        guard kind == .string else { return nil }
        return Int(node.count)
    }

    /// The decoded bytes of a string, written straight into a ``Secret``.
    public var secret: Secret? {
        guard kind == .string else { return nil }
        let node = self.node
        return Secret(capacity: Int(node.count), standsForItself: !node.hasEscapes) { output in
            storage.withBytes { bytes in decodeString(node, in: bytes, into: &output) }
        }
    }

    /// Whether it is a string whose decoded bytes are those of `text`.
    public func matches(_ text: String) -> Bool {
        kind == .string && stringNode(index, equals: text)
    }

    /// The text of the value as it was written, to be forwarded unchanged. Not for a value that is not ``isSound``.
    public var rawText: JSONText { JSONText(validated: rawBytes) }

    /// A copy of the bytes of the value as it was written.
    public var rawBytes: [UInt8] { storage.copy(Int(node.start)..<Int(node.end)) }

    /// The number of bytes of the value as it was written.
    public var rawCount: Int { Int(node.end - node.start) }

    private var rawString: String { String(decoding: rawBytes, as: UTF8.self) }

    func stringNode(_ index: Int, equals text: String) -> Bool {
        let node = storage.nodes[index]
        // Lengths differ nearly always, so they come first.
        guard Int(node.count) == text.utf8.count, node.kind == .string else { return false }
        return storage.withBytes { bytes in
            if node.hasEscapes { return decodedString(node, in: bytes).elementsEqual(text.utf8) }
            return areEqual(bytes.extracting(Int(node.start) + 1..<Int(node.end) - 1), text.utf8Span.span)
        }
    }
}

/// The value of an integer that RFC 8259's grammar allows; nil as ``JSONValue/integer`` says.
private func readInteger(_ text: Span<UInt8>) -> Int64? {
    var position = 0
    let isNegative = text[0] == UInt8(ascii: "-")
    if isNegative { position += 1 }
    var value: Int64 = 0
    while position < text.count {
        let digit = text[position] &- UInt8(ascii: "0")
        guard digit < 10 else { return nil }
        let (product, overflow) = value.multipliedReportingOverflow(by: 10)
        // Built downwards, because the range has one more negative value than positive ones.
        let (difference, underflow) = product.subtractingReportingOverflow(Int64(digit))
        if overflow || underflow { return nil }
        value = difference
        position += 1
    }
    if isNegative { return value == 0 ? nil : value }
    return value == .min ? nil : -value
}

private func makeString(_ text: Span<UInt8>) -> String {
    // Sound: the buffer is only read, and only inside the closure.
    unsafe text.withUnsafeBufferPointer { buffer in unsafe String(decoding: buffer, as: UTF8.self) }
}

extension JSONValue {
    /// The number of members of an object or of elements of an array; nil for everything else.
    public var count: Int? {
        switch kind {
        case .object, .array: Int(node.count)
        default: nil
        }
    }

    /// The member of an object whose key has exactly the bytes of `key`.
    ///
    /// Looks at one key after the other: for a handful of fixed keys, not for use as a dictionary.
    public subscript(key: String) -> JSONValue? {
        guard kind == .object else { return nil }
        let end = Int(node.next)
        let count = key.utf8.count
        var current = index + 1
        while current < end {
            if storage.nodes[current].count == count, stringNode(current, equals: key) {
                let value = JSONValue(storage: storage, index: current + 1)
                return value.kind == .unreadable ? nil : value
            }
            current = Int(storage.nodes[current + 1].next)
        }
        return nil
    }

    /// The members of an object in the order of the text; nil for everything else.
    public var members: JSONMembers? {
        guard kind == .object else { return nil }
        return JSONMembers(storage: storage, position: index + 1, end: Int(node.next))
    }

    /// The elements of an array in the order of the text; nil for everything else.
    public var elements: JSONElements? {
        guard kind == .array else { return nil }
        return JSONElements(storage: storage, position: index + 1, end: Int(node.next))
    }
}

/// The members of an object, in the order of the text.
public struct JSONMembers: Sequence, IteratorProtocol, Sendable {
    let storage: JSONStorage
    var position: Int
    let end: Int

    /// The next member; its key is a string value.
    public mutating func next() -> (key: JSONValue, value: JSONValue)? {
        guard position < end else { return nil }
        let key = JSONValue(storage: storage, index: position)
        let value = JSONValue(storage: storage, index: position + 1)
        position = Int(value.node.next)
        return (key, value)
    }
}

/// The elements of an array, in the order of the text.
public struct JSONElements: Sequence, IteratorProtocol, Sendable {
    let storage: JSONStorage
    var position: Int
    let end: Int

    /// The next element.
    public mutating func next() -> JSONValue? {
        guard position < end else { return nil }
        let element = JSONValue(storage: storage, index: position)
        position = Int(element.node.next)
        return element
    }
}
