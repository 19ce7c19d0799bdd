import Foundation
import GRDB

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
