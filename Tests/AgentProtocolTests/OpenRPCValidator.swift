import StrictJSON

/// The rules of the OpenRPC 1.3 meta-schema and the specification's text, written down by hand; answers what is wrong.
struct OpenRPCValidator {
    private var problems: [String] = []
    private let document: JSONValue

    static func problems(in document: JSONValue) -> [String] {
        var validator = OpenRPCValidator(document: document)
        validator.checkDocument()
        return validator.problems
    }

    private init(document: JSONValue) { self.document = document }

    private mutating func checkDocument() {
        checkObject(
            document,
            "document",
            required: ["openrpc", "info", "methods"],
            allowed: ["openrpc", "info", "externalDocs", "servers", "methods", "components", "$schema"]
        )
        expect(document["openrpc"]?.matches("1.3.2") == true, "openrpc is not a known version")
        if let info = document["info"] {
            checkObject(
                info,
                "info",
                required: ["title", "version"],
                allowed: ["title", "description", "termsOfService", "version", "contact", "license"]
            )
            for name in ["title", "version", "description"] { expectString(info[name], "info.\(name)") }
            if let license = info["license"] {
                checkObject(license, "license", required: [], allowed: ["name", "url"])
            }
        }
        for server in array(document["servers"], "servers") {
            checkObject(
                server,
                "server",
                required: ["url"],
                allowed: ["url", "name", "description", "summary", "variables"]
            )
            expect(server["url"]?.string?.contains("://") == true, "server.url is no URI")
        }
        if let components = document["components"] {
            for (name, schema) in members(of: components["schemas"]) {
                checkSchema(schema, "schemas.\(name)")
            }
            for (name, error) in members(of: components["errors"]) {
                checkError(error, "errors.\(name)")
            }
        }
        var names: Set<String> = []
        for method in array(document["methods"], "methods") {
            let name = method["name"]?.string ?? ""
            expect(names.insert(name).inserted, "method \(name) twice")
            checkMethod(method, name)
        }
    }

    private mutating func checkMethod(_ method: JSONValue, _ name: String) {
        checkObject(
            method,
            "method \(name)",
            required: ["name", "params"],
            allowed: [
                "name", "description", "summary", "servers", "tags", "paramStructure", "params", "result", "errors",
                "links", "examples", "deprecated", "externalDocs",
            ]
        )
        expect(!name.isEmpty, "a method without a name")
        expectString(method["summary"], "\(name).summary")
        expectString(method["description"], "\(name).description")
        if let structure = method["paramStructure"] {
            expect(["by-position", "by-name", "either"].contains(structure.string ?? ""), "\(name).paramStructure")
        }
        var seen: Set<String> = []
        var sawOptional = false
        for parameter in array(method["params"], "\(name).params") {
            let parameterName = parameter["name"]?.string ?? ""
            expect(seen.insert(parameterName).inserted, "\(name).\(parameterName) twice")
            checkContentDescriptor(parameter, "\(name).\(parameterName)")
            let isRequired = parameter["required"]?.boolean ?? false
            expect(!(isRequired && sawOptional), "\(name).\(parameterName) is required but follows an optional one")
            sawOptional = sawOptional || !isRequired
        }
        if let result = method["result"] { checkContentDescriptor(result, "\(name).result") }
        checkChoice(method["x-params-schema"], of: seen, name)
        if let target = method["x-target"] {
            expect((target.count ?? 0) > 0, "\(name).x-target is no array")
            for parameter in array(target, "\(name).x-target") {
                expect(seen.contains(parameter.string ?? ""), "\(name).x-target names no parameter")
            }
        }
        for error in array(method["errors"], "\(name).errors") {
            if error["$ref"] != nil { checkReference(error, "\(name).errors") } else { checkError(error, name) }
        }
    }

    /// The schema of the parameters as a whole says which go together, and nothing else.
    private mutating func checkChoice(_ schema: JSONValue?, of parameters: Set<String>, _ place: String) {
        guard let schema else { return }
        checkObject(schema, "\(place).x-params-schema", required: ["type"], allowed: ["type", "oneOf", "anyOf"])
        let alternatives = array(schema["oneOf"] ?? schema["anyOf"], "\(place).x-params-schema")
        expect(alternatives.count > 1, "\(place).x-params-schema leaves no choice")
        for alternative in alternatives + alternatives.flatMap({ array($0["not"]?["anyOf"], place) }) {
            for name in array(alternative["required"], "\(place).x-params-schema") {
                expect(parameters.contains(name.string ?? ""), "\(place).x-params-schema names no parameter")
            }
        }
    }

    private mutating func checkContentDescriptor(_ descriptor: JSONValue, _ place: String) {
        checkObject(
            descriptor,
            place,
            required: ["name", "schema"],
            allowed: ["name", "description", "summary", "schema", "required", "deprecated"]
        )
        expect(descriptor["name"]?.string?.isEmpty == false, "\(place) has no name")
        if let required = descriptor["required"] { expect(required.kind == .boolean, "\(place).required") }
        if let schema = descriptor["schema"] { checkSchema(schema, place) }
    }

