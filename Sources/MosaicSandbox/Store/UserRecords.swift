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
