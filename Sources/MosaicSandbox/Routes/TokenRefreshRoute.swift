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
