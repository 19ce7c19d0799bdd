public import StrictJSON

/// A Swift type that travels as a JSON object with known members: parameters, results and their parts.
///
/// A type names each member once, in ``visit(_:)``; its schema, its reading and its writing all follow from there.
public protocol WireObject: WireValue, NamedSchema {
    /// The object before its members are read: required ones blank, optional ones nil.
    init()
    /// Shows a visitor each member with its name, its value and what holds for it, in the order of the wire.
    mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure)
    /// What the schema of no single member can say, such as that two members exclude each other; nothing unless said.
    func checkMembers() throws(SchemaViolation)
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
    /// The members, as a blank object shows them.
    public static var fields: [Field] {
        var list = FieldList()
        var blank = Self()
        blank.visit(&list)
        return list.fields
    }

    /// Takes the values of the members and checks them together.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        self.init()
        var reader = object
        try visit(&reader)
        try checkMembers()
    }

    /// Checks nothing.
    public func checkMembers() throws(SchemaViolation) {}

    /// Writes the members.
    public func encodeMembers(to writer: inout JSONWriter) {
        var copy = self
        copy.visit(&writer)
    }

}

extension WireObject {
    /// An object with these members.
    public static var schema: Schema { .object(Self.self) }

    /// Takes an object.
    public init(wire value: JSONValue) throws(SchemaViolation) {
        try self.init(reading: ObjectReader(value))
    }

    /// Writes the object.
    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        encodeMembers(to: &writer)
        writer.endObject()
    }

    /// Checks a value against the schema, unknown members included, and takes it.
    package init(checking value: JSONValue) throws(SchemaViolation) {
        try Schema.checkMembers(of: value, against: Self.fields, as: .parameters)
        try self.init(reading: ObjectReader(value))
    }
}

/// What is done with each member of a ``WireObject`` in turn: it is described, read or written.
///
/// What describes a member is asked for only where a description is made.
public protocol MemberVisitor {
    /// What can go wrong with a member; `Never` where nothing can.
    associatedtype Failure: Error

    /// A member that is always there.
    mutating func required<Value: WireValue>(
        _ name: String,
        _ value: inout Value,
        field: () -> Field
    ) throws(Failure)

    /// A member that may be missing.
    mutating func optional<Value: WireValue>(
        _ name: String,
        _ value: inout Value?,
        field: () -> Field
    ) throws(Failure)

    /// A member that is left out where it has the value `usual`.
    mutating func optional<Value: WireValue & Equatable>(
        _ name: String,
        _ value: inout Value,
        usually usual: Value,
        field: () -> Field
    ) throws(Failure)

    /// The members that name a user, by a rule that describes them itself or leaves that to the method.
    mutating func target(_ value: inout Target?, _ rule: TargetRule, fields: () -> [Field]) throws(Failure)
}

extension MemberVisitor {
    /// A member that is always there.
    ///
    /// - Parameters:
    ///   - schema: What the value must be; what its type says unless said.
    ///   - right: The right that using the member needs beyond that of the method.
    ///   - identifies: The kind of identifier that it holds, as ``Field/identifies``.
    ///   - doc: One sentence or two for the reference.
    mutating func required<Value: WireValue>(
        _ name: String,
        _ value: inout Value,
        _ schema: @autoclosure () -> Schema = Value.schema,
        right: @autoclosure () -> FieldRight? = nil,
        identifies: @autoclosure () -> IdentifierKind? = nil,
        doc: @autoclosure () -> String
    ) throws(Failure) {
        try required(name, &value) {
            Field(
                name,
                schema(),
                isRequired: true,
                isSensitive: Value.isSensitive,
                right: right(),
                identifies: identifies(),
                doc: doc()
            )
        }
    }

    /// A member that may be missing; the parameters are those of a required one.
    mutating func optional<Value: WireValue>(
        _ name: String,
        _ value: inout Value?,
        _ schema: @autoclosure () -> Schema = Value.schema,
        right: @autoclosure () -> FieldRight? = nil,
        identifies: @autoclosure () -> IdentifierKind? = nil,
        doc: @autoclosure () -> String
    ) throws(Failure) {
        try optional(name, &value) {
            Field(
                name,
                schema(),
                isSensitive: Value.isSensitive,
                right: right(),
                identifies: identifies(),
                doc: doc()
            )
        }
    }

