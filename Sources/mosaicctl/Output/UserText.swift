import AgentProtocol
import StrictJSON

/// A user in the form for people.
enum UserText {
    /// What there is to say of a user, one line each.
    static func lines(_ user: UserObject) -> FieldList {
        var list = FieldList()
        list.add("user id", user["user_id"]?.string)
        list.add("status", user["status"]?.string)
        list.add("user name", user["username"]?.string)
        list.add("e-mail", address(user["email"], verified: "email_verified"))
        list.add("phone number", address(user["phone_number"], verified: "phone_number_verified"))
        for email in user["secondary_emails"]?.elements.map(Array.init) ?? [] {
            list.add("further e-mail", address(email, verified: "email_verified"))
        }
        for number in user["secondary_phone_numbers"]?.elements.map(Array.init) ?? [] {
            list.add("further number", address(number, verified: "phone_number_verified"))
        }
        list.add("name", name(user["name"]))
        list.add("password", password(user["password_information"]))
        list.add("last login", user["last_auth"]?.string)
        list.add("external user id", user["external_user_id"]?.string)
        list.add("external account id", user["external_account_id"]?.string)
        list.add("birthday", user["birthday"]?.string)
        list.add("language", user["language"]?.string)
        list.add("picture", user["picture"]?.string)
        for (title, member) in [
            ("address", "address"), ("custom data", "custom_data"), ("custom app data", "custom_app_data"),
        ] {
            guard let value = user[member], value.kind == .object, value.count != 0 else { continue }
            list.add(title, value.rawText.description)
        }
        return list
    }

    /// An address and whether it is known to be the user's.
    static func address(_ value: JSONValue?, verified: String) -> String? {
        guard let address = value?["value"]?.string else { return nil }
        guard let isVerified = value?[verified]?.boolean else { return address }
        return address + (isVerified ? " (verified)" : " (not verified)")
    }

    /// The parts of a name in their usual order.
    static func name(_ value: JSONValue?) -> String? {
        let parts = ["title", "first_name", "middle_name", "last_name"].compactMap { value?[$0]?.string }
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }

    private static func password(_ value: JSONValue?) -> String? {
        guard let value, value.kind == .object else { return "none" }
        var words: [String] = []
        if value["expired"]?.boolean == true { words.append("expired") }
        if value["temporary"]?.boolean == true { words.append("temporary") }
        if words.isEmpty { words.append("set") }
        if let expiry = value["expires_in"]?.string { words.append("until \(expiry)") }
        return words.joined(separator: ", ")
    }
}
