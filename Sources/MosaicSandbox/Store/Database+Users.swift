import Foundation
import GRDB

/// How a user can be named at login.
enum UsernameType: String, Sendable, CaseIterable {
    case username
    case email
    case phoneNumber = "phone_number"
}

/// A user as one application sees it.
struct AppUser: Sendable {
    var user: UserRecord
    var membership: MembershipRecord
    var addresses: [AddressRecord]
    /// The methods the user has authenticated with, the first one first.
    var identities: [IdentityRecord]
    var password: PasswordRecord?

    /// The primary address of that kind.
    func primary(_ kind: AddressRecord.Kind) -> AddressRecord? {
        addresses.first { $0.kind == kind && $0.isPrimary }
    }

    /// The name the user logs in with: the username, else the verified primary email.
    var loginName: String? {
        membership.username ?? primary(.email).flatMap { $0.verifiedAt == nil ? nil : $0.value }
    }
}

extension Database {
    /// The user with that ID, if it belongs to the application.
    func appUser(userID: String, appID: String) throws -> AppUser? {
        guard userID.isStorable, let user = try UserRecord.fetchOne(self, key: userID),
            let membership = try MembershipRecord.fetchOne(self, key: ["appID": appID, "userID": userID])
        else { return nil }
        return AppUser(
            user: user,
            membership: membership,
            addresses: try AddressRecord.filter(Column("userID") == userID).order(Column("id")).fetchAll(self),
            identities: try IdentityRecord.filter(Column("userID") == userID).order(Column("rowid")).fetchAll(self),
            password: try PasswordRecord.fetchOne(self, key: userID)
        )
    }

    /// The application's user with that username; bytes are compared, so letter case counts.
    func appUser(username: String, appID: String) throws -> AppUser? {
        guard username.isStorable else { return nil }
        let membership = try MembershipRecord.filter(Column("appID") == appID && Column("username") == username)
            .fetchOne(self)
        return try membership.flatMap { try appUser(userID: $0.userID, appID: appID) }
    }

    /// The tenant's user whose primary address this is.
    func userID(primary kind: AddressRecord.Kind, _ value: String) throws -> String? {
        guard value.isStorable else { return nil }
        return
            try AddressRecord
            .filter(
                Column("kind") == kind.rawValue && Column("key") == AddressRecord.key(kind, value)
                    && Column("isPrimary")
            )
            .fetchOne(self)?.userID
    }

    /// The application's user that a login names.
    func appUser(_ type: UsernameType, _ value: String, appID: String) throws -> AppUser? {
        switch type {
        case .username: try appUser(username: value, appID: appID)
        case .email: try userID(primary: .email, value).flatMap { try appUser(userID: $0, appID: appID) }
        case .phoneNumber: try userID(primary: .phoneNumber, value).flatMap { try appUser(userID: $0, appID: appID) }
        }
    }

    /// Whether the tenant has the user that a reference names, in the app or not. Usernames are an app's own.
    func isTenantUser(_ reference: UserReference) throws -> Bool {
        switch reference.type {
        case "user_id": try reference.value.isStorable && UserRecord.exists(self, key: reference.value)
        case "email": try userID(primary: .email, reference.value) != nil
        case "phone_number": try userID(primary: .phoneNumber, reference.value) != nil
        default: false
        }
    }

    /// The user's failure count and lock; none when nothing was recorded.
    func passwordLockout(userID: String) throws -> PasswordLockout {
        try PasswordLockoutRecord.fetchOne(self, key: userID)?.state ?? PasswordLockout()
    }

    /// Keeps the user's failure count and lock.
    func setPasswordLockout(_ state: PasswordLockout, userID: String) throws {
        try PasswordLockoutRecord(userID: userID, state: state).upsert(self)
    }

    /// Gives the user a password, moving a present one into the history.
    func setPassword(userID: String, hash: String, isTemporary: Bool, now: Date) throws {
        if let old = try PasswordRecord.fetchOne(self, key: userID) {
            var entry = PasswordHistoryRecord(id: nil, userID: userID, hash: old.hash, replacedAt: now)
            try entry.insert(self)
        }
        try PasswordRecord(userID: userID, hash: hash, isTemporary: isTemporary, isActive: true, updatedAt: now).upsert(
            self
        )
        try execute(sql: "UPDATE user SET updatedAt = ? WHERE userID = ?", arguments: [now, userID])
    }

    /// The hashes of the user's newest passwords, the present one first.
    func recentPasswordHashes(userID: String, limit: Int) throws -> [String] {
        guard limit > 0 else { return [] }
        let present = try PasswordRecord.fetchOne(self, key: userID).map { [$0.hash] } ?? []
        let former = try PasswordHistoryRecord.filter(Column("userID") == userID).order(Column("id").desc)
            .limit(limit).fetchAll(self).map(\.hash)
        return Array((present + former).prefix(limit))
    }

    /// The application; its absence is a broken database.
    func app(_ appID: String) throws -> AppRecord {
        try AppRecord.find(self, key: appID)
    }
}
