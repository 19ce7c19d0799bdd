public import StrictJSON

/// Who may act for a dependent user, and how far (reference, E27).
public struct DelegatedAccess: WireObject, Hashable {
    /// The user who may act.
    public var actorID: String
    /// What that user may do.
    public var permissions: [String]

    /// Who may act, and how far.
    public init(actorID: String, permissions: [String]) {
        self.actorID = actorID
        self.permissions = permissions
    }

    /// The schema of the members.
    public static let fields: [Field] = [
        .required("actor_id", .text(1...256), identifies: .userID, doc: "Mosaic's id of the user who may act."),
        .required(
            "permissions",
            .array(of: .text(1...256), maximumCount: 256),
            doc: "What that user may do, in Mosaic's names."
        ),
    ]

    /// Takes the values of the members.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        actorID = try object.text("actor_id")
        permissions = try object.texts("permissions")
    }

    /// Writes the members.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.member("actor_id", actorID)
        writer.member("permissions", permissions)
    }
}
