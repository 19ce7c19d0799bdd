import GRDB
import HTTPTypes

/// E1: `POST /oidc/token`. Client-credentials, code and refresh grants; the client authenticates within the request.
struct TokenRoute: EndpointHandler {
    let endpoint = Endpoint.token
    let services: SandboxServices

    /// Resource URIs of Mosaic's other services, which any client may name.
    private static let platformResources = ["https://verify.identity.security", "https://risk.identity.security"]

    func respond(to call: EndpointCall) async throws -> Reply {
        let form = try call.oauthForm
        guard let grant = form["grant_type"] else {
            throw APIError.oauth(400, "invalid_request", "grant_type is missing")
        }
        guard ["client_credentials", "authorization_code", "refresh_token"].contains(grant) else {
            throw APIError.oauth(400, "unsupported_grant_type", "Unsupported grant_type")
        }
        let authenticated = try await services.authenticator.authenticate(call, form)
        let client = authenticated.client
        switch grant {
        case "authorization_code": return try await services.exchange(form, client)
        case "refresh_token": return try await refresh(form, client)
        default: return try await clientCredentials(form, authenticated)
        }
    }

    private func clientCredentials(_ form: FormFields, _ authenticated: AuthenticatedClient) async throws -> Reply {
        let client = authenticated.client
        let resource = form["resource"]
        if let resource, !client.resources.contains(resource), !Self.platformResources.contains(resource) {
            throw APIError.oauth(400, "invalid_target", "The resource is not attached to this client")
        }
        return try await services.issuer.clientToken(
            for: client,
            resource: resource,
            boundThumbprint: authenticated.boundThumbprint
        )
    }

    /// The refresh grant (RFC 6749, section 6). A token of another client is as unknown as any.
    private func refresh(_ form: FormFields, _ client: ClientRecord) async throws -> Reply {
        guard let token = form["refresh_token"] else {
            throw APIError.oauth(400, "invalid_request", "refresh_token is missing")
        }
        switch try await services.refreshes.rotate(token, client: client) {
        case .refused(let reason): throw APIError.oauth(400, "invalid_grant", reason)
        case .inactive: throw APIError.oauth(400, "invalid_grant", "User is not active")
        case .rotated(let user, let session, let grant, let next):
            let app = try await services.store.read { db in try db.app(client.appID) }
            return try await services.issuer.refreshedTokens(
                user: user,
                session: session,
                app: app,
                client: client,
                grant: grant,
                refreshToken: next
            )
        }
    }
}

extension EndpointCall {
    /// The form of an OAuth request (E1).
    ///
    /// - Throws: 400 `invalid_request` for another content type, broken encoding or a repeated field.
    var oauthForm: FormFields {
        get throws {
            guard isContentType("application/x-www-form-urlencoded") else {
                throw APIError.oauth(400, "invalid_request", "Send the request as application/x-www-form-urlencoded")
            }
            guard let form = FormFields(body: body) else {
                throw APIError.oauth(400, "invalid_request", "The form is not valid percent-encoded UTF-8")
            }
            if let name = form.repeated.sorted().first {
                throw APIError.oauth(400, "invalid_request", "\(name) is given more than once")
            }
            return form
        }
    }
}

/// E23: `POST /cis/v1/auth/token/refresh`. Rotates a refresh token; the session stays as it is.
///
/// No refusal is documented. Every refresh token that does not work is 400 `auth_invalid_credentials` (shape D): a caller can only
/// let the user log in again.
struct TokenRefreshRoute: EndpointHandler {
    let endpoint = Endpoint.refreshTokens
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let caller = try call.client
        let token = try call.fields {
            .symbolic(400, .systemInvalidInput, $0.joined(separator: "; "))
        } read: { fields in
            fields.string("refresh_token", required: true, nonEmpty: true) ?? ""
        }
        switch try await services.refreshes.rotate(token, client: caller.client) {
        case .refused(let reason): throw APIError.symbolic(400, .authInvalidCredentials, reason)
        case .inactive: throw APIError.symbolic(403, .userNotActive)
        case .rotated(let user, let session, let grant, let next):
            return try await services.issuer.refreshedTokens(
                user: user,
                session: session,
                app: caller.app,
                client: caller.client,
                grant: grant,
                refreshToken: next
            )
        }
    }
}

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

/// E2: `GET /cis/oidc/jwks`. The keys that verify the sandbox's tokens.
struct KeysRoute: EndpointHandler {
    let endpoint = Endpoint.keys
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        Reply(status: 200, body: services.keys.document)
    }
}

/// E3: `GET /cis/oidc/.well-known/openid-configuration`.
///
/// The issuer is the sandbox's reserved name; the addresses are those under which the caller reached it.
struct DiscoveryRoute: EndpointHandler {
    let endpoint = Endpoint.discovery

    func respond(to call: EndpointCall) async throws -> Reply {
        Reply(
            200,
            [
                "issuer": .string(SandboxIdentity.issuer),
                "token_endpoint": .string("\(call.origin)/oidc/token"),
                "jwks_uri": .string("\(call.origin)/cis/oidc/jwks"),
                "revocation_endpoint": .string("\(call.origin)/cis/oidc/token/revocation"),
                "grant_types_supported": ["client_credentials", "authorization_code", "refresh_token"],
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": [
                    "client_secret_basic", "client_secret_post", "private_key_jwt", "tls_client_auth",
                    "self_signed_tls_client_auth",
                ],
                "token_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256"],
                "tls_client_certificate_bound_access_tokens": true,
                "claims_supported": [
                    "sub", "tid", "aud", "iss", "iat", "exp", "auth_time", "amr", "acr", "username", "email",
                    "email_verified", "phone_number", "phone_number_verified", "name", "given_name", "family_name",
                    "custom_data", "custom_app_data",
                ],
            ]
        )
    }
}