    /// A member that is left out where it has the value `usual`; the parameters are those of a required one.
    mutating func optional<Value: WireValue & Equatable>(
        _ name: String,
        _ value: inout Value,
        usually usual: Value,
        _ schema: @autoclosure () -> Schema = Value.schema,
        doc: @autoclosure () -> String
    ) throws(Failure) {
        try optional(name, &value, usually: usual) { Field(name, schema(), doc: doc()) }
    }

    /// The members that name a user who must be named.
    mutating func target(_ value: inout Target, _ rule: TargetRule, right: FieldRight? = nil) throws(Failure) {
        var target: Target? = value
        try self.target(&target, rule, fields: { rule.fields(right: right) })
        if let target { value = target }
    }

    /// The members that name a user who may be left out, with the right to use any of them.
    mutating func target(_ value: inout Target?, _ rule: TargetRule, right: FieldRight? = nil) throws(Failure) {
        try target(&value, rule, fields: { rule.fields(right: right) })
    }

    /// The one member that names a user by an identifier of that kind.
    mutating func identifier(_ kind: IdentifierKind, _ value: inout Identifier) throws(Failure) {
        var target: Target? = Target(kind: kind, identifier: value)
        try self.target(&target, .oneOf([kind]), fields: { TargetRule.oneOf([kind]).fields() })
        if let target { value = target.identifier }
    }
}

/// Describes the members.
struct FieldList: MemberVisitor {
    var fields: [Field] = []

    mutating func required<Value: WireValue>(_ name: String, _ value: inout Value, field: () -> Field) {
        fields.append(field())
    }

    mutating func optional<Value: WireValue>(_ name: String, _ value: inout Value?, field: () -> Field) {
        fields.append(field())
    }

    mutating func optional<Value: WireValue & Equatable>(
        _ name: String,
        _ value: inout Value,
        usually usual: Value,
        field: () -> Field
    ) {
        fields.append(field())
    }

    mutating func target(_ value: inout Target?, _ rule: TargetRule, fields: () -> [Field]) {
        self.fields += fields()
    }
}

/// Reads the members.
extension ObjectReader: MemberVisitor {
    /// Takes the value of a member that must be there.
    public mutating func required<Value: WireValue>(
        _ name: String,
        _ value: inout Value,
        field: () -> Field
    ) throws(SchemaViolation) {
        value = try required(name)
    }

    /// Takes the value of a member that may be missing.
    public mutating func optional<Value: WireValue>(
        _ name: String,
        _ value: inout Value?,
        field: () -> Field
    ) throws(SchemaViolation) {
        value = try optional(name)
    }

    /// Takes the value of a member, or `usual` where it is missing.
    public mutating func optional<Value: WireValue & Equatable>(
        _ name: String,
        _ value: inout Value,
        usually usual: Value,
        field: () -> Field
    ) throws(SchemaViolation) {
        value = try optional(name) ?? usual
    }

    /// Takes the user that the members name.
    public mutating func target(
        _ value: inout Target?,
        _ rule: TargetRule,
        fields: () -> [Field]
    ) throws(SchemaViolation) {
        value = try rule.target(in: self.value)
    }
}

/// Writes the members.
extension JSONWriter: MemberVisitor {
    /// Writes a member.
    public mutating func required<Value: WireValue>(_ name: String, _ value: inout Value, field: () -> Field) {
        member(name, value)
    }

    /// Writes a member, if it is there.
    public mutating func optional<Value: WireValue>(_ name: String, _ value: inout Value?, field: () -> Field) {
        member(name, value)
    }

    /// Writes a member, unless it is as usual.
    public mutating func optional<Value: WireValue & Equatable>(
        _ name: String,
        _ value: inout Value,
        usually usual: Value,
        field: () -> Field
    ) {
        if value != usual { member(name, value) }
    }

    /// Writes the members that name a user, if one is named.
    public mutating func target(_ value: inout Target?, _ rule: TargetRule, fields: () -> [Field]) {
        target(value, rule)
    }
}

/// No parameters at all (beside `meta`).
public struct EmptyParameters: WireObject, Hashable {
    /// No parameters.
    public init() {}

    /// No members.
    public mutating func visit<V: MemberVisitor>(_ members: inout V) {}
}
