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
