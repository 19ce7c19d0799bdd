import Foundation
import GRDB

extension SessionStore {
    /// The living session of that ID after it was extended by a lifetime, and its user.
    ///
    /// - Returns: nil when it is unknown or over, or its user is not in the app any more.
    func extended(
        _ sessionID: String,
        app: AppRecord,
        client: ClientRecord
    ) async throws -> (session: SessionRecord, user: AppUser)? {
        let now = clock.now
        let end = now.addingTimeInterval(Double(client.sessionLifetime))
        return try await store.write { db in
            guard var session = try db.livingSession(sessionID, now: now), session.isBackend,
                let user = try db.appUser(userID: session.userID, appID: app.appID)
            else { return nil }
            // A disabled user's session is left to run out.
            if user.user.status != .disabled {
                session.expiresAt = max(session.expiresAt, end)
                try session.update(db)
            }
            return (session, user)
        }
    }

    /// Ends the session and revokes its refresh tokens; access tokens go on until their end (contract E24).
    ///
    /// - Parameter isBackend: false also ends a session that was begun in the browser, which no backend endpoint knows.
    /// - Returns: whether there was a living session.
    func end(_ sessionID: String, isBackend: Bool = true) async throws -> Bool {
        let now = clock.now
        return try await store.write { db in
            guard let session = try db.livingSession(sessionID, now: now), session.isBackend || !isBackend else {
                return false
            }
            try db.endSessions([sessionID], now: now)
            return true
        }
    }

    /// The user's living backend sessions, oldest first; nil when the app has no such user.
    func sessions(of userID: String, app: AppRecord) async throws -> [SessionRecord]? {
        let now = clock.now
        return try await store.read { db in
            guard try db.appUser(userID: userID, appID: app.appID) != nil else { return nil }
            return
                try SessionRecord
                .filter(Column("userID") == userID && Column("isBackend") && Column("expiresAt") > now)
                .order(Column("startedAt"), Column("rowid")).fetchAll(db)
        }
    }

    /// Ends all backend sessions of the user and revokes their refresh tokens; false when the app has no such user.
    func endAll(of userID: String, app: AppRecord) async throws -> Bool {
        let now = clock.now
        return try await store.write { db in
            guard try db.appUser(userID: userID, appID: app.appID) != nil else { return false }
            let all = try SessionRecord.filter(Column("userID") == userID && Column("isBackend")).fetchAll(db)
            try db.endSessions(all.map(\.sessionID), now: now)
            return true
        }
    }
}

extension Database {
    /// The session, unless it is unknown or over.
    func livingSession(_ sessionID: String, now: Date) throws -> SessionRecord? {
        guard sessionID.isStorable else { return nil }
        let session = try SessionRecord.fetchOne(self, key: sessionID)
        return session.flatMap { now < $0.expiresAt ? $0 : nil }
    }

    fileprivate func endSessions(_ sessionIDs: [String], now: Date) throws {
        try RefreshTokenRecord.filter(sessionIDs.contains(Column("sessionID")) && Column("revokedAt") == nil)
            .updateAll(self, Column("revokedAt").set(to: now))
        try SessionRecord.filter(sessionIDs.contains(Column("sessionID"))).deleteAll(self)
    }
}
