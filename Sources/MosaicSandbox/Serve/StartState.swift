import Foundation
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
