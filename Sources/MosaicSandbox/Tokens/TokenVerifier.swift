import Foundation
import GRDB
import HTTPTypes

/// A client whose access token was accepted, with its app.
struct AuthorizedClient: Sendable {
    let client: ClientRecord
    let app: AppRecord
}

/// Checks client access tokens on the endpoints that want one (CAT).
struct TokenVerifier: Sendable {
    let store: SandboxStore
    let keys: SigningKeys
    let clock: SandboxClock

    /// The client behind the request's bearer token.
    ///
    /// - Throws: ``APIError/bearer(_:)`` for a missing, malformed, forged, expired or revoked token, for one of another kind (a
    ///   user's) and for one made for another resource; 403 in shape B when the client has roles and none of them permits the
    ///   endpoint.
    func client(for endpoint: Endpoint, authorization: String?) async throws -> AuthorizedClient {
        guard let token = Self.bearerToken(authorization) else {
            throw APIError.bearer("A client access token is required as bearer token")
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
                let client = try ClientRecord.fetchOne(db, key: clientID)
            else { return nil }
            return (record, AuthorizedClient(client: client, app: try db.app(client.appID)))
        }
        guard let (record, authorized) = found, record.revokedAt == nil else {
            throw APIError.bearer("The access token was revoked")
        }
        guard record.kind == .client else {
            throw APIError.bearer("The access token is not a client access token")
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

    private static func bearerToken(_ authorization: String?) -> String? {
        guard let authorization else { return nil }
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return parts[1].trimmingCharacters(in: .whitespaces)
    }
}
