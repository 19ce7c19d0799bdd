public import StrictJSON

/// What `user.create` and `user.update` say about a user; field names are Mosaic's own (reference, E27).
public struct UserProfile: WireObject, Hashable {
    /// The primary e-mail address.
    public var email: Identifier?
    /// The primary phone number.
    public var phoneNumber: Identifier?
    /// The login name.
    public var username: Identifier?
    /// The user's id in the tenant's own system.
    public var externalUserID: Identifier?
    /// The user's id in the application's own system.
    public var externalAccountID: String?
    /// Further e-mail addresses.
    public var secondaryEmails: [String]?
    /// Further phone numbers.
    public var secondaryPhoneNumbers: [String]?
    /// The full name.
    public var name: PersonName?
    /// The birthday as a date-time.
    public var birthday: String?
    /// The address.
    public var address: PostalAddress?
    /// The preferred language.
    public var language: String?
    /// The URL of a picture.
    public var picture: String?
    /// Custom data of the tenant; passed on as the same text.
    public var customData: JSONText?
    /// Custom data of the application; passed on as the same text.
    public var customAppData: JSONText?
    /// Who may act for a dependent user.
    public var delegatedAccess: DelegatedAccess?

    /// A profile without any field.
    public init() {}

    /// Whether no field is given.
    public var isEmpty: Bool { self == UserProfile() }

    private static let identifier = Schema.text(1...ProtocolLimits.maximumIdentifierBytes)
    private static let customObject = Schema.freeObject(maximumBytes: ProtocolLimits.maximumCustomDataBytes)
    private static let customNote =
        "At most 500 KB for one user; the line with the whole request must keep to `limits.line_bytes`, which comes first "
        + "unless it was configured higher. Passed on as the same text."

    /// The schema of the members.
    public static let fields: [Field] = [
        Field("email", identifier, identifies: .email, doc: "The primary e-mail address."),
        Field(
            "phone_number",
            identifier,
            identifies: .phoneNumber,
            doc: "The primary phone number, in the form of E.164."
        ),
        Field("username", identifier, identifies: .username, doc: "The login name, unique in the application."),
        Field(
            "external_user_id",
            identifier,
            identifies: .externalUserID,
            doc: "The user's id in the tenant's own system, unique there."
        ),
        Field("external_account_id", .text(1...1024), doc: "The user's id in the application's own system."),
        Field(
            "secondary_emails",
            .array(of: identifier, maximumCount: 64),
            identifies: .email,
            doc: "Further e-mail addresses."
        ),
        Field(
            "secondary_phone_numbers",
            .array(of: identifier, maximumCount: 64),
            identifies: .phoneNumber,
            doc: "Further phone numbers."
        ),
        Field("name", .object(PersonName.self), doc: "The full name."),
        Field("birthday", .text(1...64), doc: "The birthday, as a date-time (RFC 3339)."),
        Field("address", .object(PostalAddress.self), doc: "The address."),
        Field("language", .text(1...256), doc: "The preferred language, as in `Accept-Language`."),
        Field("picture", .text(1...2048), doc: "The URL of a picture."),
        Field("custom_data", customObject, doc: "Custom data of the tenant. " + customNote),
        Field("custom_app_data", customObject, doc: "Custom data of the application. " + customNote),
        Field("delegated_access", .object(DelegatedAccess.self), doc: "Who may act for a dependent user."),
    ]

    /// Takes the values of the members.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        email = try object.optionalIdentifier("email")
        phoneNumber = try object.optionalIdentifier("phone_number")
        username = try object.optionalIdentifier("username")
        externalUserID = try object.optionalIdentifier("external_user_id")
        externalAccountID = try object.optionalText("external_account_id")
        secondaryEmails = try object.optionalTexts("secondary_emails")
        secondaryPhoneNumbers = try object.optionalTexts("secondary_phone_numbers")
        name = try object.optionalObject("name")
        birthday = try object.optionalText("birthday")
        address = try object.optionalObject("address")
        language = try object.optionalText("language")
        picture = try object.optionalText("picture")
        customData = try object.optionalJSON("custom_data")
        customAppData = try object.optionalJSON("custom_app_data")
        delegatedAccess = try object.optionalObject("delegated_access")
    }

    /// Writes the members.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.member("email", email)
        writer.member("phone_number", phoneNumber)
        writer.member("username", username)
        writer.member("external_user_id", externalUserID)
        writer.member("external_account_id", externalAccountID)
        writer.member("secondary_emails", secondaryEmails)
        writer.member("secondary_phone_numbers", secondaryPhoneNumbers)
        writer.member("name", name)
        writer.member("birthday", birthday)
        writer.member("address", address)
        writer.member("language", language)
        writer.member("picture", picture)
        writer.member("custom_data", customData)
        writer.member("custom_app_data", customAppData)
        writer.member("delegated_access", delegatedAccess)
    }
}
