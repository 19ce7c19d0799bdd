package import StrictJSON

/// What a value on the wire must be: the one source for checking, for OpenRPC and for the reference.
public indirect enum Schema: Sendable {
    /// A string of so many bytes.
    case text(ClosedRange<Int>)
    /// A string of a certain form, and of so many bytes.
    case formed(TextForm, ClosedRange<Int>)
    /// One of these strings.
    case choice([String])
    /// An integer written as one, within the range.
    case integer(ClosedRange<Int64>)
    /// A number, with or without a fraction.
    case number
    /// `true` or `false`.
    case boolean
    /// The id of a request: a string or an integer.
    case requestID
    /// An object with these members and, in parameters, no others. The name is for the discovery document.
    case object(name: String, fields: [Field])
    /// An object of at most so many bytes as written, which is passed on as the same text.
    case freeObject(maximumBytes: Int)
    /// An object of at most so many members, all of them strings, numbers and booleans that hold, like their keys,
    /// only letters, digits, `_`, `-` and `.`. It is passed on as the same text.
    case flatObject(maximumCount: Int, maximumBytes: Int)
    /// An array of at most so many elements.
    case array(of: Schema, maximumCount: Int)
    /// An object with keys that are not known beforehand.
    case map(of: Schema)
    /// One of several objects, told apart by their member `verdict`.
    case verdicts([VerdictSchema])
    /// Any object at all.
    case anyObject

    /// An object of that type.
    public static func object<T: WireObject>(_ type: T.Type) -> Schema {
        .object(name: T.schemaName, fields: T.fields)
    }

    /// A string of any length.
    public static let anyText = Schema.text(0...Int.max)
    /// An integer that is not negative.
    public static let count = Schema.integer(0...Int64.max)
    /// A user or group id.
    public static let systemID = Schema.integer(0...Int64(UInt32.max))
}

/// The members of a result with one verdict.
public struct VerdictSchema: Sendable {
    /// The value of the member `verdict`.
    public let verdict: Verdict
    /// The other members.
    public let fields: [Field]
    /// When this is the result.
    public let doc: String

    /// The result with `verdict`.
    public init(_ verdict: Verdict, _ fields: [Field], doc: String) {
        self.verdict = verdict
        self.fields = fields
        self.doc = doc
    }
}

/// What is checked, on which it depends how members that the schema does not ask for are taken.
package enum CheckedContent: Sendable {
    /// Parameters: unknown members are refused, and null for an optional member is as if it were absent.
    case parameters
    /// Parameters of a method where null could mean something else than absence: it is refused like a wrong type.
    case parametersWithoutNull
    /// A result, whose readers ignore members they do not know.
    case result
}

extension Schema {
    /// Checks that `value` is what the schema says.
    package func check(_ value: JSONValue, as content: CheckedContent = .parameters) throws(SchemaViolation) {
        switch self {
        case .text(let lengths):
            guard let count = value.utf8Count else { throw mistyped }
            guard lengths ~= count else { throw SchemaViolation(.length(lengths)) }
        case .formed(let form, let lengths):
            guard let bytes = value.utf8 else { throw mistyped }
            guard lengths ~= bytes.count else { throw SchemaViolation(.length(lengths)) }
            guard form.accepts(bytes) else { throw SchemaViolation(.form(form.rule)) }
        case .choice(let choices):
            guard value.kind == .string else { throw mistyped }
            guard choices.contains(where: { value.matches($0) }) else { throw SchemaViolation(.choice(choices)) }
        case .integer(let range):
            guard value.kind == .number else { throw mistyped }
            guard let integer = value.integer else { throw mistyped }
            guard range ~= integer else { throw SchemaViolation(.range(range)) }
        case .number:
            guard value.number != nil else { throw mistyped }
        case .boolean:
            guard value.kind == .boolean else { throw mistyped }
        case .requestID:
            guard RequestID(value) != nil else { throw mistyped }
        case .object(_, let fields):
            try Self.checkMembers(of: value, against: fields, as: content)
        case .freeObject(let maximumBytes):
            guard value.kind == .object else { throw mistyped }
            guard value.rawCount <= maximumBytes else { throw SchemaViolation(.length(0...maximumBytes)) }
        case .flatObject(let maximumCount, let maximumBytes):
            try Self.checkFlat(value, maximumCount: maximumCount, maximumBytes: maximumBytes)
        case .array(let element, let maximumCount):
            guard let elements = value.elements, let count = value.count else { throw mistyped }
            guard count <= maximumCount else { throw SchemaViolation(.count(maximumCount)) }
            for item in elements { try element.check(item, as: content) }
        case .map(let schema):
            guard let members = value.members else { throw mistyped }
            for (key, member) in members {
                do throws(SchemaViolation) {
                    try schema.check(member, as: content)
                } catch {
                    throw error.inside(key.string ?? "")
                }
            }
        case .verdicts(let verdicts):
            try Self.checkVerdict(value, verdicts, as: content)
        case .anyObject:
            guard value.kind == .object else { throw mistyped }
        }
    }

