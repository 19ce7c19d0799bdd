import GRDB

/// E4: `POST /cis/oidc/token/revocation` (RFC 7009). The client authenticates as on E1.
///
/// A refresh token takes its whole chain with it; access tokens made from it live on. A token that is unknown or another client's
/// is answered 200 all the same, and `token_type_hint` changes nothing.
struct TokenRevokeRoute: EndpointHandler {
    let endpoint = Endpoint.revokeToken
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let form = try call.revocationForm
        let client = try await services.authenticator.authenticate(call, form).client
        guard let token = form["token"] else {
            throw APIError.messages(400, ["token is required and must be a string"])
        }
        let now = services.clock.now
        let tokenID = services.keys.claims(of: token)?["jti"]
        try await services.store.write { db in
            if let record = try RefreshTokenRecord.fetchOne(db, key: TokenIssuer.digest(token)),
                record.clientID == client.clientID
            {
                try db.revokeRefreshChain(record.chainID, now: now)
            }
            if let tokenID, var record = try IssuedTokenRecord.fetchOne(db, key: tokenID),
                record.clientID == client.clientID, record.revokedAt == nil
            {
                record.revokedAt = now
                try record.update(db)
            }
        }
        return Reply(status: 200, body: nil)
    }
}

extension EndpointCall {
    /// As ``oauthForm``, refused in shape A.
    fileprivate var revocationForm: FormFields {
        get throws {
            do {
                return try oauthForm
            } catch let error as APIError {
                throw APIError.messages(400, [error.body["message"]?.string ?? "Bad request"])
            }
        }
    }
}
