import Foundation
import GRDB

extension UserDirectory {
    /// Merges what E38 gives into the user; members that are absent stay as they are.
    ///
    /// Objects and arrays replace what was there, `custom_data` is merged member by member. A new primary address is not verified;
    /// the same one keeps its state.
    ///
    /// - Throws: 404 in shape B for an unknown user, 400 in shape A for an identifier that someone else has.
    func update(_ userID: String, with change: NewUser, in app: AppRecord) async throws -> AppUser {
        let now = clock.now
        return try await store.write { db in
            guard var user = try db.appUser(userID: userID, appID: app.appID) else { throw UserLookup.notFound }
            try Self.checkIdentifiers(of: change, userID: userID, app: app, db)
            Self.merge(change, into: &user, now: now)
            if let data = user.user.profile["custom_data"], data.text.count > NewUser.maximumCustomData {
                throw APIError.messages(400, ["custom_data must not be larger than 500 KB"])
            }
            try user.user.update(db)
            try user.membership.update(db)
            try Self.replaceAddresses(of: user, with: change, db)
            guard let updated = try db.appUser(userID: userID, appID: app.appID) else { throw UserLookup.notFound }
            return updated
        }
    }

    private static func checkIdentifiers(of change: NewUser, userID: String, app: AppRecord, _ db: Database) throws {
        var taken: [String] = []
        func check(_ name: String, _ holder: String?) {
            if let holder, holder != userID { taken.append("\(name) is already taken") }
        }
        if let email = change.email { check("email", try db.userID(primary: .email, email)) }
        if let phone = change.phoneNumber { check("phone_number", try db.userID(primary: .phoneNumber, phone)) }
        if let username = change.username {
            check("username", try db.appUser(username: username, appID: app.appID)?.user.userID)
        }
        if let external = change.externalUserID {
            check(
                "external_user_id",
                try UserRecord.filter(Column("externalUserID") == external).fetchOne(db)?.userID
            )
        }
        guard taken.isEmpty else { throw APIError.messages(400, taken) }
    }

    private static func merge(_ change: NewUser, into user: inout AppUser, now: Date) {
        for (name, value) in change.profile {
            if name == "custom_data", let old = user.user.profile[name]?.members, let new = value.members {
                user.user.profile[name] = .object(old.merging(new) { $1 })
            } else {
                user.user.profile[name] = value
            }
        }
        if let external = change.externalUserID { user.user.externalUserID = external }
        if let status = change.status, status != user.user.status {
            user.user.status = status
            user.user.statusChangedAt = now
        }
        user.user.updatedAt = now
        if let username = change.username { user.membership.username = username }
        if let account = change.externalAccountID { user.membership.externalAccountID = account }
        if let data = change.customAppData { user.membership.customAppData = data }
    }

    private static func replaceAddresses(of user: AppUser, with change: NewUser, _ db: Database) throws {
        let userID = user.user.userID
        let given: [(AddressRecord.Kind, Bool, Bool)] = [
            (.email, true, change.email != nil), (.phoneNumber, true, change.phoneNumber != nil),
            (.email, false, change.secondaryEmails != nil), (.phoneNumber, false, change.secondaryPhoneNumbers != nil),
        ]
        for (kind, isPrimary, isGiven) in given where isGiven {
            try AddressRecord
                .filter(
                    Column("userID") == userID && Column("kind") == kind.rawValue && Column("isPrimary") == isPrimary
                )
                .deleteAll(db)
        }
        for address in AddressRecord.records(of: change, userID: userID) {
            var address = address
            let old = user.addresses.first { $0.kind == address.kind && $0.key == address.key }
            address.verifiedAt = old?.verifiedAt
            try address.insert(db)
        }
    }
}
