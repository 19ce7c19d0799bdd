import Foundation
import GRDB

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
