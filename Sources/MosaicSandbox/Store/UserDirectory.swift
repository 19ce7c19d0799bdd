import Foundation
import GRDB

/// Creates users and finds them (contract section 9).
struct UserDirectory: Sendable {
    let store: SandboxStore
    let hasher: PasswordHasher
    let clock: SandboxClock

    /// Creates the user, or attaches one that the tenant has to the app.
    ///
    /// An attached user is left as it is: nothing of `new` is kept, its password least of all (contract E27).
    ///
    /// - Parameter enforcePolicy: whether a weak password is refused; seed files may hold any.
    /// - Throws: 409 in shape E when an identifier is taken in the app, 400 in shape A for a password that may not be set.
    func create(_ new: NewUser, in app: AppRecord, enforcePolicy: Bool = true) async throws -> AppUser {
        let existing = try await store.read { db in try Self.existing(new, in: app, db) }
        let isNew = existing == nil
        var hash: String?
        if isNew, let credentials = new.credentials {
            guard let preferences = try app.passwordPreferences else {
                throw APIError.messages(400, [SymbolicCode.authPasswordPolicyDisabled.meaning])
            }
            let violations = enforcePolicy ? PasswordPolicy(preferences).violations(of: credentials.password) : []
            guard violations.isEmpty else { throw APIError.messages(400, violations.map(\.message)) }
            hash = try await hasher.hash(credentials.password)
        }
        let now = clock.now
        return try await store.write { [hash] db in
            if let userID = try Self.existing(new, in: app, db) {
                try MembershipRecord(appID: app.appID, userID: userID).insert(db)
                return try Self.require(userID, app, db)
            }
            return try Self.require(try Self.insert(new, hash: hash, app: app, now: now, db), app, db)
        }
    }

    /// The tenant's user that these identifiers name and that the app does not have yet; nil when there is none.
    private static func existing(_ new: NewUser, in app: AppRecord, _ db: Database) throws -> String? {
        if let username = new.username, try db.appUser(username: username, appID: app.appID) != nil {
            throw APIError.conflict("The username is already taken", code: "username_already_exists")
        }
        var candidates: Set<String> = []
        if let email = new.email, let userID = try db.userID(primary: .email, email) { candidates.insert(userID) }
        if let phone = new.phoneNumber, let userID = try db.userID(primary: .phoneNumber, phone) {
            candidates.insert(userID)
        }
        if let external = new.externalUserID {
            let user = try UserRecord.filter(Column("externalUserID") == external).fetchOne(db)
            if let user { candidates.insert(user.userID) }
        }
        guard let userID = candidates.first else { return nil }
        guard candidates.count == 1, try db.appUser(userID: userID, appID: app.appID) == nil else {
            throw APIError.conflict("A user with this identifier already exists", code: "user_already_exists")
        }
        return userID
    }

    /// Adds a user that the tenant does not have; returns its ID.
    ///
    /// - Parameter hash: that of the first password, if there is one.
    static func insert(_ new: NewUser, hash: String?, app: AppRecord, now: Date, _ db: Database) throws -> String {
        let userID = RandomText.identifier(length: 22)
        try UserRecord(
            userID: userID,
            status: new.status ?? .pending,
            statusChangedAt: now,
            createdAt: now,
            updatedAt: now,
            externalUserID: new.externalUserID,
            profile: new.profile
        ).insert(db)
        let addresses = AddressRecord.records(of: new, userID: userID)
        for address in addresses {
            var address = address
            try address.insert(db)
        }
        try MembershipRecord(
            appID: app.appID,
            userID: userID,
            username: new.username,
            externalAccountID: new.externalAccountID,
            customAppData: new.customAppData
        ).insert(db)
        if let hash, let credentials = new.credentials {
            try db.setPassword(userID: userID, hash: hash, isTemporary: credentials.forceReplace, now: now)
        }
        return userID
    }

    private static func require(_ userID: String, _ app: AppRecord, _ db: Database) throws -> AppUser {
        guard let user = try db.appUser(userID: userID, appID: app.appID) else {
            throw APIError.message(500, "Internal server error")
        }
        return user
    }
}

extension AddressRecord {
    /// The addresses that the body gives, primary ones first.
    static func records(of new: NewUser, userID: String) -> [AddressRecord] {
        [new.email.map { AddressRecord(userID: userID, kind: .email, value: $0, isPrimary: true) }].compactMap { $0 }
            + [new.phoneNumber.map { AddressRecord(userID: userID, kind: .phoneNumber, value: $0, isPrimary: true) }]
            .compactMap { $0 }
            + (new.secondaryEmails ?? []).map {
                AddressRecord(userID: userID, kind: .email, value: $0, isPrimary: false)
            }
            + (new.secondaryPhoneNumbers ?? []).map {
                AddressRecord(userID: userID, kind: .phoneNumber, value: $0, isPrimary: false)
            }
    }
}
