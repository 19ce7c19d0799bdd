import Foundation
import GRDB
import HTTPTypes

/// A client whose access token was accepted, with its app.
struct AuthorizedClient: Sendable {
    let client: ClientRecord
    let app: AppRecord
}

/// A user whose access token was accepted.
struct AuthorizedUser: Sendable {
    let user: AppUser
    let client: ClientRecord
    let app: AppRecord
    /// The session that the token was made in; it may have ended since.
    let sessionID: String?
}

/// Checks access tokens on the endpoints that want a client's (CAT) or a user's (UAT).
struct TokenVerifier: Sendable {
    let store: SandboxStore
    let keys: SigningKeys
    let clock: SandboxClock

    /// The client behind the request's bearer token.
    ///
    /// - Throws: ``APIError/bearer(_:)`` for a missing, malformed, forged, expired or revoked token, for one of another kind (a
    ///   user's), for one made for another resource and for one bound to another certificate; 403 in shape B when the client has roles and none of them permits the
    ///   endpoint.
    func client(
        for endpoint: Endpoint,
        authorization: String?,
        certificateSource: PeerCertificateSource
    ) async throws -> AuthorizedClient {
        let accepted = try await accept(authorization, .client, name: "client access token")
        let (claims, authorized) = (accepted.claims, accepted.authorized)
        if let bound = claims.values["cnf"]?["x5t#S256"]?.string {
            guard try await certificateSource.certificate?.thumbprint == bound else {
                throw APIError.bearer("The access token is bound to another TLS certificate")
            }
        }
        // The permissions of the token count, not the client's present ones: role changes reach only new tokens.
        let needed = endpoint.permissions(appID: authorized.app.appID)
        let hasRoles = !(claims.values["ts_roles"]?.elements ?? []).isEmpty
        if hasRoles && !needed.isEmpty {
            let granted = claims.values["ts_permissions"]?.elements?.compactMap(\.string) ?? []
            guard needed.contains(where: granted.contains) else {
                throw APIError.message(403, "Forbidden: needs one of the permissions \(needed.joined(separator: ", "))")
            }
        }
        return authorized
    }

    /// The user behind the request's bearer token.
    ///
    /// A token outlives its session, until its own end.
    ///
    /// - Throws: ``APIError/bearer(_:)`` as for a client's token, and for a user who left the app; 403 in shape B for a disabled
    ///   user.
    func user(authorization: String?) async throws -> AuthorizedUser {
        let accepted = try await accept(authorization, .user, name: "user access token")
        let app = accepted.authorized.app
        guard let userID = accepted.record.userID,
            let user = try await store.read({ db in try db.appUser(userID: userID, appID: app.appID) })
        else { throw APIError.bearer("The user of the access token does not exist") }
        guard user.user.status != .disabled else { throw APIError.message(403, "User is not active") }
        return AuthorizedUser(
            user: user,
            client: accepted.authorized.client,
            app: app,
            sessionID: accepted.record.sessionID
        )
    }

    private struct Accepted {
        var claims: TokenClaims
        var record: IssuedTokenRecord
        var authorized: AuthorizedClient
    }

    /// What every token must pass, of any audience.
    private func accept(
        _ authorization: String?,
        _ kind: IssuedTokenRecord.Kind,
        name: String
    ) async throws -> Accepted {
        guard let token = Self.bearerToken(authorization) else {
            throw APIError.bearer("A \(name) is required as bearer token")
        }
        guard let claims = keys.claims(of: token), let tokenID = claims["jti"], let clientID = claims["client_id"]
        else { throw APIError.bearer("The access token is malformed or its signature does not verify") }
        let now = clock.now
        guard let expiry = claims.values["exp"]?.integer, now.epochSeconds < expiry else {
            throw APIError.bearer("The access token expired")
        }
        guard claims["aud"] == ClaimsBuilder.defaultAudience, claims["iss"] == SandboxIdentity.issuer else {
            throw APIError.bearer("The access token is for another resource")
        }
        let found = try await store.read { db -> (IssuedTokenRecord, AuthorizedClient)? in
            guard let record = try IssuedTokenRecord.fetchOne(db, key: tokenID),
                let client = try ClientRecord.named(clientID, db)
            else { return nil }
            return (record, AuthorizedClient(client: client, app: try db.app(client.appID)))
        }
        guard let (record, authorized) = found, record.revokedAt == nil else {
            throw APIError.bearer("The access token was revoked")
        }
        guard record.kind == kind else { throw APIError.bearer("The access token is not a \(name)") }
        return Accepted(claims: claims, record: record, authorized: authorized)
    }

    private static func bearerToken(_ authorization: String?) -> String? {
        guard let authorization else { return nil }
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return parts[1].trimmingCharacters(in: .whitespaces)
    }
}
