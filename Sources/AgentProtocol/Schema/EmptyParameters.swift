public import StrictJSON

/// No parameters at all (beside `meta`).
public struct EmptyParameters: WireObject, Hashable {
    /// No members.
    public static let fields: [Field] = []

    /// No parameters.
    public init() {}

    /// Takes nothing.
    public init(reading object: ObjectReader) {}

    /// Writes nothing.
    public func encodeMembers(to writer: inout JSONWriter) {}
}
