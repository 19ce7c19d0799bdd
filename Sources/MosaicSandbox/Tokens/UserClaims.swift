/// Claims about a user that a caller can ask for (contract 3.10).
enum UserClaims {
    /// The claims named in `request` that the user has; others are left out, as OpenID Connect has it for voluntary claims.
    ///
    /// `{fields: [...]}` beside `custom_data` and `custom_app_data` picks members of them.
    static func requested(_ request: JSONValue?, of user: AppUser) -> [String: JSONValue] {
        var claims: [String: JSONValue] = [:]
        for (name, wanted) in request?.members ?? [:] {
            guard let value = value(name, of: user) else { continue }
            if let fields = wanted["fields"]?.elements?.compactMap(\.string), let members = value.members {
                claims[name] = .object(members.filter { fields.contains($0.key) })
            } else {
                claims[name] = value
            }
        }
        return claims
    }

    private static func value(_ name: String, of user: AppUser) -> JSONValue? {
        let email = user.primary(.email)
        let phone = user.primary(.phoneNumber)
        let fullName = user.user.profile["name"]
        switch name {
        case "username": return user.loginName.map(JSONValue.string)
        case "email": return email.map { .string($0.value) }
        case "email_verified": return email.map { .boolean($0.verifiedAt != nil) }
        case "phone_number": return phone.map { .string($0.value) }
        case "phone_number_verified": return phone.map { .boolean($0.verifiedAt != nil) }
        case "name": return fullName
        case "given_name": return fullName?["first_name"]
        case "family_name": return fullName?["last_name"]
        case "birthday", "birthdate": return user.user.profile["birthday"]
        case "external_user_id": return user.user.externalUserID.map(JSONValue.string)
        case "external_account_id": return user.membership.externalAccountID.map(JSONValue.string)
        case "custom_app_data": return user.membership.customAppData.map(JSONValue.object)
        case "roles", "groups": return []
        case "address", "language", "picture", "custom_data": return user.user.profile[name]
        default: return nil
        }
    }
}
