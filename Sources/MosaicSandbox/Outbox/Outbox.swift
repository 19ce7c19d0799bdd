package import Foundation
package import GRDB
import ServiceLifecycle
import Synchronization

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

extension Outbox {
    /// Tells a user of a new password by mail where the app wants that.
    ///
    /// - Returns: the address that the mail went to.
    func noticePassword(
        of userID: String,
        _ app: AppRecord,
        _ preferences: PasswordPreferences,
        now: Date,
        in db: Database
    ) throws -> String? {
        guard preferences.notifyOnPasswordUpdate,
            let address = try db.appUser(userID: userID, appID: app.appID)?.primary(.email)?.value
        else { return nil }
        try post(
            MessageComposer(app: app, userID: userID, now: now).passwordNotice(to: address, look: preferences.message),
            in: db
        )
        return address
    }
}

/// A mail or SMS that Mosaic would have sent.
package struct OutboxMessage: Sendable, Codable, FetchableRecord, MutablePersistableRecord {
    package static let databaseTableName = "outboxMessage"

    /// How it would travel.
    package enum Channel: String, Sendable, Codable, CaseIterable {
        case email
        case sms
    }

    /// What it is for.
    package enum Kind: String, Sendable, Codable, CaseIterable {
        case magicLink = "magic_link"
        case oneTimeCode = "one_time_code"
        case resetLink = "reset_link"
        case resetCode = "reset_code"
        case passwordUpdated = "password_updated"
    }

    /// Counts all messages of the database from 1, oldest first.
    package var id: Int64?
    /// By the sandbox's clock.
    package var time: Date
    package var channel: Channel
    package var kind: Kind
    /// Address or number, as it was given.
    package var recipient: String
    var recipientKey: String
    package var sender: String?
    package var subject: String?
    /// The text as a person reads it.
    package var text: String
    /// The code in it: a passcode, or what the link brings to the redirect URI.
    package var code: String?
    package var link: String?
    package var userID: String

    package mutating func didInsert(_ inserted: InsertionSuccess) { id = inserted.rowID }

    /// The message as the control routes show it.
    package var json: JSONValue {
        var object: [String: JSONValue] = [
            "id": .integer(id ?? 0), "time": .string(time.mosaicDateTime), "channel": .string(channel.rawValue),
            "kind": .string(kind.rawValue), "to": .string(recipient), "text": .string(text),
            "user_id": .string(userID),
        ]
        object.set("from", sender)
        object.set("subject", subject)
        object.set("code", code)
        object.set("link", link)
        return .object(object)
    }
}

/// Wakes those who wait for messages. Rings only after a message is in the database.
final class OutboxBell: Sendable {
    private struct State {
        var next = 0
        var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private let state = Mutex(State())

    /// Tells every listener that there is something new.
    func ring() {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield() }
    }

    /// One element per ring from now on, of which only the last unread one is kept; ends listening when it is dropped.
    func rings() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.next += 1
            state.listeners[state.next] = continuation
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.listeners.removeValue(forKey: number) }
        }
        return stream
    }
}
