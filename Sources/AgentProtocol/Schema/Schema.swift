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
