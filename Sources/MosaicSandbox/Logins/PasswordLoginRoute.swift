import Foundation
import GRDB

/// E5: `POST /cis/v1/auth/password/login`. A password for a redirect with an authorization code.
///
/// Without bearer: the client is named in the body; one that comes along is not looked at. Undocumented failures: bad input is
/// shape A, an unknown client 404 `client_not_exist` as on E12, locked and disabled as on E17.
struct PasswordLoginRoute: EndpointHandler {
    let endpoint = Endpoint.passwordLogin
    let services: SandboxServices

    private struct Body: Sendable {
        var name: (type: UsernameType, value: String)
        var password: String
        var clientID: String
        var redirectURI: String
        var requiresMFA: Bool
        var tokens: UserTokenRequest
    }

    func respond(to call: EndpointCall) async throws -> Reply {
        let body = try Self.body(call)
        let found = try await services.store.read { db in try db.authorizedClient(body.clientID) }
        guard let caller = found else { throw APIError.symbolic(404, .clientNotExist) }
        guard caller.client.redirectURIs.contains(body.redirectURI) else {
            throw APIError.messages(
                400,
                ["redirect_uri is not one of the allowed redirect URIs configured for this app"]
            )
        }
        if let resource = body.tokens.resource, !caller.client.resources.contains(resource) {
            throw APIError.messages(400, ["resource is not configured for this client"])
        }
        let outcome = try await services.passwords.authenticate(
            body.name.type,
            body.name.value,
            password: body.password,
            app: caller.app
        )
        switch outcome {
        case .refused: throw APIError.message(401, "Invalid username or password")
        case .locked: throw APIError.symbolic(403, .authLocked)
        case .inactive: throw APIError.symbolic(403, .userNotActive)
        case .mustChange(let user, let state):
            throw try await services.resets.mustChange(user, state, app: caller.app, client: caller.client)
        case .granted(let user):
            let login = RedirectLogin(
                user: user,
                methods: ["pwd"],
                redirectURI: body.redirectURI,
                requiresMFA: body.requiresMFA,
                request: body.tokens
            )
            return Reply(200, ["result": ["url": .string(try await login.url(caller, services, origin: call.origin))]])
        }
    }

    private static func body(_ call: EndpointCall) throws -> Body {
        try call.fields {
            .messages(400, $0)
        } read: { fields in
            Body(
                name: fields.loginName(UsernameType.allCases) ?? (.username, ""),
                password: fields.string("password", required: true, nonEmpty: true, allowsNUL: true) ?? "",
                clientID: fields.string("client_id", required: true, nonEmpty: true) ?? "",
                redirectURI: fields.string("redirect_uri", required: true, nonEmpty: true) ?? "",
                requiresMFA: fields.boolean("require_mfa") ?? false,
                tokens: UserTokenRequest(
                    resource: fields.string("resource"),
                    organizationID: fields.string("org_id"),
                    claims: fields.claims("claims")
                )
            )
        }
    }
}

/// A login that goes on in the browser (E5, E13): a link of the sandbox that leads to the redirect URI, with a code.
struct RedirectLogin: Sendable {
    var user: AppUser
    /// The factors proved, as `amr` values.
    var methods: [String]
    var redirectURI: String
    /// Whether one factor is not enough: then the redirect says so instead of bringing a code.
    var requiresMFA = false
    var request: UserTokenRequest
    /// PKCE, for codes that the control routes make.
    var challenge: (text: String, method: AuthorizationCodeRecord.ChallengeMethod)?

    /// Where the browser continues.
    func url(_ caller: AuthorizedClient, _ services: SandboxServices, origin: String) async throws -> String {
        let now = services.clock.now
        let end = now.addingTimeInterval(AuthorizationCodeRecord.lifetime)
        let isEnough = !requiresMFA || Set(methods).count > 1
        let description = "MFA is required, allowed second factors: \(secondFactors(caller.app).joined(separator: ","))"
        return try await services.store.write { db in
            guard isEnough else {
                return origin
                    + (try db.makeLink(
                        to: redirectURI,
                        [("error", "mfa_required"), ("error_description", description)],
                        until: end
                    ))
            }
            let code = try insertCode(caller, now: now, db)
            return origin + (try db.makeLink(to: redirectURI, [("code", code)], until: end))
        }
    }

    /// Makes and records a code without a link to it.
    func insertCode(_ caller: AuthorizedClient, now: Date, _ db: Database) throws -> String {
        let code = RandomText.base64URL(byteCount: 24)
        try AuthorizationCodeRecord.filter(Column("expiresAt") < now.addingTimeInterval(-86_400)).deleteAll(db)
        try AuthorizationCodeRecord(
            digest: TokenIssuer.digest(code),
            clientID: caller.client.clientID,
            userID: user.user.userID,
            redirectURI: redirectURI,
            methods: methods,
            challenge: challenge?.text,
            challengeMethod: challenge?.method,
            grant: RefreshTokenRecord.Grant(
                resource: request.resource,
                organizationID: request.organizationID,
                claims: request.claims.map(JSONValue.object)
            ),
            authenticatedAt: now,
            expiresAt: now.addingTimeInterval(AuthorizationCodeRecord.lifetime)
        ).insert(db)
        return code
    }

    /// The second factors that the user could give: those the app has configured and the user has an address for.
    private func secondFactors(_ app: AppRecord) -> [String] {
        let hasEmail = user.primary(.email) != nil
        let hasPhone = user.primary(.phoneNumber) != nil
        return [
            hasEmail && app.authMethods["email"] != nil ? "email" : nil,
            hasPhone && app.authMethods["sms"] != nil ? "sms" : nil,
            hasEmail && app.authMethods["email_otp"] != nil ? "email-otp" : nil,
        ].compactMap { $0 }
    }
}
