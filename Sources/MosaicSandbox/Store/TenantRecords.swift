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
