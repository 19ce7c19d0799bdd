import Foundation
import GRDB

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
