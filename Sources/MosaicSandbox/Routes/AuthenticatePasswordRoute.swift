import Foundation
import GRDB

/// E17: `POST /cis/v1/auth/password/authenticate`.
///
/// No source documents its failures; these are the best supported ones (contract section 6): wrong or unknown as
/// ``SandboxSettings`` says, locked 403 `auth_locked`, inactive 403 `user_not_active`, to be changed 403 in shape B with
/// `reset_token`, a dead session 400 in shape C.
struct AuthenticatePasswordRoute: EndpointHandler {
    let endpoint = Endpoint.authenticatePassword
    let services: SandboxServices

    private struct Body {
        var username: String
        var password: String
        var type: UsernameType
        var sessionID: String?
        var tokens: UserTokenRequest
    }

    func respond(to call: EndpointCall) async throws -> Reply {
        let caller = try call.client
        let body = try Self.body(call)
        if let resource = body.tokens.resource, !caller.client.resources.contains(resource) {
            throw APIError.symbolic(400, .systemInvalidInput, "resource is not configured for this client")
        }
        // A dead session is a mistake of the caller, so it is found before a try is spent on the password.
        let joined = try await session(body.sessionID)
        let outcome = try await services.passwords.authenticate(
            body.type,
            body.username,
            password: body.password,
            app: caller.app
        )
        switch outcome {
        case .refused: return services.settings.wrongPasswordReply
        case .locked: throw APIError.symbolic(403, .authLocked)
        case .inactive: throw APIError.symbolic(403, .userNotActive)
        case .mustChange(let user, let state): throw try await mustChange(user, state, caller)
        case .granted(let user):
            if let joined, joined.userID != user.user.userID { throw Self.sessionNotFound }
            let session = try await SessionKeeper(store: services.store, clock: services.clock)
                .authenticated(user.user.userID, method: "pwd", joining: joined, client: caller.client)
            return try await services.issuer.userTokens(
                user: user,
                session: session,
                app: caller.app,
                client: caller.client,
                request: body.tokens
            )
        }
    }

    private static func body(_ call: EndpointCall) throws -> Body {
        try call.fields {
            .symbolic(400, .systemInvalidInput, $0.joined(separator: "; "))
        } read: { fields in
            let username = fields.string("username", required: true, nonEmpty: true)
            let password = fields.string("password", required: true, nonEmpty: true)
            let type = fields.oneOf("username_type", UsernameType.self) ?? .username
            let sessionID = fields.string("session_id")
            let organization = fields.string("org_id")
            let resource = fields.string("resource")
            let claims = fields.freeObject("claims")
            if var attributes = fields.object("client_attributes") {
                _ = attributes.string("user_agent")
                _ = attributes.string("ip_address")
                fields.absorb(attributes)
            }
            return Body(
                username: username ?? "",
                password: password ?? "",
                type: type,
                sessionID: sessionID,
                tokens: UserTokenRequest(resource: resource, organizationID: organization, claims: claims)
            )
        }
    }

    private static let sessionNotFound = APIError.digits(400, "Session not found")

    private func session(_ sessionID: String?) async throws -> SessionRecord? {
        guard let sessionID else { return nil }
        let now = services.clock.now
        let session = try await services.store.read { db in try SessionRecord.fetchOne(db, key: sessionID) }
        guard let session, now < session.expiresAt else { throw Self.sessionNotFound }
        return session
    }

    private func mustChange(
        _ user: AppUser,
        _ state: PasswordState,
        _ caller: AuthorizedClient
    ) async throws -> APIError {
        var refusal = APIError.message(403, state == .temporary ? "temporary_password" : "password_expired")
        // A lapsed temporary password proves too little for a reset.
        if state != .temporaryLapsed {
            let minutes = try caller.app.passwordPreferences?.resetValidityMinutes ?? 5
            refusal.body["reset_token"] = .string(
                try await services.issuer.resetToken(
                    userID: user.user.userID,
                    app: caller.app,
                    client: caller.client,
                    minutes: minutes
                )
            )
        }
        return refusal
    }
}
