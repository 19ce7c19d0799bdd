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
