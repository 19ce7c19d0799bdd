import Foundation

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
