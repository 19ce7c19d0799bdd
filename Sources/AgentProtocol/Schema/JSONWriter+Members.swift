package import StrictJSON

extension JSONWriter {
    /// Writes a member, or nothing for nil.
    package mutating func member<Value: WireValue>(_ name: String, _ value: Value?) {
        guard let value else { return }
        key(name)
        value.encode(to: &self)
    }
}
