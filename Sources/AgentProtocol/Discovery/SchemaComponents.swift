import StrictJSON

/// The schemas of a discovery document that have names: the objects with known members, each written once.
struct SchemaComponents {
    private struct Component {
        let name: String
        let use: SchemaUse
        let verdict: VerdictSchema?
        let fields: [Field]
        /// The names of the alternatives, of a result that is one of several.
        let alternatives: [String]
    }

    private var components: [Component] = []
    private var names: Set<String> = []

    /// The components that these methods refer to.
    init(of methods: [MethodDescriptor]) {
        for method in methods {
            add(method.parameters, as: .input)
            add(result: method.result, named: method.resultName)
            for notification in method.notifications { add(notification.parameters, as: .output) }
        }
    }

    private mutating func add(_ fields: [Field], as use: SchemaUse) {
        for field in fields { add(field.schema, as: use) }
    }

    private mutating func add(_ schema: Schema, as use: SchemaUse) {
        switch schema {
        case .object(let name, let fields):
            let name = use.componentName(name)
            guard names.insert(name).inserted else { return }
            components.append(Component(name: name, use: use, verdict: nil, fields: fields, alternatives: []))
            add(fields, as: use)
        case .array(let element, _): add(element, as: use)
        case .map(let element): add(element, as: use)
        default: break
        }
    }

    /// A result is a component of its own, and each of its verdicts is one.
    private mutating func add(result: Schema, named name: String) {
        guard case .verdicts(let verdicts) = result else { return add(result, as: .output) }
        guard names.insert(name).inserted else { return }
        let alternatives = verdicts.map { name + $0.verdict.camelCased }
        components.append(Component(name: name, use: .output, verdict: nil, fields: [], alternatives: alternatives))
        for (verdict, name) in zip(verdicts, alternatives) {
            names.insert(name)
            let component = Component(
                name: name,
                use: .output,
                verdict: verdict,
                fields: verdict.fields,
                alternatives: []
            )
            components.append(component)
            add(verdict.fields, as: .output)
        }
    }

    /// Writes the components as members of the object that the caller has opened, sorted by name.
    func encode(to writer: inout JSONWriter) {
        for component in components.sorted(by: { $0.name < $1.name }) {
            writer.key(component.name)
            writer.beginObject()
            if component.alternatives.isEmpty {
                if let verdict = component.verdict {
                    writer.member("title", verdict.verdict.name)
                    writer.member("description", verdict.doc)
                }
                Schema.encodeObject(
                    component.fields,
                    verdict: component.verdict?.verdict,
                    to: &writer,
                    as: component.use
                )
            } else {
                writer.key("oneOf")
                writer.beginArray()
                for name in component.alternatives { writer.reference(toSchema: name) }
                writer.endArray()
            }
            writer.endObject()
        }
    }
}

extension MethodDescriptor {
    /// Writes the schema of the result.
    func encodeResultSchema(to writer: inout JSONWriter) {
        switch result {
        case .verdicts: writer.reference(toSchema: resultName)
        default:
            writer.beginObject()
            result.encodeJSONSchema(to: &writer, as: .output)
            writer.endObject()
        }
    }
}

extension JSONWriter {
    /// Writes an object that refers to a named schema of the document.
    mutating func reference(toSchema name: String) {
        beginObject()
        member("$ref", "#/components/schemas/\(name)")
        endObject()
    }
}

extension Verdict {
    /// The name as part of the name of a type.
    fileprivate var camelCased: String {
        name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}
