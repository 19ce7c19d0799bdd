public import StrictJSON

/// A person's full name (reference, E27).
public struct PersonName: WireObject, Hashable {
    /// The title.
    public var title: String?
    /// The first name.
    public var firstName: String?
    /// The middle name.
    public var middleName: String?
    /// The last name.
    public var lastName: String?

    /// A name; every part may be missing.
    public init(
        title: String? = nil,
        firstName: String? = nil,
        middleName: String? = nil,
        lastName: String? = nil
    ) {
        self.title = title
        self.firstName = firstName
        self.middleName = middleName
        self.lastName = lastName
    }

    /// The schema of the members.
    public static let fields: [Field] = [
        Field("title", .text(0...1024), doc: "The title."),
        Field("first_name", .text(0...1024), doc: "The first name."),
        Field("middle_name", .text(0...1024), doc: "The middle name."),
        Field("last_name", .text(0...1024), doc: "The last name."),
    ]

    /// Takes the values of the members.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        title = try object.optionalText("title")
        firstName = try object.optionalText("first_name")
        middleName = try object.optionalText("middle_name")
        lastName = try object.optionalText("last_name")
    }

    /// Writes the members.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.member("title", title)
        writer.member("first_name", firstName)
        writer.member("middle_name", middleName)
        writer.member("last_name", lastName)
    }
}
