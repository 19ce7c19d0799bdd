public import StrictJSON

/// A Swift type that travels as a JSON object with known members: parameters, results and their parts.
public protocol WireObject: Sendable {
    /// The members, required ones first.
    static var fields: [Field] { get }
    /// Takes the values of the members; members that are not known are ignored.
    init(reading object: ObjectReader) throws(SchemaViolation)
    /// Writes the members, without the braces.
    func encodeMembers(to writer: inout JSONWriter)
}

extension WireObject {
    /// Writes the object.
    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        encodeMembers(to: &writer)
        writer.endObject()
    }
}

extension WireObject {
    /// Checks a value against the schema, unknown members included, and takes it.
    package init(checking value: JSONValue) throws(SchemaViolation) {
        try Schema.object(Self.fields).check(value)
        try self.init(reading: ObjectReader(value))
    }
}
