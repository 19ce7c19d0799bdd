/// One member of an object on the wire: a parameter, or a part of a result.
public struct Field: Sendable {
    /// The key, Mosaic's own name where the field is Mosaic's.
    public let name: String
    /// What the value must be.
    public let schema: Schema
    /// Whether it must be there.
    public let isRequired: Bool
    /// Whether it holds a secret: never logged, never in an error.
    public let isSensitive: Bool
    /// The right that using the field needs beyond that of the method.
    public let right: FieldRight?
    /// The kind of identifier that it holds, or that each of its elements is, where a rule with `Users=` must admit that
    /// as well; fields that a ``TargetRule`` makes need not say so.
    public let identifies: IdentifierKind?
    /// One sentence or two for the reference.
    public let doc: String

    /// A field; optional and not sensitive unless said.
    public init(
        _ name: String,
        _ schema: Schema,
        isRequired: Bool = false,
        isSensitive: Bool = false,
        right: FieldRight? = nil,
        identifies: IdentifierKind? = nil,
        doc: String
    ) {
        self.name = name
        self.schema = schema
        self.isRequired = isRequired
        self.isSensitive = isSensitive
        self.right = right
        self.identifies = identifies
        self.doc = doc
    }

    /// The same field as one that must be there.
    static func required(
        _ name: String,
        _ schema: Schema,
        isSensitive: Bool = false,
        right: FieldRight? = nil,
        identifies: IdentifierKind? = nil,
        doc: String
    ) -> Field {
        Field(
            name,
            schema,
            isRequired: true,
            isSensitive: isSensitive,
            right: right,
            identifies: identifies,
            doc: doc
        )
    }
}

/// A right that goes with one field, or with one value of it.
public struct FieldRight: Hashable, Sendable {
    /// The right that is needed.
    public let right: Right
    /// The value that needs it, for a boolean `true` or `false`; nil when any value does.
    public let value: String?

    /// The right to use a field at all, or with `value`.
    public init(_ right: Right, whenValueIs value: String? = nil) {
        self.right = right
        self.value = value
    }
}
