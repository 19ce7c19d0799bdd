import Foundation
import GRDB

/// How a client proves who it is; the contract's `authentication_configuration.method`.
package enum ClientAuthenticationMethod: String, Sendable, Codable, CaseIterable {
    /// A secret, in a Basic header or in the form.
    case clientSecret = "client_secret_basic"
    /// A JWT signed with a registered key (RFC 7523).
    case privateKeyJWT = "private_key_jwt"
    /// A TLS certificate of a registered CA with a registered subject (RFC 8705, section 2.1).
    case tlsClientAuth = "tls_client_auth"
    /// A registered self-signed TLS certificate (RFC 8705, section 2.2).
    case selfSignedTLSClientAuth = "self_signed_tls_client_auth"
}

/// What is registered about a client's authentication; a client without a record uses its secret.
struct ClientAuthenticationRecord: Sendable, Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "clientAuthentication"
    var clientID: String
    var method = ClientAuthenticationMethod.clientSecret
    /// The public keys, as a JWKS document; for `private_key_jwt`.
    var keySet: [String: JSONValue]?
    /// The CA's certificates in PEM; for `tls_client_auth`.
    var authorities: String?
    /// The subject in the form of RFC 4514; for `tls_client_auth`.
    var subject: String?
    /// The certificates in DER, base64; for `self_signed_tls_client_auth`.
    var certificates: [String] = []
    /// Whether tokens are bound to the certificate they were fetched with (`isMtlsCertTokenBound`).
    var isCertificateBound = false

    /// The client's record, or that of a client that uses its secret.
    static func of(_ clientID: String, _ db: Database) throws -> Self {
        try fetchOne(db, key: clientID) ?? Self(clientID: clientID)
    }
}

/// The `jti` of an assertion that was accepted; kept until the assertion expires.
struct UsedAssertionRecord: Sendable, Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "usedAssertion"
    var clientID: String
    var tokenID: String
    var expiresAt: Date
}

extension SandboxSchema {
    static func createClientAuthentication(_ db: Database) throws {
        try db.create(table: "clientAuthentication") { table in
            table.primaryKey("clientID", .text).references("client", onDelete: .cascade)
            table.column("method", .text).notNull()
            table.column("keySet", .text)
            table.column("authorities", .text)
            table.column("subject", .text)
            table.column("certificates", .text).notNull()
            table.column("isCertificateBound", .boolean).notNull()
        }
        try db.create(table: "usedAssertion") { table in
            table.column("clientID", .text).notNull().references("client", onDelete: .cascade)
            table.column("tokenID", .text).notNull()
            table.column("expiresAt", .datetime).notNull().indexed()
            table.primaryKey(["clientID", "tokenID"])
        }
        // Old rows are looked for by their end.
        try db.create(indexOn: "issuedToken", columns: ["expiresAt"])
        try db.create(indexOn: "refreshToken", columns: ["expiresAt"])
    }
}
