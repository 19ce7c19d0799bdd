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

/// The claims of a token as a JSON object; what a JWT carries.
///
/// Whether they hold (expiry, audience) is checked by ``TokenVerifier`` against the sandbox's clock.
package struct TokenClaims: Sendable, Equatable {
    package var values: [String: JSONValue]

    package init(_ values: [String: JSONValue]) { self.values = values }

    /// The string claim of that name.
    package subscript(name: String) -> String? { values[name]?.string }
}

/// Builds the claims of each kind of token (contract E1, section 12).
struct ClaimsBuilder: Sendable {
    /// The audience of tokens that asked for no resource.
    static let defaultAudience = "userid-api"

    let app: AppRecord
    let client: ClientRecord
    let now: Date

    /// A client access token's claims.
    func client(tokenID: String, resource: String?) -> TokenClaims {
        var values = common(tokenID: tokenID, lifetime: client.accessTokenLifetime)
        values["sub"] = .string(client.clientID)
        values["app_name"] = .string(app.name)
        values["aud"] = .string(resource ?? Self.defaultAudience)
        values["scope"] = .string(scope)
        values["roles"] = []
        values["ts_roles"] = .array(client.roles.map { .string($0.name) })
        values["ts_permissions"] = .array((client.permissions ?? []).sorted().map(JSONValue.string))
        return TokenClaims(values)
    }

    /// The `scope` of a client's token: its effective permissions.
    var scope: String { (client.permissions ?? []).sorted().joined(separator: " ") }

    /// A user access token's claims.
    func access(tokenID: String, user: AppUser, request: UserTokenRequest) -> TokenClaims {
        var values = UserClaims.requested(request.claims?["access_token"], of: user)
        values.merge(common(tokenID: tokenID, lifetime: client.accessTokenLifetime)) { $1 }
        values["sub"] = .string(user.user.userID)
        values["aud"] = .string(request.resource ?? Self.defaultAudience)
        values["roles"] = []
        values.set("org_id", request.organizationID)
        return TokenClaims(values)
    }

    /// An ID token's claims.
    func identity(user: AppUser, session: SessionRecord, request: UserTokenRequest) -> TokenClaims {
        var values = UserClaims.requested(request.claims?["id_token"], of: user)
        values["sub"] = .string(user.user.userID)
        values["tid"] = .string(app.tenantID)
        values["aud"] = .string(client.clientID)
        values["iss"] = .string(SandboxIdentity.issuer)
        values["iat"] = .integer(now.epochSeconds)
        values["exp"] = .integer(now.epochSeconds + Int64(client.accessTokenLifetime))
        values["auth_time"] = .integer(session.authenticatedAt.epochSeconds)
        values["amr"] = .array(session.amr.map(JSONValue.string))
        values["acr"] = .string(session.amr.contains("mfa") ? "mfa" : "sfa")
        values.set("org_id", request.organizationID)
        values.set("approval_data", request.approvalData)
        return TokenClaims(values)
    }

    /// A reset token's claims; `amr` has the factors proved for it.
    func reset(tokenID: String, userID: String, minutes: Int, factors: [String], needsFactor: Bool) -> TokenClaims {
        var values = common(tokenID: tokenID, lifetime: minutes * 60)
        values["sub"] = .string(userID)
        values["aud"] = .string(ResetTokens.audience)
        values["mfa_required"] = .boolean(needsFactor)
        values["amr"] = .array(factors.map(JSONValue.string))
        return TokenClaims(values)
    }

    private func common(tokenID: String, lifetime: Int) -> [String: JSONValue] {
        [
            "client_id": .string(client.clientID), "app_id": .string(app.appID), "tid": .string(app.tenantID),
            "iss": .string(SandboxIdentity.issuer), "jti": .string(tokenID), "iat": .integer(now.epochSeconds),
            "exp": .integer(now.epochSeconds + Int64(lifetime)),
        ]
    }
}

/// What the caller of an authentication asked of the tokens.
struct UserTokenRequest: Sendable {
    var resource: String?
    var organizationID: String?
    /// OIDC's claims parameter: members `id_token`, `access_token`.
    var claims: [String: JSONValue]?
    /// What E20 was sent with, for the ID token.
    var approvalData: JSONValue?
}

/// The sandbox's names in tokens.
package enum SandboxIdentity {
    /// The issuer of all its tokens; a reserved name (RFC 2606), so no real token can ever carry it.
    package static let issuer = "https://mosaic-sandbox.invalid"
}

/// Claims about a user that a caller can ask for (contract 3.10).
enum UserClaims {
    /// The claims named in `request` that the user has; others are left out, as OpenID Connect has it for voluntary claims.
    ///
    /// `{fields: [...]}` beside `custom_data` and `custom_app_data` picks members of them.
    static func requested(_ request: JSONValue?, of user: AppUser) -> [String: JSONValue] {
        var claims: [String: JSONValue] = [:]
        for (name, wanted) in request?.members ?? [:] {
            guard let value = value(name, of: user) else { continue }
            if let fields = wanted["fields"]?.elements?.compactMap(\.string), let members = value.members {
                claims[name] = .object(members.filter { fields.contains($0.key) })
            } else {
                claims[name] = value
            }
        }
        return claims
    }

    private static func value(_ name: String, of user: AppUser) -> JSONValue? {
        let email = user.primary(.email)
        let phone = user.primary(.phoneNumber)
        let fullName = user.user.profile["name"]
        switch name {
        case "username": return user.loginName.map(JSONValue.string)
        case "email": return email.map { .string($0.value) }
        case "email_verified": return email.map { .boolean($0.verifiedAt != nil) }
        case "phone_number": return phone.map { .string($0.value) }
        case "phone_number_verified": return phone.map { .boolean($0.verifiedAt != nil) }
        case "name": return fullName
        case "given_name": return fullName?["first_name"]
        case "family_name": return fullName?["last_name"]
        case "birthday", "birthdate": return user.user.profile["birthday"]
        case "external_user_id": return user.user.externalUserID.map(JSONValue.string)
        case "external_account_id": return user.membership.externalAccountID.map(JSONValue.string)
        case "custom_app_data": return user.membership.customAppData.map(JSONValue.object)
        case "roles", "groups": return []
        case "address", "language", "picture", "custom_data": return user.user.profile[name]
        default: return nil
        }
    }
}
