import AgentProtocol
import StrictJSON

/// The names of all fields, of any method, that hold secrets.
///
/// Looked for by name alone, at any depth: a secret in the wrong place, or in a method that has no such field, is one still.
enum SensitiveNames {
    private static let all: Set<String> = {
        var names: Set<String> = []
        for table in [MethodTable.main, .control] {
            for method in table.methods {
                collect(method.descriptor.parameters, into: &names)
                collect(method.descriptor.result, into: &names)
            }
        }
        return names
    }()

    /// The path of the first member that has a secret's name.
    static func first(in value: JSONValue) -> String? {
        if let members = value.members {
            for (key, value) in members {
                guard let key = key.string else { continue }
                if all.contains(key) { return key }
                if let path = first(in: value) { return "\(key).\(path)" }
            }
        } else if let elements = value.elements {
            for element in elements {
                if let path = first(in: element) { return path }
            }
        }
        return nil
    }

    /// The value without its secrets, and the names of those left out, sorted.
    static func removed(from value: JSONValue) -> (json: JSONText, names: [String]) {
        var names: Set<String> = []
        let json = JSONText { writer in copy(value, to: &writer, leavingOut: &names) }
        return (json, names.sorted())
    }

    private static func copy(_ value: JSONValue, to writer: inout JSONWriter, leavingOut names: inout Set<String>) {
        if let members = value.members {
            writer.beginObject()
            for (key, value) in members {
                let name = key.string ?? ""
                if all.contains(name) {
                    names.insert(name)
                    continue
                }
                writer.key(name)
                copy(value, to: &writer, leavingOut: &names)
            }
            writer.endObject()
        } else if let elements = value.elements {
            writer.beginArray()
            for element in elements { copy(element, to: &writer, leavingOut: &names) }
            writer.endArray()
        } else {
            writer.raw(value.rawText)
        }
    }

    private static func collect(_ fields: [Field], into names: inout Set<String>) {
        for field in fields {
            if field.isSensitive { names.insert(field.name) }
            collect(field.schema, into: &names)
        }
    }

    private static func collect(_ schema: Schema, into names: inout Set<String>) {
        switch schema {
        case .object(let fields): collect(fields, into: &names)
        case .array(let element, _): collect(element, into: &names)
        case .map(let value): collect(value, into: &names)
        case .verdicts(let verdicts): for verdict in verdicts { collect(verdict.fields, into: &names) }
        default: break
        }
    }
}
