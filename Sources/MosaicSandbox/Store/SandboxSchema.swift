import GRDB

/// The schema, as the list of migrations that lead to it. A migration that was ever landed is never edited.
enum SandboxSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 tenant, clients, users, passwords, sessions, tokens") { db in
            try createTenant(db)
            try createUsers(db)
            try createPasswords(db)
            try createSessionsAndTokens(db)
        }
        migrator.registerMigration("2 one-time codes, links, outbox") { db in
            try createOneTimeCodes(db)
            try createOutbox(db)
        }
        migrator.registerMigration("3 factors of resets, authorization codes") { db in
            try createAuthorizationCodes(db)
            try db.alter(table: "oneTimeCode") { table in
                table.add(column: "factors", .text).notNull().defaults(to: "[]")
                table.add(column: "ignoresMFA", .boolean).notNull().defaults(to: false)
            }
        }
        migrator.registerMigration("client authentication") { db in try createClientAuthentication(db) }
        migrator.registerMigration("identities of users") { db in try createIdentities(db) }
        return migrator
    }

    private static func createTenant(_ db: Database) throws {
        try db.create(table: "app") { table in
            table.primaryKey("appID", .text)
            table.column("name", .text).notNull()
            table.column("tenantID", .text).notNull()
            table.column("authMethods", .text).notNull()
        }
        try db.create(table: "client") { table in
            table.primaryKey("clientID", .text)
            table.column("appID", .text).notNull().references("app", onDelete: .cascade)
            table.column("secret", .text).notNull()
            table.column("accessTokenLifetime", .integer).notNull()
            table.column("refreshTokenLifetime", .integer).notNull()
            table.column("sessionLifetime", .integer).notNull()
            table.column("resources", .text).notNull()
            table.column("roles", .text).notNull()
        }
        try db.create(table: "signingKey") { table in
            table.primaryKey("keyID", .text)
            table.column("pem", .text).notNull()
            table.column("createdAt", .datetime).notNull()
            table.column("status", .text).notNull()
        }
        try db.create(table: "setting") { table in
            table.primaryKey("name", .text)
            table.column("value", .text).notNull()
        }
    }

    private static func createUsers(_ db: Database) throws {
        try db.create(table: "user") { table in
            table.primaryKey("userID", .text)
            table.column("status", .text).notNull()
            table.column("statusChangedAt", .datetime).notNull()
            table.column("createdAt", .datetime).notNull()
            table.column("updatedAt", .datetime).notNull()
            table.column("lastAuth", .datetime)
            table.column("externalUserID", .text).unique()
            table.column("profile", .text).notNull()
        }
        try db.create(table: "address") { table in
            table.autoIncrementedPrimaryKey("id")
            table.column("userID", .text).notNull().indexed().references("user", onDelete: .cascade)
            table.column("kind", .text).notNull()
            table.column("value", .text).notNull()
            table.column("key", .text).notNull()
            table.column("isPrimary", .boolean).notNull()
            table.column("verifiedAt", .datetime)
        }
        // A primary address names one user of the tenant; secondary ones may repeat.
        try db.create(
            index: "address_primary",
            on: "address",
            columns: ["kind", "key"],
            options: .unique,
            condition: Column("isPrimary")
        )
        try db.create(table: "membership") { table in
            table.column("appID", .text).notNull().references("app", onDelete: .cascade)
            table.column("userID", .text).notNull().indexed().references("user", onDelete: .cascade)
            table.column("username", .text)
            table.column("externalAccountID", .text)
            table.column("customAppData", .text)
            table.primaryKey(["appID", "userID"])
            table.uniqueKey(["appID", "username"])
        }
    }

    private static func createPasswords(_ db: Database) throws {
        try db.create(table: "password") { table in
            table.primaryKey("userID", .text).references("user", onDelete: .cascade)
            table.column("hash", .text).notNull()
            table.column("isTemporary", .boolean).notNull()
            table.column("isActive", .boolean).notNull()
            table.column("updatedAt", .datetime).notNull()
        }
        try db.create(table: "passwordHistory") { table in
            table.autoIncrementedPrimaryKey("id")
            table.column("userID", .text).notNull().indexed().references("user", onDelete: .cascade)
            table.column("hash", .text).notNull()
            table.column("replacedAt", .datetime).notNull()
        }
        try db.create(table: "passwordLockout") { table in
            table.primaryKey("userID", .text).references("user", onDelete: .cascade)
            table.column("state", .text).notNull()
        }
    }

    private static func createSessionsAndTokens(_ db: Database) throws {
        try db.create(table: "session") { table in
            table.primaryKey("sessionID", .text)
            table.column("userID", .text).notNull().indexed().references("user", onDelete: .cascade)
            table.column("startedAt", .datetime).notNull()
            table.column("expiresAt", .datetime).notNull()
            table.column("authenticatedAt", .datetime).notNull()
            table.column("methods", .text).notNull()
        }
        try db.create(table: "refreshToken") { table in
            table.primaryKey("digest", .text)
            table.column("chainID", .text).notNull().indexed()
            table.column("sessionID", .text).notNull().indexed()
            table.column("userID", .text).notNull().references("user", onDelete: .cascade)
            table.column("clientID", .text).notNull().references("client", onDelete: .cascade)
            table.column("chainStartedAt", .datetime).notNull()
            table.column("expiresAt", .datetime).notNull()
            table.column("usedAt", .datetime)
            table.column("revokedAt", .datetime)
            table.column("grant", .text).notNull()
        }
        try db.create(table: "issuedToken") { table in
            table.primaryKey("tokenID", .text)
            table.column("kind", .text).notNull().indexed()
            table.column("clientID", .text).notNull().references("client", onDelete: .cascade)
            table.column("userID", .text)
            table.column("sessionID", .text)
            table.column("expiresAt", .datetime).notNull()
            table.column("usedAt", .datetime)
            table.column("revokedAt", .datetime)
        }
    }

    private static func createOneTimeCodes(_ db: Database) throws {
        try db.alter(table: "client") { table in
            table.add(column: "redirectURIs", .text).notNull().defaults(to: "[]")
        }
        try db.create(table: "oneTimeCode") { table in
            table.autoIncrementedPrimaryKey("id")
            table.column("method", .text).notNull()
            table.column("userID", .text).notNull().indexed().references("user", onDelete: .cascade)
            table.column("appID", .text).notNull().references("app", onDelete: .cascade)
            table.column("clientID", .text).notNull().references("client", onDelete: .cascade)
            table.column("digest", .text).notNull().indexed()
            table.column("identifierType", .text)
            table.column("identifier", .text)
            table.column("requestID", .text)
            table.column("addressKind", .text)
            table.column("addressKey", .text)
            table.column("approvalData", .text)
            table.column("createdAt", .datetime).notNull()
            table.column("expiresAt", .datetime).notNull()
            table.column("failures", .integer).notNull()
            table.column("endedAt", .datetime)
        }
        try db.create(table: "oneTimeLock") { table in
            table.column("userID", .text).notNull().references("user", onDelete: .cascade)
            table.column("method", .text).notNull()
            table.column("lockedUntil", .datetime).notNull()
            table.primaryKey(["userID", "method"])
        }
        try db.create(table: "followLink") { table in
            table.primaryKey("digest", .text)
            table.column("location", .text).notNull()
            table.column("expiresAt", .datetime).notNull()
        }
    }

    private static func createOutbox(_ db: Database) throws {
        try db.create(table: "outboxMessage") { table in
            table.autoIncrementedPrimaryKey("id")
            table.column("time", .datetime).notNull()
            table.column("channel", .text).notNull()
            table.column("kind", .text).notNull()
            table.column("recipient", .text).notNull()
            table.column("recipientKey", .text).notNull().indexed()
            table.column("sender", .text)
            table.column("subject", .text)
            table.column("text", .text).notNull()
            table.column("code", .text)
            table.column("link", .text)
            table.column("userID", .text).notNull()
        }
    }

    private static func createAuthorizationCodes(_ db: Database) throws {
        try db.alter(table: "session") { table in
            table.add(column: "isBackend", .boolean).notNull().defaults(to: true)
        }
        try db.create(table: "authorizationCode") { table in
            table.primaryKey("digest", .text)
            table.column("clientID", .text).notNull().references("client", onDelete: .cascade)
            table.column("userID", .text).notNull().references("user", onDelete: .cascade)
            table.column("redirectURI", .text).notNull()
            table.column("methods", .text).notNull()
            table.column("challenge", .text)
            table.column("challengeMethod", .text)
            table.column("grant", .text).notNull()
            table.column("authenticatedAt", .datetime).notNull()
            table.column("expiresAt", .datetime).notNull()
            table.column("usedAt", .datetime)
            table.column("sessionID", .text)
        }
    }
}
