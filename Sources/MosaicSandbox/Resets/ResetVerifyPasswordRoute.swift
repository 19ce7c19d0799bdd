import GRDB

/// E12: `POST /cis/v1/auth/password/reset/password/validate`. A reset token for the current password, also for an expired or
/// temporary one; wrong passwords count towards the lockout.
///
/// Without bearer: the client is named in the body. Disabled users and lapsed temporary passwords look like wrong passwords.
struct ResetVerifyPasswordRoute: EndpointHandler {
    let endpoint = Endpoint.validateCurrentPassword
    let services: SandboxServices

    private struct Body: Sendable {
        var name: (type: UsernameType, value: String)
        var password: String
        var clientID: String
        var previous: String?
    }

    func respond(to call: EndpointCall) async throws -> Reply {
        let body = try call.fields(refusal: ResetStart.invalid) { fields in
            Body(
                name: fields.loginName(UsernameType.allCases) ?? (.username, ""),
                password: fields.string("password", required: true, nonEmpty: true, allowsNUL: true) ?? "",
                clientID: fields.string("client_id", required: true, nonEmpty: true) ?? "",
                previous: fields.string("prev_reset_token")
            )
        }
        let found = try await services.store.read { db in try db.authorizedClient(body.clientID) }
        guard let caller = found else { throw APIError.symbolic(404, .clientNotExist) }
        // A useless token is found before a try is spent on the password.
        if let previous = body.previous, try await services.resets.content(of: previous) == nil {
            throw APIError.symbolic(403, .authPasswordInvalidResetToken)
        }
        let outcome = try await services.passwords.authenticate(
            body.name.type,
            body.name.value,
            password: body.password,
            app: caller.app
        )
        let user: AppUser
        switch outcome {
        case .granted(let granted), .mustChange(let granted, .temporary), .mustChange(let granted, .expired):
            user = granted
        case .locked: throw APIError.symbolic(403, .authLocked)
        case .refused, .inactive, .mustChange: throw APIError.symbolic(403, .authInvalidCredentials)
        }
        let factors = try await services.resets.factors(of: body.previous, userID: user.user.userID)
        let token = try await services.resets.issue(
            userID: user.user.userID,
            app: caller.app,
            client: caller.client,
            factors: factors + ["pwd"]
        )
        return Reply(200, ["result": .string(token)])
    }
}

extension Database {
    /// The client of that ID with its app.
    func authorizedClient(_ clientID: String) throws -> AuthorizedClient? {
        try ClientRecord.named(clientID, self).map { client in
            AuthorizedClient(client: client, app: try app(client.appID))
        }
    }
}
