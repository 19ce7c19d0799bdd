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
