import StrictJSON

/// JSON Merge Patch (RFC 7396): changes to a JSON value, written as JSON of the same shape.
enum MergePatch {
    /// The value with the changes: members of `patch` replace those of `target`, objects are merged likewise, and null
    /// removes a member.
    ///
    /// - Parameter target: The present value; nil for none.
    static func apply(_ patch: JSONValue, to target: JSONValue?) -> JSONText {
        JSONText { writer in write(patch, onto: target, to: &writer) }
    }

    private static func write(_ patch: JSONValue, onto target: JSONValue?, to writer: inout JSONWriter) {
        guard let changes = patch.members else { return writer.raw(patch.rawText) }
        writer.beginObject()
        if let members = target?.members {
            for (key, value) in members {
                let name = key.string ?? ""
                let change = patch[name]
                if let change, change.isNull { continue }
                writer.key(name)
                if let change {
                    write(change, onto: value, to: &writer)
                } else {
                    writer.raw(value.rawText)
                }
            }
        }
        for (key, change) in changes where !change.isNull {
            let name = key.string ?? ""
            guard target?[name] == nil else { continue }
            writer.key(name)
            write(change, onto: nil, to: &writer)
        }
        writer.endObject()
    }
}
