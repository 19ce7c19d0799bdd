/// A byte string that must not be seen: a password, a code, a token, a session id, a client secret.
///
/// Copies share one buffer, which is overwritten when the last copy goes away. Prints, dumps, mirrors and
/// interpolates as `<redacted>`; the bytes can only be read through ``withBytes(_:)``, so every reader is easy to find.
/// There is deliberately no way in from, or out to, `String`: a string is copied freely and never overwritten.
public struct Secret: Sendable {
    private let storage: SecretStorage

    /// Copies `bytes`; the original is left as it is, see ``init(consuming:)`` to overwrite it.
    public init(copying bytes: some Sequence<UInt8>) {
        var copy = Array(bytes)
        self.init(consuming: &copy)
    }

    /// Takes the content of `bytes`, overwrites it and leaves an empty array.
    public init(consuming bytes: inout [UInt8]) {
        let source = bytes
        self.init(capacity: source.count) { output in
            output.append(copying: source.span)
        }
        _ = consume source
        bytes.wipe()
        bytes = []
    }

    /// Makes a secret by writing straight into its own buffer of at most `capacity` bytes.
    ///
    /// When `initializer` throws, what it has written is overwritten before the error leaves.
    public init<E: Error>(
        capacity: Int,
        initializingWith initializer: (inout OutputSpan<UInt8>) throws(E) -> Void
    ) throws(E) {
        storage = try SecretStorage(capacity: capacity, initializingWith: initializer)
    }

    /// Makes a secret by writing straight into its own buffer of at most `capacity` bytes.
    ///
    /// - Parameter standsForItself: whether a JSON string can have the text as it is (RFC 8259, section 7), as one that was read
    ///   from such a string: a writer of another need not look through it again.
    package init(
        capacity: Int,
        standsForItself: Bool,
        initializingWith initializer: (inout OutputSpan<UInt8>) -> Void
    ) {
        storage = SecretStorage(
            capacity: capacity,
            standsForItself: standsForItself,
            initializingWith: initializer
        )
    }

    /// Whether a JSON string can have the text as it is, as far as that is known.
    package var standsForItself: Bool { storage.standsForItself }

    /// A secret without any bytes.
    public static let empty = Secret(copying: [])

    /// The number of bytes.
    public var count: Int { storage.count }

    /// Whether there are no bytes at all.
    public var isEmpty: Bool { storage.count == 0 }

    /// Lends the bytes to `body`; they must not be copied to anything that outlives it without need.
    public func withBytes<R: ~Copyable, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        try storage.withBytes(body)
    }
}

extension Secret: Hashable {
    /// Compares in a time that depends on the lengths only, not on where the bytes differ.
    public static func == (left: Secret, right: Secret) -> Bool {
        left.withBytes { leftBytes in
            right.withBytes { rightBytes in equalInConstantTime(leftBytes, rightBytes) }
        }
    }

    /// Feeds the bytes to `hasher`, whose seed differs in every process.
    public func hash(into hasher: inout Hasher) {
        withBytes { bytes in
            for index in bytes.indices { hasher.combine(bytes[index]) }
        }
    }
}

/// Accumulates all differences before looking at any; not inlined so that no caller's context lets the optimiser
/// turn it into a comparison that leaves early.
@inline(never)
private func equalInConstantTime(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for index in left.indices { difference |= left[index] ^ right[index] }
    return difference == 0
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<redacted>`.
    public var description: String { "<redacted>" }

    /// Always `<redacted>`.
    public var debugDescription: String { "<redacted>" }

    /// A mirror without children, so that `dump` and reflection-based loggers find nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Secret {
    /// Whether both are copies of one secret and share its buffer; a quick yes, where `==` compares the bytes.
    package func isSameObject(as other: Secret) -> Bool { storage === other.storage }
}
