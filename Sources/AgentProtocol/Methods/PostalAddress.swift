public import StrictJSON

/// A person's address (reference, E27).
public struct PostalAddress: WireObject, Hashable {
    /// The country.
    public var country: String?
    /// The state or province.
    public var state: String?
    /// The city.
    public var city: String?
    /// Street and number.
    public var streetAddress: String?
    /// The postal code.
    public var postalCode: String?
    /// What sort of address it is.
    public var type: String?

    /// An address; every part may be missing.
    public init(
        country: String? = nil,
        state: String? = nil,
        city: String? = nil,
        streetAddress: String? = nil,
        postalCode: String? = nil,
        type: String? = nil
    ) {
        self.country = country
        self.state = state
        self.city = city
        self.streetAddress = streetAddress
        self.postalCode = postalCode
        self.type = type
    }

    /// The schema of the members.
    public static let fields: [Field] = [
        Field("country", .text(0...1024), doc: "The country."),
        Field("state", .text(0...1024), doc: "The state or province."),
        Field("city", .text(0...1024), doc: "The city."),
        Field("street_address", .text(0...1024), doc: "Street and number."),
        Field("postal_code", .text(0...1024), doc: "The postal code."),
        Field("type", .choice(["Home", "Work", "Other"]), doc: "What sort of address it is."),
    ]

    /// Takes the values of the members.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        country = try object.optionalText("country")
        state = try object.optionalText("state")
        city = try object.optionalText("city")
        streetAddress = try object.optionalText("street_address")
        postalCode = try object.optionalText("postal_code")
        type = try object.optionalText("type")
    }

    /// Writes the members.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.member("country", country)
        writer.member("state", state)
        writer.member("city", city)
        writer.member("street_address", streetAddress)
        writer.member("postal_code", postalCode)
        writer.member("type", type)
    }
}
