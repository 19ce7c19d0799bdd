import Foundation

/// E22: `POST /cis/v1/auth/session/authenticate`. New tokens for a living session, which they extend.
///
/// Only "Session not found" is documented, without its shape; shape C as on E19.
struct SessionAuthenticateRoute: EndpointHandler {
    let endpoint = Endpoint.authenticateSession
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let caller = try call.client
        let (sessionID, request) = try call.fields {
            .symbolic(400, .systemInvalidInput, $0.joined(separator: "; "))
        } read: { fields in
            let sessionID = fields.string("session_id", required: true, nonEmpty: true) ?? ""
            let request = UserTokenRequest(
                resource: fields.string("resource"),
                organizationID: fields.string("org_id"),
                claims: fields.claims("claims")
            )
            fields.skipDeviceID()
            fields.skipClientAttributes()
            return (sessionID, request)
        }
        if let resource = request.resource, !caller.client.resources.contains(resource) {
            throw APIError.symbolic(400, .systemInvalidInput, "resource is not configured for this client")
        }
        let found = try await services.sessions.extended(sessionID, app: caller.app, client: caller.client)
        guard let (session, user) = found else { throw APIError.digits(400, "Session not found") }
        guard user.user.status != .disabled else { throw APIError.symbolic(403, .userNotActive) }
        return try await services.issuer.userTokens(
            user: user,
            session: session,
            app: caller.app,
            client: caller.client,
            request: request
        )
    }
}

/// E24: `POST /cis/v1/auth/session/logout`. Refusals are not documented; an unknown session is refused as on E22.
struct SessionLogoutRoute: EndpointHandler {
    let endpoint = Endpoint.logoutSession
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let sessionID = try call.fields {
            .symbolic(400, .systemInvalidInput, $0.joined(separator: "; "))
        } read: { fields in
            fields.string("session_id", required: true, nonEmpty: true) ?? ""
        }
        guard try await services.sessions.end(sessionID) else { throw APIError.digits(400, "Session not found") }
        return Reply(status: 204, body: nil)
    }
}

/// E25: `GET /cis/v1/auth/users/{user_id}/sessions`. A bare array of the living sessions.
struct SessionListRoute: EndpointHandler {
    let endpoint = Endpoint.listSessions
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let userID = try call.parameter("user_id")
        guard let sessions = try await services.sessions.sessions(of: userID, app: try call.client.app) else {
            throw UserLookup.notFound
        }
        let list: [JSONValue] = sessions.map { session in
            [
                "session_id": .string(session.sessionID), "start_time": .string(session.startedAt.mosaicDateTime),
                "expiration_time": .string(session.expiresAt.mosaicDateTime),
            ]
        }
        return Reply(status: 200, body: .array(list))
    }
}

/// E26: `DELETE /cis/v1/auth/users/{user_id}/sessions`.
///
/// Refresh tokens go with the sessions; the contract says so only of E24 and of this call's frontend twin.
struct SessionRevokeRoute: EndpointHandler {
    let endpoint = Endpoint.revokeSessions
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let userID = try call.parameter("user_id")
        guard try await services.sessions.endAll(of: userID, app: try call.client.app) else {
            throw UserLookup.notFound
        }
        return Reply(status: 204, body: nil)
    }
}

/// E15: `POST /cis/v1/auth/logout`. Ends the session of the user token that is shown; no body.
struct UserLogoutRoute: EndpointHandler {
    let endpoint = Endpoint.logout
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        var count: Int64 = 0
        if let sessionID = try call.user.sessionID,
            try await services.sessions.end(sessionID, isBackend: false)
        {
            count = 1
        }
        return Reply(200, ["sessions_count": .integer(count)])
    }
}

extension Sandbox {
    /// The handlers of sessions, refresh and revocation (contract section 8, E4, E15).
    var sessionHandlers: [any EndpointHandler] {
        [
            SessionAuthenticateRoute(services: services), TokenRefreshRoute(services: services),
            SessionLogoutRoute(services: services), SessionListRoute(services: services),
            SessionRevokeRoute(services: services), UserLogoutRoute(services: services),
            TokenRevokeRoute(services: services),
        ]
    }
}
