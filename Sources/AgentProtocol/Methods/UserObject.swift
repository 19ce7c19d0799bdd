public import StrictJSON

/// A user as Mosaic describes it, passed on as the same text.
///
/// The schema names the members of Mosaic's contract. Further ones that Mosaic adds are passed on too, so that a program
/// need not wait for the agent to learn of them; like all results, this one is to be read for the members one knows.
public struct UserObject: WireValue, MethodResult, Hashable {
    /// The object.
    public let json: JSONText

    /// No user yet.
    init() { json = .emptyObject }

    /// A user as Mosaic wrote it, which must be an object.
    public init(_ json: JSONText) { self.json = json }

    /// A user as Mosaic wrote it, without the members that have not the documented type.
    ///
    /// - Parameter omitted: Receives their names.
    package init(_ json: JSONText, omitted: inout [String]) {
        self.json = json.leavingOutMistyped(
            Self.fields,
            always: ["status", "created_at", "updated_at"],
            omitted: &omitted
        )
    }

    /// The member of that name, or nil.
    public subscript(name: String) -> JSONValue? { json.value[name] }

    /// What the object looks like.
    public static let schema = Schema.object(name: schemaName, fields: fields)

    private static let email: [Field] = [
        .required("value", .anyText, doc: "The address."),
        Field("email_verified", .boolean, doc: "Whether it is known to be the user's."),
        Field("verified_at", .anyText, doc: "Since when, a date-time."),
    ]

    private static let phoneNumber: [Field] = [
        .required("value", .anyText, doc: "The number."),
        Field("phone_number_verified", .boolean, doc: "Whether it is known to be the user's."),
        Field("verified_at", .anyText, doc: "Since when, a date-time."),
    ]

    private static let passwordInformation: [Field] = [
        Field("expired", .boolean, doc: "Whether it is past its lifetime."),
        Field("temporary", .boolean, doc: "Whether it must be replaced at the next login."),
        Field("updated_at", .count, doc: "When it was set, in milliseconds since 1970."),
        Field("expires_in", .anyText, doc: "When it expires: a date-time in spite of the name."),
    ]

    private static func many(_ schema: Schema) -> Schema { .array(of: schema, maximumCount: .max) }

    static let fields: [Field] = [
        .required("user_id", .anyText, doc: "Mosaic's id of the user."),
        Field("status", .anyText, doc: "`Active`, `Disabled` or `Pending`."),
        Field("created_at", .count, doc: "When the user was made."),
        Field("updated_at", .count, doc: "When the user was last changed."),
        Field("status_changed_at", .anyText, doc: "When the status last changed, a date-time."),
        Field("last_auth", .anyText, doc: "When the user last logged in, a date-time."),
        Field("email", .object(name: "UserEmail", fields: email), doc: "The primary e-mail address."),
        Field("phone_number", .object(name: "UserPhoneNumber", fields: phoneNumber), doc: "The primary phone number."),
        Field("username", .anyText, doc: "The login name; only when a password is set."),
        Field(
            "password_information",
            .object(name: "UserPasswordInformation", fields: passwordInformation),
            doc: "How the password stands; only with one."
        ),
        Field("secondary_emails", many(.object(name: "UserEmail", fields: email)), doc: "Further e-mail addresses."),
        Field(
            "secondary_phone_numbers",
            many(.object(name: "UserPhoneNumber", fields: phoneNumber)),
            doc: "Further phone numbers."
        ),
        Field("identities", many(.anyObject), doc: "The ways to log in that are linked, each with an `auth_type`."),
        Field("identity_providers", many(.anyObject), doc: "Deprecated by Mosaic."),
        Field("groupIds", many(.anyText), doc: "The groups."),
        Field("app_name", .anyText, doc: "The application."),
        Field("external_account_id", .anyText, doc: "The user's id in the application's own system."),
        Field("external_user_id", .anyText, doc: "The user's id in the tenant's own system."),
        Field("custom_data", .anyObject, doc: "Custom data of the tenant."),
        Field("custom_app_data", .anyObject, doc: "Custom data of the application."),
        Field("name", .object(PersonName.self), doc: "The full name."),
        Field("address", .object(PostalAddress.self), doc: "The address."),
        Field("birthday", .anyText, doc: "The birthday, a date-time."),
        Field("language", .anyText, doc: "The preferred language."),
        Field("picture", .anyText, doc: "The URL of a picture."),
    ]

    /// Takes the object; what is not the schema's is left to the reader.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        _ = try object.required("user_id", as: String.self)
        json = object.value.rawText
    }

    /// Takes the object.
    public init(wire value: JSONValue) throws(SchemaViolation) { try self.init(reading: ObjectReader(value)) }

    /// Writes the object as Mosaic wrote it.
    public func encode(to writer: inout JSONWriter) {
        writer.raw(json)
    }
}

