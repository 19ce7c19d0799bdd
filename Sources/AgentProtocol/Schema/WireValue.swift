public import Secrets
public import StrictJSON

/// What can be the value of a member of a ``WireObject``, or an element of an array.
public protocol WireValue: Sendable {
    /// What every value of the type is; a member can say more.
    static var schema: Schema { get }
    /// Whether a member with it holds a secret; none unless said.
    static var isSensitive: Bool { get }
    /// Takes the value from JSON.
    init(wire value: JSONValue) throws(SchemaViolation)
    /// Writes the value.
    func encode(to writer: inout JSONWriter)
}

extension WireValue {
    /// It holds none.
    public static var isSensitive: Bool { false }

    /// The value where it was of the right type.
    fileprivate static func present<T>(_ value: T?) throws(SchemaViolation) -> T {
        guard let value else { throw SchemaViolation(.mistyped(expected: schema.typeName)) }
        return value
    }
}

extension String: WireValue {
    /// Any text.
    public static var schema: Schema { .anyText }

    /// Takes a string.
    public init(wire value: JSONValue) throws(SchemaViolation) { self = try Self.present(value.string) }

    /// Writes a string.
    public func encode(to writer: inout JSONWriter) { writer.string(self) }
}

extension OpenName {
    /// Any text.
    public static var schema: Schema { .anyText }

    /// Takes a name.
    public init(wire value: JSONValue) throws(SchemaViolation) { self.init(try Self.present(value.string)) }

    /// Writes the name.
    public func encode(to writer: inout JSONWriter) { writer.string(name) }
}

extension ByteText: WireValue {
    /// Any text.
    public static var schema: Schema { .anyText }

    /// Takes a string.
    public init(wire value: JSONValue) throws(SchemaViolation) { self.init(bytes: try Self.present(value.utf8)) }

    /// Writes a string.
    public func encode(to writer: inout JSONWriter) { writer.string(utf8: bytes) }
}

extension Identifier: WireValue {
    /// Any text.
    public static var schema: Schema { .anyText }

    /// Takes a string.
    public init(wire value: JSONValue) throws(SchemaViolation) { self.init(bytes: try Self.present(value.utf8)) }

    /// Writes a string.
    public func encode(to writer: inout JSONWriter) { writer.string(utf8: bytes) }
}

extension Secret: WireValue {
    /// Any text.
    public static var schema: Schema { .anyText }

    /// It does.
    public static var isSensitive: Bool { true }

    /// Takes a string.
    public init(wire value: JSONValue) throws(SchemaViolation) { self = try Self.present(value.secret) }

    /// Writes a string.
    public func encode(to writer: inout JSONWriter) { writer.secret(self) }
}

/// An integer whose type limits it.
public protocol WireInteger: WireValue, FixedWidthInteger {}

extension WireInteger {
    /// An integer that is not negative.
    public static var schema: Schema { .count }

    /// Takes an integer that the type has room for.
    public init(wire value: JSONValue) throws(SchemaViolation) {
        guard let value = Self(exactly: try Self.present(value.integer)) else {
            throw SchemaViolation(.range(0...Int64(clamping: Self.max)))
        }
        self = value
    }

    /// Writes an integer.
    public func encode(to writer: inout JSONWriter) { writer.integer(self) }
}

extension Int: WireInteger {}
extension Int64: WireInteger {}
extension UInt16: WireInteger {}
extension UInt64: WireInteger {}

extension UInt32: WireInteger {
    /// A user or group id.
    public static var schema: Schema { .systemID }
}

extension Double: WireValue {
    /// A number.
    public static var schema: Schema { .number }

    /// Takes a number.
    public init(wire value: JSONValue) throws(SchemaViolation) { self = try Self.present(value.number) }

    /// Writes a number, without a fraction where it has none.
    public func encode(to writer: inout JSONWriter) {
        if let whole = Int64(exactly: self), whole.magnitude <= ProtocolLimits.maximumIntegerID.magnitude {
            writer.integer(whole)
        } else {
            writer.number(self)
        }
    }
}

extension Bool: WireValue {
    /// A boolean.
    public static var schema: Schema { .boolean }

    /// Takes a boolean.
    public init(wire value: JSONValue) throws(SchemaViolation) { self = try Self.present(value.boolean) }

    /// Writes a boolean.
    public func encode(to writer: inout JSONWriter) { writer.boolean(self) }
}

extension RequestID: WireValue {
    /// The id of a request.
    public static var schema: Schema { .requestID }

    /// Takes a string or an integer.
    public init(wire value: JSONValue) throws(SchemaViolation) { self = try Self.present(RequestID(value)) }
}

extension TargetHash: WireValue {
    /// A hash as audit records have it.
    public static var schema: Schema { .formed(.targetHash, 32...32) }

    /// Takes a string of that form.
    public init(wire value: JSONValue) throws(SchemaViolation) {
        guard let hash = TargetHash(try Self.present(value.string)) else {
            throw SchemaViolation(.form(TextForm.targetHash.rule))
        }
        self = hash
    }

    /// Writes a string.
    public func encode(to writer: inout JSONWriter) { writer.string(description) }
}

extension JSONText: WireValue {
    /// Any object.
    public static var schema: Schema { .anyObject }

    /// Takes an object as the same text.
    public init(wire value: JSONValue) throws(SchemaViolation) {
        self = try Self.present(value.kind == .object ? value.rawText : nil)
    }

    /// Writes the same text.
    public func encode(to writer: inout JSONWriter) { writer.raw(self) }
}

extension Array: WireValue where Element: WireValue {
    /// An array of what the elements are.
    public static var schema: Schema { .array(of: Element.schema, maximumCount: .max) }

    /// Takes the elements.
    public init(wire value: JSONValue) throws(SchemaViolation) {
        self = []
        for element in try Self.present(value.elements) { append(try Element(wire: element)) }
    }

    /// Writes the elements.
    public func encode(to writer: inout JSONWriter) {
        writer.beginArray()
        for element in self { element.encode(to: &writer) }
        writer.endArray()
    }
}

extension Dictionary: WireValue where Key == String, Value: WireValue {
    /// An object with keys that are not known beforehand.
    public static var schema: Schema { .map(of: Value.schema) }

    /// Takes the members.
    public init(wire value: JSONValue) throws(SchemaViolation) {
        self = [:]
        for (key, member) in try Self.present(value.members) {
            let name = try Self.present(key.string)
            do throws(SchemaViolation) {
                self[name] = try Value(wire: member)
            } catch {
                throw error.inside(name)
            }
        }
    }

    /// Writes the members in the order of their names.
    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        for (name, value) in sorted(by: { $0.key < $1.key }) { writer.member(name, value) }
        writer.endObject()
    }
}
