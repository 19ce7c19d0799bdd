public import StrictJSON

/// A Swift type that travels as a JSON object with known members: parameters, results and their parts.
public protocol WireObject: NamedSchema, Sendable {
    /// The members, required ones first.
    static var fields: [Field] { get }
    /// Takes the values of the members; members that are not known are ignored.
    init(reading object: ObjectReader) throws(SchemaViolation)
    /// Writes the members, without the braces.
    func encodeMembers(to writer: inout JSONWriter)
}

/// A type whose schema has a name of its own in the discovery document.
public protocol NamedSchema {
    /// The name: ASCII letters and digits.
    static var schemaName: String { get }
}

extension NamedSchema {
    /// The name of the type without its module, as in `SystemHelloLimits` for `SystemHello.Limits`.
    public static var schemaName: String {
        // Not String(reflecting:), which looks through all conformances of the program for each type.
        _typeName(Self.self).split(separator: ".").dropFirst().joined()
    }
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
        try Schema.checkMembers(of: value, against: Self.fields, as: .parameters)
        try self.init(reading: ObjectReader(value))
    }
}
