package import Secrets
package import StrictJSON

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