    private static func checkFlat(
        _ value: JSONValue,
        maximumCount: Int,
        maximumBytes: Int
    ) throws(SchemaViolation) {
        guard let members = value.members, let count = value.count else {
            throw SchemaViolation(.mistyped(expected: "an object"))
        }
        guard count <= maximumCount else { throw SchemaViolation(.count(maximumCount)) }
        guard value.rawCount <= maximumBytes else { throw SchemaViolation(.length(0...maximumBytes)) }
        for (key, member) in members {
            // A key that breaks the rule is not repeated in the answer, nor is one whose value does.
            guard let name = key.utf8, !name.isEmpty, TextForm.plain.accepts(name) else {
                throw SchemaViolation(.form("keys and values that \(TextForm.plain.rule)"))
            }
            switch member.kind {
            case .string, .number, .boolean: break
            case .object, .array, .null, .unreadable:
                throw SchemaViolation(.mistyped(expected: "an object of strings, numbers and booleans"))
            }
            guard TextForm.plain.accepts(member.utf8 ?? member.rawBytes) else {
                throw SchemaViolation(.form("keys and values that \(TextForm.plain.rule)"))
            }
        }
    }

    /// Checks the members of an object: first those that are there, in their order, then those that should be.
    ///
    /// - Parameters:
    ///   - ignoring: a member that is checked elsewhere, such as `meta`.
    ///   - isPartial: whether members that should be there may be missing.
    static func checkMembers(
        of value: JSONValue,
        against fields: [Field],
        ignoring: String? = nil,
        as content: CheckedContent,
        isPartial: Bool = false
    ) throws(SchemaViolation) {
        guard let members = value.members else { throw SchemaViolation(.mistyped(expected: "an object")) }
        var known = 0
        for (key, member) in members {
            if let ignoring, key.matches(ignoring) { continue }
            guard let index = position(of: key, in: fields) else {
                if content == .result { continue }
                throw SchemaViolation(
                    .unknown(allowed: fields.map(\.name) + (ignoring.map { [$0] } ?? [])),
                    at: key.string
                )
            }
            if member.isNull, !fields[index].isRequired, content != .parametersWithoutNull { continue }
            known += fields[index].isRequired ? 1 : 0
            do throws(SchemaViolation) {
                try fields[index].schema.check(member, as: content)
            } catch {
                throw error.inside(fields[index].name)
            }
        }
        if isPartial { return }
        // Keys are unique, so the count tells whether all required ones were there.
        for index in fields.indices where fields[index].isRequired {
            known -= 1
            if known < 0 { return try refuseMissing(fields, in: value) }
        }
    }

    private static func refuseMissing(_ fields: [Field], in value: JSONValue) throws(SchemaViolation) {
        for field in fields where field.isRequired && value[field.name] == nil {
            throw SchemaViolation(.missing, at: field.name)
        }
    }

    /// A plain loop, because a closure over whole fields copies each of them, on the path of every request.
    private static func position(of key: JSONValue, in fields: [Field]) -> Int? {
        for index in fields.indices where key.matches(fields[index].name) { return index }
        return nil
    }

    private static func checkVerdict(
        _ value: JSONValue,
        _ verdicts: [VerdictSchema],
        as content: CheckedContent
    ) throws(SchemaViolation) {
        guard value.kind == .object else { throw Schema.verdicts(verdicts).mistyped }
        guard let name = value["verdict"] else { throw SchemaViolation(.missing, at: "verdict") }
        guard let verdict = verdicts.first(where: { name.matches($0.verdict.name) }) else {
            throw SchemaViolation(.choice(verdicts.map(\.verdict.name)), at: "verdict")
        }
        try checkMembers(of: value, against: verdict.fields, ignoring: "verdict", as: content)
    }

    private var mistyped: SchemaViolation { SchemaViolation(.mistyped(expected: typeName)) }

    /// The type in words, for messages and the reference.
    package var typeName: String {
        switch self {
        case .text, .formed, .choice: "a string"
        case .integer: "an integer written without fraction and exponent"
        case .number: "a number"
        case .boolean: "true or false"
        case .requestID: "the id of a request"
        case .object, .freeObject, .flatObject, .map, .verdicts, .anyObject: "an object"
        case .array: "an array"
        }
    }
}
