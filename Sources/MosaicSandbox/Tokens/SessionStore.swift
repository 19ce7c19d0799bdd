import Foundation
import GRDB

/// Keeps backend sessions: made by an authentication, extended by each further one (contract section 8).
struct SessionStore: Sendable {
    let store: SandboxStore
    let clock: SandboxClock

    /// The session after an authentication: the joined one with the factor added, else a new one.
    ///
    /// - Throws: 400 "Session not found" when the joined session ended in the meantime.
    func authenticated(
        _ userID: String,
        method: String,
        joining joined: SessionRecord?,
        client: ClientRecord
    ) async throws -> SessionRecord {
        let now = clock.now
        let end = now.addingTimeInterval(Double(client.sessionLifetime))
        return try await store.write { db in
            guard let joined else {
                let session = SessionRecord(
                    sessionID: RandomText.base64URL(byteCount: 24),
                    userID: userID,
                    startedAt: now,
                    expiresAt: end,
                    authenticatedAt: now,
                    methods: [method]
                )
                try session.insert(db)
                return session
            }
            guard var session = try SessionRecord.fetchOne(db, key: joined.sessionID) else {
                throw APIError.digits(400, "Session not found")
            }
            if !session.methods.contains(method) { session.methods.append(method) }
            session.authenticatedAt = now
            session.expiresAt = max(session.expiresAt, end)
            try session.update(db)
            return session
        }
    }
}

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

/// Spends refresh tokens: each works once and leads to the next of its chain (contract E23; RFC 9700, section 4.14.2).
///
/// A chain ends a refresh-token lifetime after it began, however often it was rotated. A token shown a second time was stolen from
/// one of the two who showed it, so the whole chain is revoked.
struct RefreshRotation: Sendable {
    /// What a refresh token came to.
    enum Outcome: Sendable {
        /// It was spent; these belong into the new tokens.
        case rotated(user: AppUser, session: SessionRecord, grant: RefreshTokenRecord.Grant, next: String)
        /// Unknown, another client's, expired, revoked or used; the text says which.
        case refused(String)
        /// The user is disabled; the token was not spent.
        case inactive
    }

    let store: SandboxStore
    let clock: SandboxClock

    /// Spends the token for the client that got it.
    func rotate(_ token: String, client: ClientRecord) async throws -> Outcome {
        let now = clock.now
        let next = RandomText.base64URL(byteCount: 32)
        return try await store.write { db in
            guard var record = try RefreshTokenRecord.fetchOne(db, key: TokenIssuer.digest(token)),
                record.clientID == client.clientID
            else { return .refused("The refresh token is unknown") }
            guard record.revokedAt == nil else { return .refused("The refresh token was revoked") }
            guard now < record.expiresAt else { return .refused("The refresh token expired") }
            if record.usedAt != nil {
                try db.revokeRefreshChain(record.chainID, now: now)
                return .refused("The refresh token was used before; its successors are revoked")
            }
            guard let user = try db.appUser(userID: record.userID, appID: client.appID),
                let session = try SessionRecord.fetchOne(db, key: record.sessionID)
            else { return .refused("The refresh token was revoked") }
            guard user.user.status != .disabled else { return .inactive }
            record.usedAt = now
            try record.update(db)
            var successor = record
            successor.digest = TokenIssuer.digest(next)
            successor.usedAt = nil
            try successor.insert(db)
            return .rotated(user: user, session: session, grant: record.grant, next: next)
        }
    }
}

extension Database {
    /// Revokes all tokens of the chain.
    func revokeRefreshChain(_ chainID: String, now: Date) throws {
        try RefreshTokenRecord.filter(Column("chainID") == chainID && Column("revokedAt") == nil)
            .updateAll(self, Column("revokedAt").set(to: now))
    }
}
