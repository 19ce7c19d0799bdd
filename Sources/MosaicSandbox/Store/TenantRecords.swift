import Foundation
import GRDB

/// An application of the tenant.
package struct AppRecord: Sendable, Codable, FetchableRecord, PersistableRecord {
    package static let databaseTableName = "app"
    package var appID: String
    package var name: String
    package var tenantID: String
    /// The `auth_methods` of the login preferences: member name to JSON; an absent member is not configured.
    package var authMethods: [String: JSONValue]

    /// The password method's settings; nil when the method is not configured.
    package var passwordPreferences: PasswordPreferences? {
        get throws { try authMethods["password"]?.decoded() }
    }

    /// The settings of a method of one-time codes; nil when it is not configured.
    package func codePreferences(_ channel: CodePreferences.Channel) throws -> CodePreferences? {
        try authMethods[channel.rawValue]?.decoded()
    }

    /// The magic-link method's settings; nil when it is not configured.
    package var linkPreferences: LinkPreferences? {
        get throws { try authMethods["email"]?.decoded() }
    }

    /// What is wrong with the settings of the methods, one sentence each.
    var preferenceProblems: [String] {
        func checked(_ method: String, _ problems: () throws -> [String]) -> [String] {
            (try? problems()) ?? ["\(method) has a missing member, or one of the wrong type"]
        }
        return checked("password") { try passwordPreferences?.problems ?? [] }
            + checked("email") { try linkPreferences?.problems ?? [] }
            + CodePreferences.Channel.allCases.flatMap { channel in
                checked(channel.rawValue) { try codePreferences(channel)?.problems(channel) ?? [] }
            }
    }
}

/// A client of an application.
package struct ClientRecord: Sendable, Codable, FetchableRecord, PersistableRecord {
    package static let databaseTableName = "client"

    /// A role assigned to a client; with any role, only the roles' permissions count.
    package struct Role: Sendable, Codable, Equatable {
        package var name: String
        package var permissions: [String]
    }

    package var clientID: String
    package var appID: String
    package var secret: String
    /// Lifetime of access and ID tokens in seconds (`access_token_ttl`).
    package var accessTokenLifetime: Int
    /// Lifetime of a refresh token, and of its rotation as a whole, in seconds.
    package var refreshTokenLifetime: Int
    /// Lifetime of a backend session in seconds; extended at each authentication.
    package var sessionLifetime: Int
    /// The resource URIs this client may ask for.
    package var resources: [String]
    /// Where the browser may be sent with a code; compared as text.
    package var redirectURIs: [String]
    package var roles: [Role]

    /// The client of that ID, as it was sent by a caller.
    static func named(_ clientID: String, _ db: Database) throws -> ClientRecord? {
        try clientID.isStorable ? fetchOne(db, key: clientID) : nil
    }

    /// The permissions of all roles; nil when there is no role, which means full access.
    package var permissions: Set<String>? {
        roles.isEmpty ? nil : Set(roles.flatMap(\.permissions))
    }
}

/// A key that signs tokens, or that still verifies old ones.
struct SigningKeyRecord: Sendable, Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "signingKey"
    var keyID: String
    var pem: String
    var createdAt: Date
    /// `signing`, `validating` or `disabled`.
    var status: String
}

/// A value that belongs to the database as a whole.
struct SettingRecord: Sendable, Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "setting"
    var name: String
    var value: String
}

/// The tenant that a new database starts with.
enum Tenant {
    /// The application and its client, made when the database is new.
    static func loadOrCreate(_ db: Database) throws -> (AppRecord, ClientRecord) {
        if let app = try AppRecord.fetchOne(db),
            let client = try ClientRecord.filter(Column("appID") == app.appID).fetchOne(db)
        {
            return (app, client)
        }
        let app = AppRecord(
            appID: RandomText.identifier(length: 20),
            name: "Mosaic sandbox app",
            tenantID: RandomText.identifier(length: 16),
            authMethods: defaultMethods
        )
        try app.insert(db)
        let client = ClientRecord(
            clientID: RandomText.identifier(length: 24) + ".sandbox",
            appID: app.appID,
            secret: RandomText.base64URL(byteCount: 32),
            accessTokenLifetime: 3600,
            refreshTokenLifetime: 14 * 86_400,
            sessionLifetime: 14 * 86_400,
            resources: [],
            redirectURIs: defaultRedirectURIs,
            roles: []
        )
        try client.insert(db)
        return (app, client)
    }

    /// What a client may redirect to until told otherwise; `app.example` resolves nowhere (RFC 2606).
    private static let defaultRedirectURIs = ["https://app.example/callback", "http://127.0.0.1/callback"]

    private static var defaultMethods: [String: JSONValue] {
        let codes: [String: JSONValue] = [
            "expiresIn": 5, "maxFailures": 3, "lockoutDuration": 15, "codeLength": 6, "crossClientsAllowed": false,
        ]
        let look: JSONValue = ["primaryColor": "#6981FF"]
        return [
            "password": defaultPasswordMethod,
            "email_otp": .object(codes.merging(["message": look]) { $1 }),
            "sms": .object(codes),
            "email": ["expiresIn": 15, "linksPerUser": 5, "message": look],
        ]
    }

    /// The contract's defaults, and 72 hours for temporary passwords.
    private static let defaultPasswordMethod: JSONValue = [
        "passwordMinLength": 14, "passwordComplexity": 5, "blockPreviousPasswords": 0, "passwordExpiresIn": 90,
        "ignoreExpiration": false, "maxPasswordFailures": 5, "passwordSuspensionDuration": 15, "failuresExpireIn": 15,
        "resetValidityMinutes": 5, "codeLength": 6, "tempPasswordValidityHours": 72, "requireMFA": false,
        "checkHibp": false, "checkDictionary": false, "notifyOnPasswordUpdate": false,
        "message": ["primaryColor": "#6981FF"],
    ]
}

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
