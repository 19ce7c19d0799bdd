import Foundation

/// The claims of a token as a JSON object; what a JWT carries.
///
/// Whether they hold (expiry, audience) is checked by ``TokenVerifier`` against the sandbox's clock.
package struct TokenClaims: Sendable, Equatable {
    package var values: [String: JSONValue]

    package init(_ values: [String: JSONValue]) { self.values = values }

    /// The string claim of that name.
    package subscript(name: String) -> String? { values[name]?.string }
}

/// Builds the claims of each kind of token (contract E1, section 12).
struct ClaimsBuilder: Sendable {
    /// The audience of tokens that asked for no resource.
    static let defaultAudience = "userid-api"

    let app: AppRecord
    let client: ClientRecord
    let now: Date

    /// A client access token's claims.
    func client(tokenID: String, resource: String?) -> TokenClaims {
        var values = common(tokenID: tokenID, lifetime: client.accessTokenLifetime)
        values["sub"] = .string(client.clientID)
        values["app_name"] = .string(app.name)
        values["aud"] = .string(resource ?? Self.defaultAudience)
        values["scope"] = .string(scope)
        values["roles"] = []
        values["ts_roles"] = .array(client.roles.map { .string($0.name) })
        values["ts_permissions"] = .array((client.permissions ?? []).sorted().map(JSONValue.string))
        return TokenClaims(values)
    }

    /// The `scope` of a client's token: its effective permissions.
    var scope: String { (client.permissions ?? []).sorted().joined(separator: " ") }

    /// A user access token's claims.
    func access(tokenID: String, user: AppUser, request: UserTokenRequest) -> TokenClaims {
        var values = UserClaims.requested(request.claims?["access_token"], of: user)
        values.merge(common(tokenID: tokenID, lifetime: client.accessTokenLifetime)) { $1 }
        values["sub"] = .string(user.user.userID)
        values["aud"] = .string(request.resource ?? Self.defaultAudience)
        values["roles"] = []
        values.set("org_id", request.organizationID)
        return TokenClaims(values)
    }

    /// An ID token's claims.
    func identity(user: AppUser, session: SessionRecord, request: UserTokenRequest) -> TokenClaims {
        var values = UserClaims.requested(request.claims?["id_token"], of: user)
        values["sub"] = .string(user.user.userID)
        values["tid"] = .string(app.tenantID)
        values["aud"] = .string(client.clientID)
        values["iss"] = .string(SandboxIdentity.issuer)
        values["iat"] = .integer(now.epochSeconds)
        values["exp"] = .integer(now.epochSeconds + Int64(client.accessTokenLifetime))
        values["auth_time"] = .integer(session.authenticatedAt.epochSeconds)
        values["amr"] = .array(session.amr.map(JSONValue.string))
        values["acr"] = .string(session.amr.contains("mfa") ? "mfa" : "sfa")
        values.set("org_id", request.organizationID)
        values.set("approval_data", request.approvalData)
        return TokenClaims(values)
    }

    /// A reset token's claims; `amr` has the factors proved for it.
    func reset(tokenID: String, userID: String, minutes: Int, factors: [String], needsFactor: Bool) -> TokenClaims {
        var values = common(tokenID: tokenID, lifetime: minutes * 60)
        values["sub"] = .string(userID)
        values["aud"] = .string(ResetTokens.audience)
        values["mfa_required"] = .boolean(needsFactor)
        values["amr"] = .array(factors.map(JSONValue.string))
        return TokenClaims(values)
    }

    private func common(tokenID: String, lifetime: Int) -> [String: JSONValue] {
        [
            "client_id": .string(client.clientID), "app_id": .string(app.appID), "tid": .string(app.tenantID),
            "iss": .string(SandboxIdentity.issuer), "jti": .string(tokenID), "iat": .integer(now.epochSeconds),
            "exp": .integer(now.epochSeconds + Int64(lifetime)),
        ]
    }
}

/// What the caller of an authentication asked of the tokens.
struct UserTokenRequest: Sendable {
    var resource: String?
    var organizationID: String?
    /// OIDC's claims parameter: members `id_token`, `access_token`.
    var claims: [String: JSONValue]?
    /// What E20 was sent with, for the ID token.
    var approvalData: JSONValue?
}

/// The sandbox's names in tokens.
package enum SandboxIdentity {
    /// The issuer of all its tokens; a reserved name (RFC 2606), so no real token can ever carry it.
    package static let issuer = "https://mosaic-sandbox.invalid"
}
