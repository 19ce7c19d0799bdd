import StrictJSON

/// What an object is for, on which it depends whether other members are refused.
enum SchemaUse: Hashable, Sendable {
    /// A parameter: other members are refused.
    case input
    /// A result or a notification: readers ignore other members.
    case output

    /// The name of a component: what is closed as a parameter is open as a result, and needs another name there.
    func componentName(_ name: String) -> String {
        self == .output || name.hasSuffix("Input") ? name : name + "Input"
    }
}

extension Schema {
    /// Writes the members of the schema in JSON Schema's terms, into an object that the caller has opened. Objects with
    /// known members are components of the document and referred to.
    ///
    /// JSON Schema counts characters where we count bytes. `maxLength` is the same number, or a smaller one where a form
    /// limits characters; it is never too strict, and `x-max-bytes` says what holds.
    func encodeJSONSchema(to writer: inout JSONWriter, as use: SchemaUse) {
        switch self {
        case .text(let lengths):
            Self.encodeText(lengths, to: &writer)
        case .formed(let form, let lengths):
            Self.encodeText(lengths, maximumCharacters: form.maximumCharacters, to: &writer)
            form.encodeJSONSchema(to: &writer)
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
        case .object(let name, _):
            writer.member("$ref", "#/components/schemas/\(use.componentName(name))")
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
            element.encodeJSONSchema(to: &writer, as: use)
            writer.endObject()
            if maximumCount < Int.max { writer.member("maxItems", maximumCount) }
        case .map(let element):
            writer.member("type", "object")
            writer.key("additionalProperties")
            writer.beginObject()
            element.encodeJSONSchema(to: &writer, as: use)
            writer.endObject()
        case .verdicts:
            // Only results are, and those have a component of their own.
            writer.member("type", "object")
        case .anyObject:
            writer.member("type", "object")
        }
    }

    private static func encodeText(
        _ lengths: ClosedRange<Int>,
        maximumCharacters: Int? = nil,
        to writer: inout JSONWriter
    ) {
        writer.member("type", "string")
        // So many bytes can be a single character.
        if lengths.lowerBound > 0 { writer.member("minLength", 1) }
        guard lengths.upperBound < Int.max else { return }
        writer.member("maxLength", min(maximumCharacters ?? lengths.upperBound, lengths.upperBound))
        writer.member("x-max-bytes", lengths.upperBound)
    }

    /// Writes the members of the schema of an object with these members.
    static func encodeObject(
        _ fields: [Field],
        verdict: Verdict? = nil,
        to writer: inout JSONWriter,
        as use: SchemaUse
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
            field.encodeJSONSchema(to: &writer, as: use)
        }
        writer.endObject()
        let required = (verdict == nil ? [] : ["verdict"]) + fields.filter(\.isRequired).map(\.name)
        if !required.isEmpty { writer.member("required", required) }
        if use == .input { writer.member("additionalProperties", false) }
    }
}

extension TextForm {
    /// Writes what the form asks for beyond the length.
    fileprivate func encodeJSONSchema(to writer: inout JSONWriter) {
        if patterns.count == 1 { writer.member("pattern", patterns[0]) }
        if patterns.count > 1 {
            writer.key("allOf")
            writer.beginArray()
            for pattern in patterns {
                writer.beginObject()
                writer.member("pattern", pattern)
                writer.endObject()
            }
            writer.endArray()
        }
        guard !excluded.isEmpty else { return }
        writer.key("not")
        writer.beginObject()
        writer.member("enum", excluded)
        writer.endObject()
    }
}

extension Field {
    /// Writes the complete schema object of the field's value.
    func encodeJSONSchema(to writer: inout JSONWriter, as use: SchemaUse) {
        writer.beginObject()
        writer.member("description", doc)
        schema.encodeJSONSchema(to: &writer, as: use)
        if isSensitive { writer.member("x-sensitive", true) }
        if let right {
            writer.member("x-right", right.right.name)
            writer.member("x-right-value", right.value)
        }
        writer.endObject()
    }
}
