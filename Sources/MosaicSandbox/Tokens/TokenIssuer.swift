import Crypto
import Foundation
import GRDB

/// Makes tokens and keeps a record of each that can be revoked or spent.
struct TokenIssuer: Sendable {
    let store: SandboxStore
    let keys: SigningKeys
    let clock: SandboxClock

    /// The answer of a client-credentials grant (E1).
    ///
    /// - Parameter boundThumbprint: the `x5t#S256` of the certificate that the token is only good with.
    func clientToken(for client: ClientRecord, resource: String?, boundThumbprint: String?) async throws -> Reply {
        let now = clock.now
        let tokenID = RandomText.base64URL(byteCount: 16)
        let app = try await store.write { db in
            try IssuedTokenRecord(
                tokenID: tokenID,
                kind: .client,
                clientID: client.clientID,
                expiresAt: now.addingTimeInterval(Double(client.accessTokenLifetime))
            ).insert(db)
            return try db.app(client.appID)
        }
        let builder = ClaimsBuilder(app: app, client: client, now: now)
        var claims = builder.client(tokenID: tokenID, resource: resource)
        if let boundThumbprint { claims.values["cnf"] = ["x5t#S256": .string(boundThumbprint)] }
        let token = try keys.sign(claims)
        return Reply(
            200,
            [
                "access_token": .string(token), "token_type": "Bearer",
                "expires_in": .integer(Int64(client.accessTokenLifetime)), "scope": .string(builder.scope),
            ]
        )
    }

    /// The tokens of an authenticated user (contract 3.11), recorded under the session.
    func userTokens(
        user: AppUser,
        session: SessionRecord,
        app: AppRecord,
        client: ClientRecord,
        request: UserTokenRequest
    ) async throws -> Reply {
        let signed = SignedUserTokens(user: user, session: session, app: app, client: client, now: clock.now)
        let refreshToken = RandomText.base64URL(byteCount: 32)
        let grant = RefreshTokenRecord.Grant(
            resource: request.resource,
            organizationID: request.organizationID,
            claims: request.claims.map(JSONValue.object)
        )
        try await store.write { db in
            try signed.record.insert(db)
            try RefreshTokenRecord(
                digest: Self.digest(refreshToken),
                chainID: RandomText.base64URL(byteCount: 16),
                sessionID: session.sessionID,
                userID: user.user.userID,
                clientID: client.clientID,
                chainStartedAt: signed.now,
                expiresAt: signed.now.addingTimeInterval(Double(client.refreshTokenLifetime)),
                grant: grant
            ).insert(db)
        }
        var members = try members(signed, request: request, refreshToken: refreshToken)
        members["session_id"] = .string(session.sessionID)
        return Reply(200, members)
    }

    /// The tokens that a spent refresh token is worth (E23, E1): as ``userTokens(user:session:app:client:request:)`` without
    /// `session_id`, and with a refresh token that is recorded already.
    func refreshedTokens(
        user: AppUser,
        session: SessionRecord,
        app: AppRecord,
        client: ClientRecord,
        grant: RefreshTokenRecord.Grant,
        refreshToken: String
    ) async throws -> Reply {
        let signed = SignedUserTokens(user: user, session: session, app: app, client: client, now: clock.now)
        try await store.write { db in
            try signed.record.insert(db)
        }
        let request = UserTokenRequest(
            resource: grant.resource,
            organizationID: grant.organizationID,
            claims: grant.claims?.members
        )
        return Reply(200, try members(signed, request: request, refreshToken: refreshToken))
    }

    /// What goes into a user's access and ID token.
    private struct SignedUserTokens: Sendable {
        let tokenID = RandomText.base64URL(byteCount: 16)
        let user: AppUser
        let session: SessionRecord
        let app: AppRecord
        let client: ClientRecord
        let now: Date

        /// The access token, so that it can be revoked.
        var record: IssuedTokenRecord {
            IssuedTokenRecord(
                tokenID: tokenID,
                kind: .user,
                clientID: client.clientID,
                userID: user.user.userID,
                sessionID: session.sessionID,
                expiresAt: now.addingTimeInterval(Double(client.accessTokenLifetime))
            )
        }
    }

    private func members(
        _ tokens: SignedUserTokens,
        request: UserTokenRequest,
        refreshToken: String
    ) throws -> [String: JSONValue] {
        let builder = ClaimsBuilder(app: tokens.app, client: tokens.client, now: tokens.now)
        let access = builder.access(tokenID: tokens.tokenID, user: tokens.user, request: request)
        let identity = builder.identity(user: tokens.user, session: tokens.session, request: request)
        return [
            "access_token": .string(try keys.sign(access)), "id_token": .string(try keys.sign(identity)),
            "refresh_token": .string(refreshToken), "token_type": "Bearer",
            "expires_in": .integer(Int64(tokens.client.accessTokenLifetime)),
        ]
    }

    /// The digest under which a refresh token is kept.
    static func digest(_ token: String) -> String {
        Data(SHA256.hash(data: Data(token.utf8))).base64URLText
    }
}
