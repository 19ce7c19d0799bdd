package import StrictJSON

/// Takes typed values from the members of a JSON object and says which one is not there or is something else.
///
/// A member that is null is not there.
public struct ObjectReader: Sendable {
    /// The object.
    package let value: JSONValue

    package init(_ value: JSONValue) throws(SchemaViolation) {
        guard value.kind == .object else { throw SchemaViolation(.mistyped(expected: "an object")) }
        self.value = value
    }

    /// The value of a member that may be missing.
    public func optional<Value: WireValue>(
        _ name: String,
        as type: Value.Type = Value.self
    ) throws(SchemaViolation) -> Value? {
        guard let member = value.member(name) else { return nil }
        do throws(SchemaViolation) {
            return try Value(wire: member)
        } catch {
            throw error.inside(name)
        }
    }

    /// The value of a member that must be there.
    public func required<Value: WireValue>(
        _ name: String,
        as type: Value.Type = Value.self
    ) throws(SchemaViolation) -> Value {
        guard let value = try optional(name, as: type) else { throw SchemaViolation(.missing, at: name) }
        return value
    }
}
