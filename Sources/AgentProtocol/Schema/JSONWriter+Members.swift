package import Secrets
package import StrictJSON

extension JSONWriter {
    /// Writes a member with a string, or nothing for nil.
    package mutating func member(_ key: String, _ value: String?) {
        guard let value else { return }
        self.key(key)
        string(value)
    }

    /// Writes a member with text compared as bytes, or nothing for nil.
    package mutating func member(_ key: String, _ value: ByteText?) {
        guard let value else { return }
        self.key(key)
        string(utf8: value.bytes)
    }

    /// Writes a member with an identifier, or nothing for nil.
    package mutating func member(_ key: String, _ value: Identifier?) {
        guard let value else { return }
        self.key(key)
        string(utf8: value.bytes)
    }

    /// Writes a member with a secret, or nothing for nil.
    package mutating func member(_ key: String, _ value: Secret?) {
        guard let value else { return }
        self.key(key)
        secret(value)
    }

    /// Writes a member with an integer, or nothing for nil.
    package mutating func member(_ key: String, _ value: (some BinaryInteger)?) {
        guard let value else { return }
        self.key(key)
        integer(value)
    }

    /// Writes a member with a boolean, or nothing for nil.
    package mutating func member(_ key: String, _ value: Bool?) {
        guard let value else { return }
        self.key(key)
        boolean(value)
    }

    /// Writes a member with a value that is JSON text already, or nothing for nil.
    package mutating func member(_ key: String, _ value: JSONText?) {
        guard let value else { return }
        self.key(key)
        raw(value)
    }

    /// Writes a member with an array of strings, or nothing for nil.
    package mutating func member(_ key: String, _ value: [String]?) {
        guard let value else { return }
        self.key(key)
        beginArray()
        for element in value { string(element) }
        endArray()
    }

    /// Writes a member with an array of integers.
    package mutating func member(_ key: String, _ values: [UInt32]) {
        self.key(key)
        beginArray()
        for value in values { integer(value) }
        endArray()
    }

    /// Writes a member with counts by name, in the order of the names.
    package mutating func member(_ key: String, _ counts: [String: Int]) {
        self.key(key)
        beginObject()
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) { member(name, count) }
        endObject()
    }

    /// Writes a member with a number, without a fraction where it has none, or nothing for nil.
    package mutating func member(_ key: String, number value: Double?) {
        guard let value else { return }
        self.key(key)
        if let whole = Int64(exactly: value), whole.magnitude <= ProtocolLimits.maximumIntegerID.magnitude {
            integer(whole)
        } else {
            number(value)
        }
    }

    /// Writes a member with strings by name, in the order of the names.
    package mutating func member(_ key: String, _ texts: [String: String]) {
        self.key(key)
        beginObject()
        for (name, text) in texts.sorted(by: { $0.key < $1.key }) { member(name, text) }
        endObject()
    }

    /// Writes a member with an object, or nothing for nil.
    package mutating func member(_ key: String, _ value: (some WireObject)?) {
        guard let value else { return }
        self.key(key)
        value.encode(to: &self)
    }

    /// Writes a member with an array of objects.
    package mutating func member(_ key: String, _ values: [some WireObject]) {
        self.key(key)
        beginArray()
        for value in values { value.encode(to: &self) }
        endArray()
    }
}
