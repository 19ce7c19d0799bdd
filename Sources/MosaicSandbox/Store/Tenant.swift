import GRDB

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
