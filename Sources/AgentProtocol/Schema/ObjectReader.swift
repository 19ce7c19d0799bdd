public import Secrets
public import StrictJSON

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

    /// Answers nil when the member is not there, else what `read` makes of it.
    private func optional<T>(
        _ key: String,
        _ expected: Schema,
        _ read: (JSONValue) -> T?
    ) throws(SchemaViolation) -> T? {
        guard let member = value.member(key) else { return nil }
        guard let result = read(member) else {
            throw SchemaViolation(.mistyped(expected: expected.typeName), at: key)
        }
        return result
    }

    private func required<T>(_ key: String, _ value: T?) throws(SchemaViolation) -> T {
        guard let value else { throw SchemaViolation(.missing, at: key) }
        return value
    }

    /// A string that may be missing.
    public func optionalText(_ key: String) throws(SchemaViolation) -> String? {
        try optional(key, .anyText) { $0.string }
    }

    /// A string.
    public func text(_ key: String) throws(SchemaViolation) -> String {
        try required(key, try optionalText(key))
    }

    /// Text compared as bytes that may be missing.
    public func optionalByteText(_ key: String) throws(SchemaViolation) -> ByteText? {
        try optional(key, .anyText) { member in member.utf8.map { ByteText(bytes: $0) } }
    }

    /// An identifier.
    public func identifier(_ key: String) throws(SchemaViolation) -> Identifier {
        try required(key, try optionalIdentifier(key))
    }

    /// An identifier that may be missing.
    public func optionalIdentifier(_ key: String) throws(SchemaViolation) -> Identifier? {
        try optional(key, .anyText) { member in member.utf8.map { Identifier(bytes: $0) } }
    }

    /// A secret that may be missing.
    public func optionalSecret(_ key: String) throws(SchemaViolation) -> Secret? {
        try optional(key, .anyText) { $0.secret }
    }

    /// A secret.
    public func secret(_ key: String) throws(SchemaViolation) -> Secret {
        try required(key, try optionalSecret(key))
    }

    /// An integer that may be missing.
    public func optionalInteger(_ key: String) throws(SchemaViolation) -> Int64? {
        try optional(key, .count) { $0.integer }
    }

    /// An integer.
    public func integer(_ key: String) throws(SchemaViolation) -> Int64 {
        try required(key, try optionalInteger(key))
    }

    /// An integer that has to fit `type`, such as a uid, and that may be missing.
    public func optionalInteger<I: FixedWidthInteger>(_ key: String, as type: I.Type) throws(SchemaViolation) -> I? {
        guard let integer = try optionalInteger(key) else { return nil }
        guard let result = I(exactly: integer) else {
            throw SchemaViolation(.range(0...Int64(clamping: I.max)), at: key)
        }
        return result
    }

    /// An integer that has to fit `type`, such as a uid.
    public func integer<I: FixedWidthInteger>(_ key: String, as type: I.Type) throws(SchemaViolation) -> I {
        try required(key, try optionalInteger(key, as: type))
    }

    /// A number that may be missing.
    public func optionalNumber(_ key: String) throws(SchemaViolation) -> Double? {
        try optional(key, .number) { $0.number }
    }

    /// The id of a request.
    public func requestID(_ key: String) throws(SchemaViolation) -> RequestID {
        try required(key, try optional(key, .requestID) { RequestID($0) })
    }

    /// A boolean that may be missing.
    public func optionalBoolean(_ key: String) throws(SchemaViolation) -> Bool? {
        try optional(key, .boolean) { $0.boolean }
    }

    /// A boolean.
    public func boolean(_ key: String) throws(SchemaViolation) -> Bool {
        try required(key, try optionalBoolean(key))
    }

    /// An array of strings.
    public func texts(_ key: String) throws(SchemaViolation) -> [String] {
        try required(key, try optionalTexts(key))
    }

    /// An array of user or group ids that may be missing.
    public func optionalSystemIDs(_ key: String) throws(SchemaViolation) -> [UInt32]? {
        guard let member = value.member(key) else { return nil }
        guard let elements = member.elements else { throw SchemaViolation(.mistyped(expected: "an array"), at: key) }
        var ids: [UInt32] = []
        for element in elements {
            guard let integer = element.integer, let id = UInt32(exactly: integer) else {
                throw SchemaViolation(.mistyped(expected: "an array of user or group ids"), at: key)
            }
            ids.append(id)
        }
        return ids
    }

    /// An array of user or group ids.
    public func systemIDs(_ key: String) throws(SchemaViolation) -> [UInt32] {
        try required(key, try optionalSystemIDs(key))
    }

    /// An object of counts by name.
    public func counts(_ key: String) throws(SchemaViolation) -> [String: Int] {
        guard let member = value.member(key) else { throw SchemaViolation(.missing, at: key) }
        guard let members = member.members else { throw SchemaViolation(.mistyped(expected: "an object"), at: key) }
        var counts: [String: Int] = [:]
        for (name, count) in members {
            guard let name = name.string, let count = count.integer else {
                throw SchemaViolation(.mistyped(expected: "an object of integers"), at: key)
            }
            counts[name] = Int(count)
        }
        return counts
    }

    /// An object of strings by name.
    public func textsByName(_ key: String) throws(SchemaViolation) -> [String: String] {
        guard let member = value.member(key) else { throw SchemaViolation(.missing, at: key) }
        guard let members = member.members else { throw SchemaViolation(.mistyped(expected: "an object"), at: key) }
        var texts: [String: String] = [:]
        for (name, text) in members {
            guard let name = name.string, let text = text.string else {
                throw SchemaViolation(.mistyped(expected: "an object of strings"), at: key)
            }
            texts[name] = text
        }
        return texts
    }

    /// An object of known members, still to be read, that may be missing.
    func optionalReader(_ key: String) throws(SchemaViolation) -> ObjectReader? {
        guard let member = value.member(key) else { return nil }
        do throws(SchemaViolation) {
            return try ObjectReader(member)
        } catch {
            throw error.inside(key)
        }
    }

    /// An object to be passed on as the same text, which may be missing.
    public func optionalJSON(_ key: String) throws(SchemaViolation) -> JSONText? {
        try optional(key, .anyObject) { member in member.kind == .object ? member.rawText : nil }
    }

    /// An array of strings that may be missing.
    public func optionalTexts(_ key: String) throws(SchemaViolation) -> [String]? {
        guard let member = value.member(key) else { return nil }
        guard let elements = member.elements else { throw SchemaViolation(.mistyped(expected: "an array"), at: key) }
        var texts: [String] = []
        for element in elements {
            guard let text = element.string else { throw SchemaViolation(.mistyped(expected: "a string"), at: key) }
            texts.append(text)
        }
        return texts
    }

    /// An object of known members that may be missing.
    public func optionalObject<T: WireObject>(_ key: String, as type: T.Type = T.self) throws(SchemaViolation) -> T? {
        guard let member = value.member(key) else { return nil }
        do throws(SchemaViolation) {
            return try T(reading: ObjectReader(member))
        } catch {
            throw error.inside(key)
        }
    }

    /// An object of known members.
    public func object<T: WireObject>(_ key: String, as type: T.Type = T.self) throws(SchemaViolation) -> T {
        try required(key, try optionalObject(key, as: type))
    }

    /// An array of objects, still to be read.
    func readers(_ key: String) throws(SchemaViolation) -> [ObjectReader] {
        guard let member = value.member(key) else { throw SchemaViolation(.missing, at: key) }
        guard let elements = member.elements else { throw SchemaViolation(.mistyped(expected: "an array"), at: key) }
        var readers: [ObjectReader] = []
        do throws(SchemaViolation) {
            for element in elements { readers.append(try ObjectReader(element)) }
        } catch {
            throw error.inside(key)
        }
        return readers
    }

    /// An array of objects of known members.
    public func objects<T: WireObject>(_ key: String, as type: T.Type = T.self) throws(SchemaViolation) -> [T] {
        let readers = try readers(key)
        var objects: [T] = []
        do throws(SchemaViolation) {
            for reader in readers { objects.append(try T(reading: reader)) }
        } catch {
            throw error.inside(key)
        }
        return objects
    }
}
