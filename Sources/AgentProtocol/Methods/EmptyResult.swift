public import StrictJSON

/// The result of a method that has nothing to say but that it is done: `{}`.
public struct EmptyResult: WireObject, MethodResult, Hashable {
    /// No members.
    public static let fields: [Field] = []

    /// Done.
    public init() {}

    /// Takes nothing.
    public init(reading object: ObjectReader) {}

    /// Writes nothing.
    public func encodeMembers(to writer: inout JSONWriter) {}
}
