package import Foundation
import GRDB

/// A one-time code or a link's code, known by its digest.
struct OneTimeCodeRecord: Sendable, Codable, FetchableRecord, MutablePersistableRecord {
    static let databaseTableName = "oneTimeCode"
    var id: Int64?
    var method: OneTimeMethod
    var userID: String
    var appID: String
    /// The client that had it sent.
    var clientID: String
    var digest: String
    /// The identifier that the user was named by, as it is looked up; nil for links.
    var identifierType: String?
    var identifier: String?
    /// Mandatory at authentication when the send call generated one.
    var requestID: String?
    /// The address it went to, which its use verifies.
    var addressKind: AddressRecord.Kind?
    var addressKey: String?
    var approvalData: [String: JSONValue]?
    /// Resets only: the factors proved before this one, as `amr` values.
    var factors: [String] = []
    /// Resets only: whether one factor is enough.
    var ignoresMFA = false
    var createdAt: Date
    var expiresAt: Date
    var failures = 0
    /// When it was used, replaced by a newer one, or guessed wrong too often.
    var endedAt: Date?

    mutating func didInsert(_ inserted: InsertionSuccess) { id = inserted.rowID }
}

/// How long one method is locked for one user.
package struct OneTimeLockRecord: Sendable, Codable, FetchableRecord, PersistableRecord {
    package static let databaseTableName = "oneTimeLock"
    package var userID: String
    package var method: OneTimeMethod
    package var lockedUntil: Date
}

/// A link of the sandbox that sends the browser on, known by the digest of its last path segment.
struct FollowLinkRecord: Sendable, Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "followLink"
    var digest: String
    /// The registered redirect URI with its query.
    var location: String
    var expiresAt: Date
}
