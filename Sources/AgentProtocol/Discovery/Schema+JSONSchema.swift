import StrictJSON

extension Schema {
    /// Writes the members of the schema in JSON Schema's terms, into an object that the caller has opened.
    ///
    /// JSON Schema counts characters where we count bytes. `maxLength` is the same number, which is never too strict,
    /// and `x-max-bytes` says what holds.
    ///
    /// - Parameter isClosed: whether other members are refused (parameters) or to be ignored (results).
    func encodeJSONSchema(to writer: inout JSONWriter, isClosed: Bool) {
        switch self {
        case .text(let lengths):
            writer.member("type", "string")
            if lengths.lowerBound > 0 { writer.member("minLength", 1) }
            if lengths.upperBound < Int.max {
                writer.member("maxLength", lengths.upperBound)
                writer.member("x-max-bytes", lengths.upperBound)
            }
        case .formed(let form, let lengths):
            writer.member("type", "string")
            writer.member("maxLength", lengths.upperBound)
            writer.member("pattern", form.pattern)
            writer.member("x-max-bytes", lengths.upperBound)
        case .choice(let choices):
            writer.member("type", "string")
            writer.member("enum", choices)
        case .integer(let range):
            writer.member("type", "integer")
            writer.member("minimum", range.lowerBound)
            if range.upperBound < Int64.max { writer.member("maximum", range.upperBound) }
        case .number:
            writer.member("type", "number")
        case .boolean:
            writer.member("type", "boolean")
        case .requestID:
            writer.member("type", ["string", "integer"])
        case .object(let fields):
            Self.encodeObject(fields, verdict: nil, to: &writer, isClosed: isClosed)
        case .freeObject(let maximumBytes):
            writer.member("type", "object")
            writer.member("x-max-bytes", maximumBytes)
        case .flatObject(let maximumCount, let maximumBytes):
            writer.member("type", "object")
            writer.member("maxProperties", maximumCount)
            writer.member("x-max-bytes", maximumBytes)
        case .array(let element, let maximumCount):
            writer.member("type", "array")
            writer.key("items")
            writer.beginObject()
            element.encodeJSONSchema(to: &writer, isClosed: isClosed)
            writer.endObject()
            if maximumCount < Int.max { writer.member("maxItems", maximumCount) }
        case .map(let element):
            writer.member("type", "object")
            writer.key("additionalProperties")
            writer.beginObject()
            element.encodeJSONSchema(to: &writer, isClosed: isClosed)
            writer.endObject()
        case .verdicts(let verdicts):
            writer.key("oneOf")
            writer.beginArray()
            for verdict in verdicts {
                writer.beginObject()
                writer.member("title", verdict.verdict.name)
                writer.member("description", verdict.doc)
                Self.encodeObject(verdict.fields, verdict: verdict.verdict, to: &writer, isClosed: isClosed)
                writer.endObject()
            }
            writer.endArray()
        case .anyObject:
            writer.member("type", "object")
        }
    }

    private static func encodeObject(
        _ fields: [Field],
        verdict: Verdict?,
        to writer: inout JSONWriter,
        isClosed: Bool
    ) {
        writer.member("type", "object")
        writer.key("properties")
        writer.beginObject()
        if let verdict {
            writer.key("verdict")
            writer.beginObject()
            writer.member("const", verdict.name)
            writer.endObject()
        }
        for field in fields {
            writer.key(field.name)
            field.encodeJSONSchema(to: &writer, isClosed: isClosed)
        }
        writer.endObject()
        let required = (verdict == nil ? [] : ["verdict"]) + fields.filter(\.isRequired).map(\.name)
        if !required.isEmpty { writer.member("required", required) }
        if isClosed { writer.member("additionalProperties", false) }
    }
}

extension Field {
    /// Writes the complete schema object of the field's value.
    func encodeJSONSchema(to writer: inout JSONWriter, isClosed: Bool) {
        writer.beginObject()
        writer.member("description", doc)
        schema.encodeJSONSchema(to: &writer, isClosed: isClosed)
        if isSensitive { writer.member("x-sensitive", true) }
        if let right {
            writer.member("x-right", right.right.name)
            writer.member("x-right-value", right.value)
        }
        writer.endObject()
    }
}
