import StrictJSON

/// Which parameters of a method are given together: sets of names of which all members are given or none.
///
/// For the discovery document, as a schema of the whole parameters; the types of the parameters check it themselves.
public enum ParameterChoice: Hashable, Sendable {
    /// Exactly one of the sets.
    case exactlyOne([[String]])
    /// One of the sets, or none.
    case atMostOne([[String]])
    /// One of the parameters, or several.
    case atLeastOne([String])

    /// Writes a JSON Schema that says it.
    func encodeJSONSchema(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", "object")
        switch self {
        case .exactlyOne(let sets):
            writer.key("oneOf")
            writer.beginArray()
            for set in sets { Self.encode(set, to: &writer) }
            writer.endArray()
        case .atMostOne(let sets):
            writer.key("oneOf")
            writer.beginArray()
            for set in sets { Self.encode(set, to: &writer) }
            writer.beginObject()
            writer.key("not")
            Self.encodeAny(of: sets, to: &writer)
            writer.endObject()
            writer.endArray()
        case .atLeastOne(let names):
            writer.key("anyOf")
            writer.beginArray()
            for name in names { Self.encode([name], to: &writer) }
            writer.endArray()
        }
        writer.endObject()
    }

    private static func encodeAny(of sets: [[String]], to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("anyOf")
        writer.beginArray()
        for set in sets { encode(set, to: &writer) }
        writer.endArray()
        writer.endObject()
    }

    private static func encode(_ set: [String], to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("required", set)
        writer.endObject()
    }
}

extension TargetRule {
    /// The choice that it leaves to a caller; nil where it leaves none.
    var choice: ParameterChoice? {
        switch self {
        case .typed: nil
        case .oneOf(let kinds, _) where kinds.count == 1: nil
        case .oneOf(let kinds, let isRequired):
            isRequired ? .exactlyOne(kinds.map { [$0.name] }) : .atMostOne(kinds.map { [$0.name] })
        case .oneOfOrNamed(let kinds, let name, let value): .exactlyOne(kinds.map { [$0.name] } + [[name, value]])
        case .firstOf(let kinds): .atLeastOne(kinds.map(\.name))
        }
    }
}
