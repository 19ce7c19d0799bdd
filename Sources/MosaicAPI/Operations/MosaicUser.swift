package import Secrets
package import StrictJSON

/// A user as Mosaic describes it (reference section 9, `ApiUser`).
package struct MosaicUser: Sendable {
    /// What is known of the user's password.
    struct Password: Sendable {
        /// Whether it must be replaced at the next login.
        let isTemporary: Bool
        /// When it was set, in milliseconds since 1970.
        let updatedAt: Int64?
    }

    /// The object as Mosaic wrote it, members of later versions included.
    package let object: ForwardedObject
    /// `user_id`.
    package let userID: String

    /// What is known of the user's password; `nil` when there is none.
    let password: Password?
    /// When the user was made, in milliseconds since 1970.
    let createdAt: Int64?

    /// Reads a user object.
    ///
    /// - Returns: `nil` when it lacks `user_id`, without which it is none.
    init?(_ value: JSONValue) {
        guard let userID = value["user_id"]?.string, !userID.isEmpty, let object = ForwardedObject(value) else {
            return nil
        }
        self.object = object
        self.userID = userID
        createdAt = value["created_at"].flatMap(Self.milliseconds)
        password = value["password_information"].flatMap { information in
            information["temporary"]?.boolean.map { isTemporary in
                Password(
                    isTemporary: isTemporary,
                    updatedAt: information["updated_at"].flatMap(Self.milliseconds)
                )
            }
        }
    }

    /// What the answer of E27, E31–E36 and E38 must have.
    static let requiredMembers = [RequiredMember("result.user_id", .text)]

    /// Reads the answer of E27, E31–E36 and E38: the user under `result`.
    init?(parsing body: [UInt8]) {
        // `{"result":{…}}` becomes `{"result":{"user":{…}}}`.
        guard let result = UpstreamJSON.root(of: body, deeper: 1)?["result"] else { return nil }
        self.init(result)
    }

    /// A time as a number. Only that of a password is documented as milliseconds; a number too small for that, which
    /// would be in the first months of 1970, is taken for seconds.
    private static func milliseconds(_ value: JSONValue) -> Int64? {
        guard let number = value.number, number.magnitude < 1e15 else { return nil }
        return Int64(number.magnitude < 1e10 ? number * 1000 : number)
    }
}

/// What E27 and E38 say about a user. Fields that are `nil` are left out of the request.
///
/// Objects are given in Mosaic's own form and forwarded as they were written.
package struct MosaicUserProfile: Sendable {
    /// The primary email address; a secret like the other identifiers, since it names a person.
    package var email: Secret?
    /// The primary phone number, E.164.
    package var phoneNumber: Secret?
    /// The login name, unique in the application.
    package var username: Secret?
    /// Further email addresses.
    package var secondaryEmails: [String]?
    /// Further phone numbers, E.164.
    package var secondaryPhoneNumbers: [String]?
    /// `title`, `first_name`, `middle_name`, `last_name`.
    package var name: JSONText?
    /// The birthday as a date-time.
    package var birthday: String?
    /// `country`, `state`, `city`, `street_address`, `postal_code`, `type`.
    package var address: JSONText?
    /// The preferred language, in the style of `Accept-Language`.
    package var language: String?
    /// The URL of a picture.
    package var picture: String?
    /// The user's id in the tenant's own system.
    package var externalUserID: Secret?
    /// The user's id in the application's own system.
    package var externalAccountID: String?
    /// Custom data of the tenant.
    package var customData: JSONText?
    /// Custom data of the application.
    package var customAppData: JSONText?
    /// `actor_id` and `permissions`, for a dependent user.
    package var delegatedAccess: JSONText?

    /// A profile without any field.
    package init() {}

    /// Writes the members that are given, under Mosaic's names.
    func encodeMembers(to writer: inout JSONWriter) {
        writer.field("email", email)
        writer.field("phone_number", phoneNumber)
        writer.field("username", username)
        writer.field("secondary_emails", secondaryEmails)
        writer.field("secondary_phone_numbers", secondaryPhoneNumbers)
        writer.field("name", name)
        writer.field("birthday", birthday)
        writer.field("address", address)
        writer.field("language", language)
        writer.field("picture", picture)
        writer.field("external_user_id", externalUserID)
        writer.field("external_account_id", externalAccountID)
        writer.field("custom_data", customData)
        writer.field("custom_app_data", customAppData)
        writer.field("delegated_access", delegatedAccess)
    }

    /// A bound for the size of the members as JSON.
    var capacity: Int {
        let secrets = [email, phoneNumber, username, externalUserID].compactMap { $0?.count }
        let objects = [name, address, customData, customAppData, delegatedAccess].compactMap { $0?.bytes.count }
        return 2048 + 2 * secrets.reduce(0, +) + objects.reduce(0, +)
    }
}
