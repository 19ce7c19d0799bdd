package import Foundation
import GRDB
import Synchronization

/// What a sandbox began with, which a reset brings back: the settings of app and client as they were, and the seed users.
final class StartState: Sendable {
    private let app: AppRecord
    private let client: ClientRecord
    private let authentication: ClientAuthenticationRecord
    private let seeds = Mutex<[SeedUser]>([])

    /// Remembers the settings.
    init(app: AppRecord, client: ClientRecord, authentication: ClientAuthenticationRecord) {
        self.app = app
        self.client = client
        self.authentication = authentication
    }

    /// The users to begin with, in order.
    var users: [SeedUser] {
        get { seeds.withLock { $0 } }
        set { seeds.withLock { $0 = newValue } }
    }

    /// Takes everything back, in one step: of two seeds that name the same user the first counts.
    ///
    /// Client access tokens stay good, so that a program that holds one need not notice.
    ///
    /// - Parameter hashes: those of the seeds' passwords, in the order of `users`.
    func restore(_ users: [SeedUser], hashes: [String?], now: Date, in db: Database) throws {
        // With the users go their addresses, passwords, locks, sessions and codes.
        try UserRecord.deleteAll(db)
        try IssuedTokenRecord.filter(Column("kind") != IssuedTokenRecord.Kind.client.rawValue).deleteAll(db)
        for table in ["followLink", "outboxMessage", "usedAssertion"] {
            try db.execute(sql: "DELETE FROM \(table)")
        }
        try app.update(db)
        try client.update(db)
        try authentication.upsert(db)
        for (seed, hash) in zip(users, hashes) {
            do {
                try db.inSavepoint {
                    let userID = try UserDirectory.insert(seed.new, hash: hash, app: app, now: now, db)
                    try seed.verifyAddresses(of: userID, now: now, db)
                    return .commit
                }
            } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
                continue
            }
        }
    }
}

extension SandboxServices {
    /// Brings the sandbox back to how it began: clock, faults, settings, counts, and all that ``StartState`` knows of.
    ///
    /// - Returns: how many users it has then.
    func reset() async throws -> Int {
        let users = start.users
        var hashes: [String?] = []
        for user in users {
            if let password = user.new.credentials?.password {
                hashes.append(try await hasher.hash(password))
            } else {
                hashes.append(nil)
            }
        }
        clock.offset = 0
        _ = faults.clear()
        settings.wrongPasswordShape = .symbolic
        let now = clock.now
        let count = try await store.write { [start, hashes] db in
            try start.restore(users, hashes: hashes, now: now, in: db)
            return try UserRecord.fetchCount(db)
        }
        requests.clear()
        return count
    }
}

/// A user of a seed file: E27's body, plus `status`, `email_verified` and `phone_number_verified`.
package struct SeedUser: Sendable {
    let new: NewUser
    let isEmailVerified: Bool
    let isPhoneNumberVerified: Bool

    /// Reads one user; mistakes stay in `fields`.
    init(_ fields: inout RequestFields) {
        var new = NewUser(&fields)
        new.status = fields.oneOf("status", UserStatus.self)
        self.new = new
        isEmailVerified = fields.boolean("email_verified") ?? false
        isPhoneNumberVerified = fields.boolean("phone_number_verified") ?? false
    }

    /// Why a seed file was refused.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Reads a seed file: one user object or an array of them.
    ///
    /// - Parameter name: what to call the file in errors.
    /// - Throws: ``Failure`` that names the user by its place and every wrong member.
    package static func read(_ data: Data, name: String) throws(Failure) -> [SeedUser] {
        guard let value = try? JSONValue(text: data), let users = value.elements ?? (value.members.map { _ in [value] })
        else {
            throw Failure(description: "\(name): not a JSON object or array of objects")
        }
        var seeds: [SeedUser] = []
        for (index, user) in users.enumerated() {
            guard let members = user.members else {
                throw Failure(description: "\(name): user \(index + 1) is not a JSON object")
            }
            var fields = RequestFields(members)
            let seed = SeedUser(&fields)
            let problems = fields.problems + fields.unknown.map { "\($0) is not a member of a user" }
            guard problems.isEmpty else {
                throw Failure(description: "\(name): user \(index + 1): \(problems.joined(separator: "; "))")
            }
            seeds.append(seed)
        }
        return seeds
    }
}

extension SandboxServices {
    /// Adds a seed user; the password policy is not applied to it.
    func seed(_ seed: SeedUser) async throws -> AppUser {
        let app = try await store.read { [appID] db in try db.app(appID) }
        let user = try await users.create(seed.new, in: app, enforcePolicy: false)
        let now = clock.now
        try await store.write { db in try seed.verifyAddresses(of: user.user.userID, now: now, db) }
        return user
    }
}

extension SeedUser {
    /// Marks the primary addresses as verified that the seed says are.
    func verifyAddresses(of userID: String, now: Date, _ db: Database) throws {
        let kinds = [(isEmailVerified, AddressRecord.Kind.email), (isPhoneNumberVerified, .phoneNumber)]
        for (isVerified, kind) in kinds where isVerified {
            try db.execute(
                sql: "UPDATE address SET verifiedAt = ? WHERE userID = ? AND kind = ? AND isPrimary",
                arguments: [now, userID, kind.rawValue]
            )
        }
    }
}

extension Sandbox {
    /// Adds seed users in order, after a reset again; one that exists already (a database kept from an earlier run) is left as it is.
    ///
    /// - Returns: how many were new.
    package func seed(_ users: [SeedUser]) async throws -> Int {
        services.start.users += users
        var added = 0
        for user in users {
            do {
                _ = try await services.seed(user)
                added += 1
            } catch let error as APIError where error.status == 409 {
                continue
            } catch let error as APIError {
                let text = error.body["message"]?.elements?.compactMap(\.string).joined(separator: "; ")
                throw SeedUser.Failure(description: "a seed user was refused: \(text ?? "status \(error.status)")")
            }
        }
        return added
    }
}
