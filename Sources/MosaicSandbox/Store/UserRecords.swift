package import Foundation
package import GRDB

/// The states of a user.
package enum UserStatus: String, Sendable, Codable, CaseIterable {
    case active = "Active"
    case disabled = "Disabled"
    case pending = "Pending"
}

/// A user of the tenant.
package struct UserRecord: Sendable, Codable, FetchableRecord, PersistableRecord {
    package static let databaseTableName = "user"
    package var userID: String
    package var status: UserStatus
    package var statusChangedAt: Date
    package var createdAt: Date
    package var updatedAt: Date
    package var lastAuth: Date?
    package var externalUserID: String?
    /// Profile members under their names in the API (`name`, `address`, `birthday`, `custom_data`, …).
    package var profile: [String: JSONValue]
}

/// An email address or phone number of a user.
package struct AddressRecord: Sendable, Codable, FetchableRecord, MutablePersistableRecord {
    package static let databaseTableName = "address"

    package enum Kind: String, Sendable, Codable {
        case email
        case phoneNumber = "phone_number"
    }

    package var id: Int64?
    package var userID: String
    package var kind: Kind
    /// As it was given.
    package var value: String
    /// As it is looked up.
    package var key: String
    package var isPrimary: Bool
    package var verifiedAt: Date?

    package init(userID: String, kind: Kind, value: String, isPrimary: Bool) {
        self.userID = userID
        self.kind = kind
        self.value = value
        self.key = Self.key(kind, value)
        self.isPrimary = isPrimary
    }

    /// The form under which an address of that kind is looked up.
    package static func key(_ kind: Kind, _ value: String) -> String {
        switch kind {
        case .email: Identifiers.emailKey(value)
        case .phoneNumber: value
        }
    }

    package mutating func didInsert(_ inserted: InsertionSuccess) { id = inserted.rowID }
}

/// A user's place in one application.
package struct MembershipRecord: Sendable, Codable, FetchableRecord, PersistableRecord {
    package static let databaseTableName = "membership"
    package var appID: String
    package var userID: String
    /// Unique within the application.
    package var username: String?
    package var externalAccountID: String?
    package var customAppData: [String: JSONValue]?
}

/// A user's present password.
package struct PasswordRecord: Sendable, Codable, FetchableRecord, PersistableRecord {
    package static let databaseTableName = "password"
    package var userID: String
    package var hash: String
    package var isTemporary: Bool
    /// False for a deactivated authenticator.
    package var isActive: Bool
    package var updatedAt: Date
}

/// A password that a user had before.
struct PasswordHistoryRecord: Sendable, Codable, FetchableRecord, MutablePersistableRecord {
    static let databaseTableName = "passwordHistory"
    var id: Int64?
    var userID: String
    var hash: String
    var replacedAt: Date

    mutating func didInsert(_ inserted: InsertionSuccess) { id = inserted.rowID }
}

/// A user's failure count and lock.
struct PasswordLockoutRecord: Sendable, Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "passwordLockout"
    var userID: String
    var state: PasswordLockout
}

/// A method that a user has authenticated with: an element of the user object's `identities`.
struct IdentityRecord: Sendable, Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "identity"
    var userID: String
    /// The contract's `auth_type`.
    var authType: String
    var firstAuthAt: Date
    var lastAuthAt: Date

    /// The `auth_type` of passwords.
    static let password = "password"
}

extension SandboxSchema {
    static func createIdentities(_ db: Database) throws {
        try db.create(table: "identity") { table in
            table.column("userID", .text).notNull().references("user", onDelete: .cascade)
            table.column("authType", .text).notNull()
            table.column("firstAuthAt", .datetime).notNull()
            table.column("lastAuthAt", .datetime).notNull()
            table.primaryKey(["userID", "authType"])
        }
    }
}

extension Database {
    /// Notes that the user authenticated: a pending user becomes active.
    ///
    /// - Parameter authType: the method, as ``IdentityRecord/authType`` has it; nil where it was noted before.
    func recordAuthentication(of user: AppUser, by authType: String?, now: Date) throws -> AppUser {
        var user = user
        user.user.lastAuth = now
        if user.user.status == .pending {
            user.user.status = .active
            user.user.statusChangedAt = now
        }
        try user.user.update(self)
        guard let authType else { return user }
        let known = user.identities.firstIndex { $0.authType == authType }
        let identity = IdentityRecord(
            userID: user.user.userID,
            authType: authType,
            firstAuthAt: known.map { user.identities[$0].firstAuthAt } ?? now,
            lastAuthAt: now
        )
        try identity.upsert(self)
        if let known { user.identities[known] = identity } else { user.identities.append(identity) }
        return user
    }
}

extension AppUser {
    /// The `identities` of the user object (contract section 9).
    ///
    /// A password is linked when it is set; until it is first used, its dates are those of its setting.
    var identityList: [JSONValue] {
        var list = identities
        if let password, !list.contains(where: { $0.authType == IdentityRecord.password }) {
            let set = IdentityRecord(
                userID: user.userID,
                authType: IdentityRecord.password,
                firstAuthAt: password.updatedAt,
                lastAuthAt: password.updatedAt
            )
            list.insert(set, at: 0)
        }
        return list.map { identity in
            var object: [String: JSONValue] = [
                "provider_name": "Transmit Security", "provider_type": "Native",
                "auth_type": .string(identity.authType), "identifier": .string(user.userID),
                "first_auth_date": .string(identity.firstAuthAt.mosaicDateTime),
                "last_auth_date": .string(identity.lastAuthAt.mosaicDateTime),
            ]
            object.set("user_alias", alias(identity.authType))
            return .object(object)
        }
    }

    /// What the user is known by to a method; a direct code says nothing of it.
    private func alias(_ authType: String) -> JSONValue? {
        func named(_ type: String, _ value: String?) -> JSONValue? {
            value.map { ["type": .string(type), "value": .string($0)] as JSONValue }
        }
        return switch authType {
        case IdentityRecord.password:
            named("username", membership.username) ?? named("email", primary(.email)?.value)
        case OneTimeMethod.emailCode.rawValue, OneTimeMethod.emailLink.rawValue:
            named("email", primary(.email)?.value)
        case OneTimeMethod.smsCode.rawValue: named("phone_number", primary(.phoneNumber)?.value)
        default: nil
        }
    }
}
