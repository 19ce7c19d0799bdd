import Foundation
import GRDB

/// The common work of the look-ups E31–E36.
enum UserLookup {
    /// 200 with the user under `result`, or 404 in shape B.
    static func reply(_ user: AppUser?, app: AppRecord, now: Date) throws -> Reply {
        guard let user else { throw notFound }
        return Reply(200, ["result": try UserObject.json(user, app: app, now: now)])
    }

    /// Answers with the user that `find` finds in the app.
    static func reply(
        to call: EndpointCall,
        _ services: SandboxServices,
        find: @escaping @Sendable (Database, AppRecord) throws -> AppUser?
    ) async throws -> Reply {
        let app = try call.client.app
        let user = try await services.store.read { db in try find(db, app) }
        return try reply(user, app: app, now: services.clock.now)
    }

    /// 404 in shape B.
    static let notFound = APIError.message(404, "User not found")
}

extension Database {
    /// The application's user with that tenant-level external ID.
    func appUser(externalID: String, appID: String) throws -> AppUser? {
        guard externalID.isStorable else { return nil }
        let user = try UserRecord.filter(Column("externalUserID") == externalID).fetchOne(self)
        return try user.flatMap { try appUser(userID: $0.userID, appID: appID) }
    }

    /// All users of the application, oldest first, each read with as few statements as one.
    func appUsers(appID: String) throws -> [AppUser] {
        let memberships = try MembershipRecord.filter(Column("appID") == appID).fetchAll(self)
        let addresses = Dictionary(grouping: try AddressRecord.order(Column("id")).fetchAll(self), by: \.userID)
        let identities = Dictionary(grouping: try IdentityRecord.order(Column("rowid")).fetchAll(self), by: \.userID)
        let passwords = Dictionary(
            try PasswordRecord.fetchAll(self).map { ($0.userID, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let byID = Dictionary(memberships.map { ($0.userID, $0) }, uniquingKeysWith: { first, _ in first })
        return try UserRecord.order(Column("createdAt"), Column("rowid")).fetchAll(self).compactMap { user in
            byID[user.userID].map { membership in
                AppUser(
                    user: user,
                    membership: membership,
                    addresses: addresses[user.userID] ?? [],
                    identities: identities[user.userID] ?? [],
                    password: passwords[user.userID]
                )
            }
        }
    }
}
