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

/// An object on the wire that consists of required counts and nothing else.
public protocol CountsObject: WireObject {
    /// The members, in their order.
    static var members: [IntegerMember<Self>] { get }
    /// All of them as they are before anything is counted.
    init()
}

extension CountsObject {
    /// The schema.
    public static var fields: [Field] { members.map(\.field) }

    /// Takes the values of the members.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        self.init()
        for member in Self.members { self[keyPath: member.path] = try member.read(from: object) }
    }

    /// Writes the members.
    public func encodeMembers(to writer: inout JSONWriter) {
        for member in Self.members { writer.member(member.name, self[keyPath: member.path]) }
    }
}

/// A required member of an object that consists of counts.
public struct IntegerMember<Root>: Sendable {
    let name: String
    let path: any WritableKeyPath<Root, Int> & Sendable
    let doc: String

    init(_ name: String, _ path: any WritableKeyPath<Root, Int> & Sendable, _ doc: String) {
        self.name = name
        self.path = path
        self.doc = doc
    }

    var field: Field { .required(name, .count, doc: doc) }

    func read(from object: ObjectReader) throws(SchemaViolation) -> Int {
        try object.integer(name, as: Int.self)
    }
}
