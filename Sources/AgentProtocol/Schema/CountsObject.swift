public import StrictJSON

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
