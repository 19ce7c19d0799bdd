import Foundation
import GRDB
import ServiceLifecycle

/// Removes rows of tokens, assertions and sessions that ended long ago, so that a sandbox may run for weeks.
struct TokenPurge: Service {
    /// Rows are kept for so long after their end, in seconds: a day in which the clock may be moved back.
    static let grace: TimeInterval = 86_400
    /// Time between two purges.
    static let interval = Duration.seconds(600)

    let store: SandboxStore
    let clock: SandboxClock

    /// Purges at once and then from time to time.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                _ = try? await purge()
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    /// Removes what ended more than ``grace`` ago by the sandbox's clock and by the world's, whichever is behind.
    ///
    /// - Returns: the number of rows.
    func purge() async throws -> Int {
        let cutoff = min(clock.now, clock.outside).addingTimeInterval(-Self.grace)
        return try await store.write { db in
            var count = try IssuedTokenRecord.filter(Column("expiresAt") < cutoff).deleteAll(db)
            count += try RefreshTokenRecord.filter(Column("expiresAt") < cutoff).deleteAll(db)
            count += try UsedAssertionRecord.filter(Column("expiresAt") < cutoff).deleteAll(db)
            // A refresh token may outlive its session and still needs it for the ID token.
            try db.execute(
                sql: """
                    DELETE FROM session WHERE expiresAt < ? AND NOT EXISTS \
                    (SELECT 1 FROM refreshToken WHERE refreshToken.sessionID = session.sessionID)
                    """,
                arguments: [cutoff]
            )
            return count + db.changesCount
        }
    }
}

extension Sandbox {
    /// Removes rows of tokens and sessions that ended more than a day ago; the server does so by itself.
    ///
    /// - Returns: the number of rows.
    package func purge() async throws -> Int {
        try await TokenPurge(store: services.store, clock: services.clock).purge()
    }
}
