import HTTPTypes

/// E1: `POST /oidc/token`. Client-credentials and code grants; the client authenticates within the request.
struct TokenRoute: EndpointHandler {
    let endpoint = Endpoint.token
    let services: SandboxServices

    /// Resource URIs of Mosaic's other services, which any client may name.
    private static let platformResources = ["https://verify.identity.security", "https://risk.identity.security"]

    func respond(to call: EndpointCall) async throws -> Reply {
        guard call.isContentType("application/x-www-form-urlencoded") else {
            throw APIError.oauth(400, "invalid_request", "Send the request as application/x-www-form-urlencoded")
        }
        guard let form = FormFields(body: call.body) else {
            throw APIError.oauth(400, "invalid_request", "The form is not valid percent-encoded UTF-8")
        }
        if let name = form.repeated.sorted().first {
            throw APIError.oauth(400, "invalid_request", "\(name) is given more than once")
        }
        guard let grant = form["grant_type"] else {
            throw APIError.oauth(400, "invalid_request", "grant_type is missing")
        }
        guard ["client_credentials", "authorization_code"].contains(grant) else {
            throw APIError.oauth(400, "unsupported_grant_type", "Unsupported grant_type")
        }
        let client = try await services.authenticator.authenticate(
            form: form,
            authorization: call.headers[.authorization]
        )
        if grant == "authorization_code" { return try await services.exchange(form, client) }
        let resource = form["resource"]
        if let resource, !client.resources.contains(resource), !Self.platformResources.contains(resource) {
            throw APIError.oauth(400, "invalid_target", "The resource is not attached to this client")
        }
        return try await services.issuer.clientToken(for: client, resource: resource)
    }
}
