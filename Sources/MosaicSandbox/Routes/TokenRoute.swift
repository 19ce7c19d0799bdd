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
