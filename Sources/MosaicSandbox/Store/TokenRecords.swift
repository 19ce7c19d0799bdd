package import Foundation
import GRDB

/// A session.
package struct SessionRecord: Sendable, Codable, FetchableRecord, PersistableRecord {
    package static let databaseTableName = "session"
    package var sessionID: String
    package var userID: String
    package var startedAt: Date
    package var expiresAt: Date
    /// When the user last proved anything in it; the `auth_time` of ID tokens.
    package var authenticatedAt: Date
    /// The factors proved in it, in the contract's `amr` values without `mfa`.
    package var methods: [String]
    /// Whether a backend method began it; only such sessions are known to the backend endpoints (contract section 8).
    package var isBackend = true

    /// The `amr` claim: the factors, and `mfa` when there is more than one.
    package var amr: [String] { methods.count > 1 ? methods + ["mfa"] : methods }
}

/// A refresh token, known by the digest of its text.
struct RefreshTokenRecord: Sendable, Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "refreshToken"

    /// What tokens refreshed from it must carry again.
    struct Grant: Sendable, Codable {
        var resource: String?
        var organizationID: String?
        var claims: JSONValue?
    }

    var digest: String
    /// Shared by all tokens that rotation made from one another.
    var chainID: String
    var sessionID: String
    var userID: String
    var clientID: String
    var chainStartedAt: Date
    var expiresAt: Date
    var usedAt: Date?
    var revokedAt: Date?
    var grant: Grant
}

/// A signed token that was given out, known by its `jti`; this is what makes revocation and single use possible.
package struct IssuedTokenRecord: Sendable, Codable, FetchableRecord, PersistableRecord {
    package static let databaseTableName = "issuedToken"

    package enum Kind: String, Sendable, Codable, CaseIterable {
        case client
        case user
        case reset
    }

    package var tokenID: String
    package var kind: Kind
    package var clientID: String
    package var userID: String?
    package var sessionID: String?
    package var expiresAt: Date
    package var usedAt: Date?
    package var revokedAt: Date?
}

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
