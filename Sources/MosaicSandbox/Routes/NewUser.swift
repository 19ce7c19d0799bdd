import Foundation

/// What E27 and seed files say about a new user, and E38 about an existing one.
package struct NewUser: Sendable {
    /// The first password.
    struct Credentials: Sendable {
        var password: String
        var forceReplace: Bool
    }

    var email: String?
    var phoneNumber: String?
    var username: String?
    var credentials: Credentials?
    /// Nil when not given; only E38 tells that from an empty list.
    var secondaryEmails: [String]?
    var secondaryPhoneNumbers: [String]?
    var externalUserID: String?
    var externalAccountID: String?
    var customAppData: [String: JSONValue]?
    /// The remaining members under their own names.
    var profile: [String: JSONValue] = [:]
    /// Seed files and E38 only: the state to be in.
    var status: UserStatus?

    /// Reads the members of E27's body.
    init(_ fields: inout RequestFields) {
        self.init(commonTo: &fields)
        if var nested = fields.object("credentials") {
            let password = nested.string("password", required: true, nonEmpty: true, allowsNUL: true)
            let forceReplace = nested.boolean("force_replace") ?? true
            credentials = password.map { Credentials(password: $0, forceReplace: forceReplace) }
            fields.absorb(nested)
        }
        if email == nil && phoneNumber == nil && username == nil && externalUserID == nil {
            fields.report("at least one of email, phone_number, username is required")
        }
    }

    /// Reads the members of E38's body: no credentials, a status, and no identifier is needed.
    init(update fields: inout RequestFields) {
        self.init(commonTo: &fields)
        status = fields.oneOf("status", UserStatus.self)
    }

    private init(commonTo fields: inout RequestFields) {
        email = fields.string("email", nonEmpty: true)
        phoneNumber = fields.string("phone_number", nonEmpty: true)
        username = fields.string("username", nonEmpty: true)
        secondaryEmails = fields.strings("secondary_emails")
        secondaryPhoneNumbers = fields.strings("secondary_phone_numbers")
        externalUserID = fields.string("external_user_id", nonEmpty: true)
        externalAccountID = fields.string("external_account_id", nonEmpty: true)
        customAppData = Self.customData("custom_app_data", &fields)
        readProfile(&fields)
        check(&fields)
    }

    private mutating func readProfile(_ fields: inout RequestFields) {
        let forms: [(name: String, check: (String) -> Bool, must: String)] = [
            // The vendor's schema has a date-time whose description is a day.
            ("birthday", { Formats.isDateTime($0) || Formats.isDate($0) }, "a valid ISO 8601 date string"),
            ("language", Formats.isLanguageList, "in the form of Accept-Language"),
            ("picture", Formats.isWebURL, "a URL address"),
        ]
        for (name, check, must) in forms {
            let text = fields.string(name)
            if let text, !check(text) { fields.report("\(name) must be \(must)") }
            profile.set(name, text)
        }
        readObject("name", ["title", "first_name", "middle_name", "last_name"], &fields)
        readObject("address", ["country", "state", "city", "street_address", "postal_code", "type"], &fields)
        profile.set("custom_data", Self.customData("custom_data", &fields).map(JSONValue.object))
        if var access = fields.object("delegated_access") {
            let actor = access.string("actor_id", required: true, nonEmpty: true)
            let permissions = access.strings("permissions")
            if permissions == nil && !access.has("permissions") {
                fields.report("delegated_access.permissions is required and must be an array of strings")
            }
            fields.absorb(access)
            profile["delegated_access"] = [
                "actor_id": .string(actor ?? ""), "permissions": .array((permissions ?? []).map(JSONValue.string)),
            ]
        }
        if let type = profile["address"]?["type"]?.string, !["Home", "Work", "Other"].contains(type) {
            fields.report("address.type must be one of the following values: Home, Work, Other")
        }
    }

    /// Bytes of JSON text that a user may have of each kind of custom data.
    static let maximumCustomData = 512_000

    private static func customData(_ name: String, _ fields: inout RequestFields) -> [String: JSONValue]? {
        guard let data = fields.freeObject(name) else { return nil }
        if JSONValue.object(data).text.count > maximumCustomData {
            fields.report("\(name) must not be larger than 500 KB")
        }
        return data
    }

    private mutating func readObject(_ name: String, _ members: [String], _ fields: inout RequestFields) {
        guard var nested = fields.object(name) else { return }
        var values: [String: JSONValue] = [:]
        for member in members { values.set(member, nested.string(member)) }
        fields.absorb(nested)
        profile[name] = .object(values)
    }

    private func check(_ fields: inout RequestFields) {
        if let email, !Identifiers.isEmail(email) { fields.report("email must be an email") }
        if let phoneNumber, !Identifiers.isPhoneNumber(phoneNumber) {
            fields.report("phone_number must be a valid E.164 phone number")
        }
        for email in secondaryEmails ?? [] where !Identifiers.isEmail(email) {
            fields.report("each value in secondary_emails must be an email")
        }
        for number in secondaryPhoneNumbers ?? [] where !Identifiers.isPhoneNumber(number) {
            fields.report("each value in secondary_phone_numbers must be a valid E.164 phone number")
        }
    }
}

