public import StrictJSON

/// A user as Mosaic describes it, passed on as the same text.
///
/// The schema names the members of Mosaic's contract. Further ones that Mosaic adds are passed on too, so that a program
/// need not wait for the agent to learn of them; like all results, this one is to be read for the members one knows.
public struct UserObject: MethodResult, Hashable {
    /// The object.
    public let json: JSONText

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
        _ = try object.text("user_id")
        json = object.value.rawText
    }

    /// Writes the object as Mosaic wrote it.
    public func encode(to writer: inout JSONWriter) {
        writer.raw(json)
    }
}

/// The result of methods that answer one user: the user under `user`.
public struct UserResult: WireObject, MethodResult, Hashable {
    /// The user.
    public var user: UserObject
    /// What the answer leaves out of it.
    public var omitted: [String]

    /// A user.
    public init(user: UserObject, omitted: [String] = []) {
        self.user = user
        self.omitted = omitted
    }

    /// The schema of the members.
    public static let fields: [Field] = [
        .required("user", UserObject.schema, doc: "The user, as Mosaic describes it."), .omittedMembers(of: "user"),
    ]

    /// Takes the values of the members.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        user = try object.user("user")
        omitted = try object.optionalTexts("omitted") ?? []
    }

    /// Writes the members.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.key("user")
        user.encode(to: &writer)
        writer.omitted(omitted)
    }
}

extension ObjectReader {
    /// A user under a member.
    func user(_ key: String) throws(SchemaViolation) -> UserObject {
        guard let reader = try optionalReader(key) else { throw SchemaViolation(.missing, at: key) }
        do throws(SchemaViolation) {
            return try UserObject(reading: reader)
        } catch {
            throw error.inside(key)
        }
    }
}
