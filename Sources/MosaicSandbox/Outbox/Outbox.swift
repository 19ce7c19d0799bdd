import Foundation
import GRDB
import ServiceLifecycle

/// The mail and SMS that the sandbox "sent": the newest ones, in the database.
struct Outbox: Sendable {
    /// How many messages are kept.
    static let capacity = 500
    /// Longest text kept, in characters.
    static let maximumTextLength = 20_000

    /// Which messages are wanted.
    struct Query: Sendable {
        /// Only to this address or number.
        var recipient: String?
        /// Only those with a greater `id`.
        var after: Int64 = 0
        /// At most so many, the newest.
        var limit = 50
    }

    let store: SandboxStore
    let bell: OutboxBell

    /// Adds a message within a transaction of the caller, so that a code exists if and only if its message does.
    func post(_ message: OutboxMessage, in db: Database) throws {
        var message = message
        if message.text.count > Self.maximumTextLength {
            message.text = message.text.prefix(Self.maximumTextLength) + "…"
        }
        try message.insert(db)
        try db.execute(
            sql: "DELETE FROM outboxMessage WHERE id <= ?",
            arguments: [(message.id ?? 0) - Int64(Self.capacity)]
        )
        db.afterNextTransaction { [bell] _ in bell.ring() }
    }

    /// The messages that match, newest first.
    func messages(_ query: Query) async throws -> [OutboxMessage] {
        try await store.read { db in
            var request = OutboxMessage.filter(Column("id") > query.after).order(Column("id").desc).limit(query.limit)
            if let recipient = query.recipient {
                request = request.filter(Column("recipientKey") == Identifiers.emailKey(recipient))
            }
            return try request.fetchAll(db)
        }
    }

    /// The messages that match, waiting for a first one as long as `patience`, or until the sandbox stops.
    func messages(_ query: Query, timeout: Duration) async throws -> [OutboxMessage] {
        // Listening starts before the first look: a message posted in between rings.
        let rings = bell.rings()
        let present = try await messages(query)
        guard present.isEmpty, timeout > .zero else { return present }
        return try await withThrowingTaskGroup(of: [OutboxMessage].self) { group in
            group.addTask {
                for await _ in rings.cancelOnGracefulShutdown() {
                    let found = try await messages(query)
                    if !found.isEmpty { return found }
                }
                return []
            }
            group.addTask {
                try? await Task.sleep(for: timeout)
                return []
            }
            let found = try await group.next() ?? []
            group.cancelAll()
            return found
        }
    }

    /// Forgets all messages; their numbers are not used again.
    func clear() async throws -> Int {
        try await store.write { db in try OutboxMessage.deleteAll(db) }
    }
}