/// The user object of Mosaic's answers (contract section 9, `ApiUser`).
enum UserObject {
    /// The user as the application sees it at that time.
    static func json(_ user: AppUser, app: AppRecord, now: Date) throws -> JSONValue {
        let record = user.user
        var object = record.profile
        object["user_id"] = .string(record.userID)
        object["status"] = .string(record.status.rawValue)
        object["status_changed_at"] = .string(record.statusChangedAt.mosaicDateTime)
        object["created_at"] = .integer(record.createdAt.epochMilliseconds)
        object["updated_at"] = .integer(record.updatedAt.epochMilliseconds)
        object["app_name"] = .string(app.name)
        object["groupIds"] = []
        object["identities"] = .array(user.identityList)
        object["secondary_emails"] = .array(secondary(user, .email))
        object["secondary_phone_numbers"] = .array(secondary(user, .phoneNumber))
        object.set("last_auth", record.lastAuth?.mosaicDateTime)
        object.set("email", user.primary(.email).map(address))
        object.set("phone_number", user.primary(.phoneNumber).map(address))
        object.set("external_user_id", record.externalUserID)
        object.set("external_account_id", user.membership.externalAccountID)
        object.set("custom_app_data", user.membership.customAppData.map(JSONValue.object))
        if let password = user.password {
            object.set("username", user.loginName)
            object["password_information"] = try information(password, app: app, now: now)
        }
        return .object(object)
    }

    private static func information(_ password: PasswordRecord, app: AppRecord, now: Date) throws -> JSONValue {
        var information: [String: JSONValue] = [
            "expired": false, "temporary": .boolean(password.isTemporary),
            "updated_at": .integer(password.updatedAt.epochMilliseconds),
        ]
        if let preferences = try app.passwordPreferences {
            let expiry = PasswordState.expiry(
                isTemporary: password.isTemporary,
                updatedAt: password.updatedAt,
                preferences
            )
            information.set("expires_in", expiry?.mosaicDateTime)
            information["expired"] = .boolean(expiry.map { now >= $0 } ?? false)
        }
        return .object(information)
    }

    private static func secondary(_ user: AppUser, _ kind: AddressRecord.Kind) -> [JSONValue] {
        user.addresses.filter { $0.kind == kind && !$0.isPrimary }.map(address)
    }

    private static func address(_ address: AddressRecord) -> JSONValue {
        var object: [String: JSONValue] = ["value": .string(address.value)]
        object[address.kind == .email ? "email_verified" : "phone_number_verified"] = .boolean(
            address.verifiedAt != nil
        )
        object.set("verified_at", address.verifiedAt?.mosaicDateTime)
        return .object(object)
    }
}
