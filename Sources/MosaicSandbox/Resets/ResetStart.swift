import GRDB

/// What E6, E7, E8 and E10 have in common: a backend asks that a user be helped to a new password.
struct ResetStart: Sendable {
    /// How the user is named: `email`, `username` or `phone_number`.
    var type: UsernameType
    var value: String
    /// The token of a first factor.
    var previous: String?
    var ignoresMFA: Bool

    /// Reads the members; exactly one of `types` must be there.
    init(_ fields: inout RequestFields, _ types: [UsernameType]) {
        (type, value) = fields.loginName(types) ?? (.email, "")
        previous = fields.string("prev_reset_token")
        ignoresMFA = fields.boolean("ignore_mfa") ?? false
    }

    /// How E6–E12 word mistakes of form: shape D.
    static func invalid(_ problems: [String]) -> APIError {
        .symbolic(400, .systemInvalidInput, problems.joined(separator: "; "))
    }

    /// The user who is to be helped, and the address that proves them.
    ///
    /// A user without a password has none to reset and is not found. Of the refusals the contract knows "not found" and "not
    /// verified"; a disabled user is `user_not_active`, as on E20.
    func user(
        in app: AppRecord,
        by kind: AddressRecord.Kind,
        _ refusals: Refusals,
        _ db: Database
    ) throws -> (
        user: AppUser, address: AddressRecord
    ) {
        guard let user = try db.appUser(type, value, appID: app.appID), user.password != nil else {
            throw refusals.unknown
        }
        guard user.user.status != .disabled else { throw refusals.inactive }
        guard let address = user.primary(kind), address.verifiedAt != nil else { throw refusals.unverified }
        return (user, address)
    }

    /// The app's password settings.
    ///
    /// - Throws: 403 `auth_login_preferences_missing` when passwords are not configured.
    static func preferences(_ app: AppRecord) throws -> PasswordPreferences {
        guard let preferences = try app.passwordPreferences else {
            throw APIError.symbolic(403, .authLoginPreferencesMissing)
        }
        return preferences
    }

    /// The words of an endpoint for a user who cannot be helped.
    struct Refusals: Sendable {
        var unknown: APIError
        var inactive: APIError
        var unverified: APIError

        /// E6, E7, E8: shape B, as last documented.
        static let mail = Self(
            unknown: .message(404, "User not found"),
            inactive: .symbolic(403, .userNotActive),
            unverified: .message(403, "The email address is not verified")
        )
        /// E10.
        static let sms = Self(
            unknown: .symbolic(404, .userPhoneNumberMissing),
            inactive: .symbolic(403, .systemForbidden, "User is not active"),
            unverified: .symbolic(403, .systemForbidden, "The phone number is not verified")
        )
    }
}

extension RequestFields {
    /// Exactly one of the members `username`, `email`, `phone_number` that are allowed.
    mutating func loginName(_ types: [UsernameType], required: Bool = true) -> (UsernameType, String)? {
        let given = types.compactMap { type in string(type.rawValue, nonEmpty: true, allowsNUL: true).map { (type, $0) }
        }
        if let name = given.first, given.count == 1 { return name }
        let names = types.map(\.rawValue).joined(separator: ", ")
        if given.count > 1 { report("only one of \(names) may be given") }
        if given.isEmpty && required {
            report(types.count == 1 ? "\(names) is required" : "one of \(names) is required")
        }
        return nil
    }
}