/// The result of methods that answer one user: the user under `user`.
public struct UserResult: WireObject, MethodResult, Hashable {
    /// The user.
    public var user = UserObject()
    /// What the answer leaves out of it.
    public var omitted: [String] = []

    /// All members blank.
    public init() {}

    /// A user.
    public init(user: UserObject, omitted: [String] = []) {
        self.user = user
        self.omitted = omitted
    }

    /// The members.
    public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
        try members.required("user", &user, doc: "The user, as Mosaic describes it.")
        try members.omittedMembers(&omitted, of: "user")
    }
}

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

    /// The members.
    public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
        try members.optional("email", &email, Self.identifier, identifies: .email, doc: "The primary e-mail address.")
        try members.optional(
            "phone_number",
            &phoneNumber,
            Self.identifier,
            identifies: .phoneNumber,
            doc: "The primary phone number, in the form of E.164."
        )
        try members.optional(
            "username",
            &username,
            Self.identifier,
            identifies: .username,
            doc: "The login name, unique in the application."
        )
        try members.optional(
            "external_user_id",
            &externalUserID,
            Self.identifier,
            identifies: .externalUserID,
            doc: "The user's id in the tenant's own system, unique there."
        )
        try members.optional(
            "external_account_id",
            &externalAccountID,
            .text(1...1024),
            doc: "The user's id in the application's own system."
        )
        try members.optional(
            "secondary_emails",
            &secondaryEmails,
            .array(of: Self.identifier, maximumCount: 64),
            identifies: .email,
            doc: "Further e-mail addresses."
        )
        try members.optional(
            "secondary_phone_numbers",
            &secondaryPhoneNumbers,
            .array(of: Self.identifier, maximumCount: 64),
            identifies: .phoneNumber,
            doc: "Further phone numbers."
        )
        try members.optional("name", &name, doc: "The full name.")
        try members.optional("birthday", &birthday, .text(1...64), doc: "The birthday, as a date-time (RFC 3339).")
        try members.optional("address", &address, doc: "The address.")
        try members.optional(
            "language",
            &language,
            .text(1...256),
            doc: "The preferred language, as in `Accept-Language`."
        )
        try members.optional("picture", &picture, .text(1...2048), doc: "The URL of a picture.")
        try members.optional(
            "custom_data",
            &customData,
            Self.customObject,
            doc: "Custom data of the tenant. " + Self.customNote
        )
        try members.optional(
            "custom_app_data",
            &customAppData,
            Self.customObject,
            doc: "Custom data of the application. " + Self.customNote
        )
        try members.optional("delegated_access", &delegatedAccess, doc: "Who may act for a dependent user.")
    }
}

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

    /// All members blank.
    public init() {}

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

    /// The members.
    public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
        try members.optional("title", &title, .text(0...1024), doc: "The title.")
        try members.optional("first_name", &firstName, .text(0...1024), doc: "The first name.")
        try members.optional("middle_name", &middleName, .text(0...1024), doc: "The middle name.")
        try members.optional("last_name", &lastName, .text(0...1024), doc: "The last name.")
    }
}

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

    /// All members blank.
    public init() {}

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

    /// The members.
    public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
        try members.optional("country", &country, .text(0...1024), doc: "The country.")
        try members.optional("state", &state, .text(0...1024), doc: "The state or province.")
        try members.optional("city", &city, .text(0...1024), doc: "The city.")
        try members.optional("street_address", &streetAddress, .text(0...1024), doc: "Street and number.")
        try members.optional("postal_code", &postalCode, .text(0...1024), doc: "The postal code.")
        try members.optional("type", &type, .choice(["Home", "Work", "Other"]), doc: "What sort of address it is.")
    }
}

/// Who may act for a dependent user, and how far (reference, E27).
public struct DelegatedAccess: WireObject, Hashable {
    /// The user who may act.
    public var actorID = ""
    /// What that user may do.
    public var permissions: [String] = []

    /// All members blank.
    public init() {}

    /// Who may act, and how far.
    public init(actorID: String, permissions: [String]) {
        self.actorID = actorID
        self.permissions = permissions
    }

    /// The members.
    public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
        try members.required(
            "actor_id",
            &actorID,
            .text(1...256),
            identifies: .userID,
            doc: "Mosaic's id of the user who may act."
        )
        try members.required(
            "permissions",
            &permissions,
            .array(of: .text(1...256), maximumCount: 256),
            doc: "What that user may do, in Mosaic's names."
        )
    }
}
