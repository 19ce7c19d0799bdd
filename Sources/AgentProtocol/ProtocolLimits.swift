/// The fixed numbers of the socket protocol, in one place; `system.hello` tells callers those in force.
public enum ProtocolLimits {
    /// The version that `system.hello` answers; within it, changes only add.
    public static let version = 1

    /// Bytes in a request line without its LF and CR, unless configured.
    public static let defaultLineBytes = 65_536
    /// The most that may be configured for a request line.
    public static let maximumLineBytes = 1_048_576
    /// Bytes in an answer line; a larger result is answered with `result_too_large`.
    public static let maximumResultBytes = 2_097_152
    /// Levels of objects and arrays in a request line; the line's own object is the first.
    public static let maximumDepth = 16

    /// Bytes of a request id that is a string, after decoding.
    public static let maximumIDBytes = 64
    /// The largest magnitude of a request id that is an integer, 2^53 - 1.
    public static let maximumIntegerID: Int64 = 9_007_199_254_740_991

    /// Bytes of a password.
    public static let maximumPasswordBytes = 4096
    /// Bytes of a user name, e-mail address, phone number or other identifier.
    public static let maximumIdentifierBytes = 1024
    /// Bytes of a free-form object, such as `claims`.
    public static let maximumFreeObjectBytes = 16_384

    /// Bytes of a user's custom data, Mosaic's 500 KB.
    public static let maximumCustomDataBytes = 512_000
    /// Bytes of a token that a caller hands over.
    public static let maximumTokenBytes = 16_384

    /// Milliseconds a call may take when it does not say.
    public static let defaultDeadlineMilliseconds = 10_000
    /// Milliseconds a call may ask for.
    public static let deadlineMilliseconds: ClosedRange<Int64> = 1...600_000
    /// Bytes of `meta.idempotency_key`.
    public static let idempotencyKeyBytes = 1...128
    /// Bytes of `meta.trace_id`.
    public static let traceIDBytes = 1...64
    /// Bytes of the name of a configured client.
    public static let clientNameBytes = 1...32

    /// Calls of one connection that are worked on at the same time.
    public static let callsInFlight = 32
    /// Further calls of one connection that wait for a place.
    public static let parkedCalls = 32
    /// How long a line may take from its first byte to its end.
    public static let lineTime: Duration = .seconds(5)
    /// How long a new connection may be silent.
    public static let firstLineTime: Duration = .seconds(30)
    /// How long a peer may leave answers unread.
    public static let unreadTime: Duration = .seconds(30)
    /// Bytes of unread answers per connection.
    public static let unreadBytesPerConnection = 4_194_304
    /// Bytes of unread answers of all connections of one uid together.
    public static let unreadBytesPerUID = 16_777_216
}