    private mutating func checkError(_ error: JSONValue, _ place: String) {
        // No extensions here: the meta-schema closes this object.
        for (key, _) in members(of: error) {
            expect(["code", "message", "data"].contains(key), "\(place): unknown member in an error")
        }
        expect(error["code"]?.integer != nil, "\(place).code is no integer")
        expectString(error["message"], "\(place).message")
    }

    private mutating func checkReference(_ value: JSONValue, _ place: String) {
        expect(value.count == 1, "\(place): a reference has members beside $ref")
        checkTarget(of: value, place)
    }

    private mutating func checkTarget(of value: JSONValue, _ place: String) {
        guard let path = value["$ref"]?.string, path.hasPrefix("#/") else {
            problems.append("\(place): a reference that is not local")
            return
        }
        var target: JSONValue? = document
        for part in path.dropFirst(2).split(separator: "/") { target = target?[String(part)] }
        expect(target != nil, "\(place): \(path) leads nowhere")
    }

    /// The rules of JSON Schema draft 7 for the keywords that we use; any other keyword is a mistake.
    private mutating func checkSchema(_ schema: JSONValue, _ place: String) {
        if schema["$ref"] != nil {
            // In draft 7 a reference stands for the whole schema; what else stands there is for people.
            checkObject(schema, place, required: [], allowed: ["$ref", "description"])
            return checkTarget(of: schema, place)
        }
        checkObject(
            schema,
            place,
            required: [],
            allowed: [
                "type", "title", "description", "enum", "const", "minimum", "maximum", "minLength", "maxLength",
                "pattern", "maxProperties", "maxItems", "items", "properties", "required", "additionalProperties",
                "oneOf", "allOf", "not",
            ]
        )
        // Types that are made from the document need names.
        expect(schema["properties"] == nil || place.hasPrefix("schemas."), "\(place) is an object without a name")
        if let pattern = schema["pattern"]?.string {
            expect(!pattern.contains("(?") && !pattern.contains("[^]"), "\(place).pattern is not portable")
        }
        for part in array(schema["allOf"], "\(place).allOf") { checkSchema(part, "\(place).allOf") }
        if let not = schema["not"] { checkSchema(not, "\(place).not") }
        if let type = schema["type"] {
            let types = ["string", "integer", "number", "boolean", "object", "array", "null"]
            expect(types.contains(type.string ?? ""), "\(place).type")
        }
        for name in ["minLength", "maxLength", "maxItems"] {
            if let value = schema[name] { expect((value.integer ?? -1) >= 0, "\(place).\(name)") }
        }
        for name in ["minimum", "maximum"] {
            if let value = schema[name] { expect(value.kind == .number, "\(place).\(name)") }
        }
        if let choices = schema["enum"] {
            let values = choices.elements?.map { $0.rawText } ?? []
            expect(!values.isEmpty && Set(values).count == values.count, "\(place).enum")
        }
        if let items = schema["items"] { checkSchema(items, "\(place)[]") }
        if let others = schema["additionalProperties"], others.kind != .boolean { checkSchema(others, "\(place).*") }
        for alternative in array(schema["oneOf"], "\(place).oneOf") { checkSchema(alternative, "\(place).oneOf") }
        for (name, property) in members(of: schema["properties"]) {
            expect(property["properties"] == nil, "\(place).\(name) is an object without a name")
            checkSchema(property, "\(place).\(name)")
        }
        for name in array(schema["required"], "\(place).required") {
            expect(schema["properties"]?[name.string ?? ""] != nil, "\(place) requires what it does not have")
        }
    }

    private mutating func checkObject(_ value: JSONValue, _ place: String, required: [String], allowed: [String]) {
        expect(value.kind == .object, "\(place) is no object")
        for name in required { expect(value[name] != nil, "\(place).\(name) is missing") }
        for (name, _) in members(of: value) {
            expect(allowed.contains(name) || name.hasPrefix("x-"), "\(place).\(name) is not allowed")
        }
    }

    private func members(of value: JSONValue?) -> [(String, JSONValue)] {
        value?.members?.map { ($0.key.string ?? "", $0.value) } ?? []
    }

    private mutating func array(_ value: JSONValue?, _ place: String) -> [JSONValue] {
        guard let value else { return [] }
        expect(value.kind == .array, "\(place) is no array")
        return value.elements.map(Array.init) ?? []
    }

    private mutating func expectString(_ value: JSONValue?, _ place: String) {
        expect(value?.string != nil, "\(place) is no string")
    }

    private mutating func expect(_ condition: Bool, _ problem: String) {
        if !condition { problems.append(problem) }
    }
}
