import Crypto
import Foundation
import GRDB

/// Spends authorization codes (RFC 6749, section 4.1.3), for E1 and E16.
struct CodeExchange: Sendable {
    let services: SandboxServices
    let client: ClientRecord
    let code: String
    /// What E1 must name as it was at the login; E16 names none.
    var redirectURI: String?
    /// PKCE's verifier.
    var verifier: String?
    /// Whether ``redirectURI`` counts.
    var checksRedirectURI = true

    /// Why a code was refused.
    struct Rejection: Error {
        let reason: String
    }

    private enum Outcome {
        case granted(AppUser, SessionRecord, AppRecord, RefreshTokenRecord.Grant)
        case refused(String)
    }

    /// The members of the token answer, without `session_id`: a front-end session is not for the backend endpoints.
    ///
    /// - Throws: ``Refusal``.
    func tokens() async throws -> [String: JSONValue] {
        let now = services.clock.now
        // Refused by value: a second use revokes tokens, which an error would undo.
        switch try await services.store.write({ db in try spend(now: now, db) }) {
        case .refused(let reason): throw Rejection(reason: reason)
        case .granted(let user, let session, let app, let grant):
            let reply = try await services.issuer.userTokens(
                user: user,
                session: session,
                app: app,
                client: client,
                request: UserTokenRequest(
                    resource: grant.resource,
                    organizationID: grant.organizationID,
                    claims: grant.claims?.members
                )
            )
            var members = reply.body?.members ?? [:]
            members["session_id"] = nil
            return members
        }
    }

    private func spend(now: Date, _ db: Database) throws -> Outcome {
        guard var record = try AuthorizationCodeRecord.fetchOne(db, key: TokenIssuer.digest(code)),
            record.clientID == client.clientID
        else { return .refused("The code is unknown") }
        guard record.usedAt == nil else {
            try db.revokeTokens(ofSession: record.sessionID, now: now)
            return .refused("The code was used before; its tokens are revoked")
        }
        guard now < record.expiresAt else { return .refused("The code expired") }
        guard !checksRedirectURI || record.redirectURI == redirectURI else {
            return .refused("redirect_uri differs from the login's")
        }
        guard record.accepts(verifier: verifier) else { return .refused("code_verifier does not match") }
        guard let user = try db.appUser(userID: record.userID, appID: client.appID), user.user.status != .disabled
        else { return .refused("The user is not active") }
        let session = SessionRecord(
            sessionID: RandomText.base64URL(byteCount: 24),
            userID: record.userID,
            startedAt: now,
            expiresAt: now.addingTimeInterval(Double(client.sessionLifetime)),
            authenticatedAt: record.authenticatedAt,
            methods: record.methods,
            isBackend: false
        )
        try session.insert(db)
        record.usedAt = now
        record.sessionID = session.sessionID
        try record.update(db)
        let app = try db.app(client.appID)
        return .granted(try db.recordAuthentication(of: user, by: nil, now: now), session, app, record.grant)
    }
}

extension Database {
    /// Revokes the tokens of one session and ends it.
    fileprivate func revokeTokens(ofSession sessionID: String?, now: Date) throws {
        guard let sessionID else { return }
        for table in ["issuedToken", "refreshToken"] {
            try execute(
                sql: "UPDATE \(table) SET revokedAt = ? WHERE sessionID = ? AND revokedAt IS NULL",
                arguments: [now, sessionID]
            )
        }
        try SessionRecord.deleteOne(self, key: sessionID)
    }
}

/// E16 (deprecated): `POST /cis/v1/token`. The code of a redirect for tokens, the client's secret in the body.
///
/// Every refusal is 400 in shape A, wrong client credentials too.
struct CodeExchangeRoute: EndpointHandler {
    let endpoint = Endpoint.exchangeCode
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let (code, clientID, secret) = try call.fields {
            .messages(400, $0)
        } read: { fields in
            (
                fields.string("code", required: true, nonEmpty: true, allowsNUL: true) ?? "",
                fields.string("client_id", required: true, nonEmpty: true, maximum: 50) ?? "",
                fields.string("client_secret", required: true, nonEmpty: true, maximum: 50) ?? ""
            )
        }
        guard let client = try await services.authenticator.secretClient(clientID, secret: secret) else {
            throw APIError.messages(400, ["Unknown client or wrong client secret"])
        }
        let exchange = CodeExchange(services: services, client: client, code: code, checksRedirectURI: false)
        do {
            let tokens = try await exchange.tokens()
            var reply = tokens.filter { ["id_token", "access_token", "refresh_token"].contains($0.key) }
            // The sandbox creates no user at login.
            reply["is_user_created"] = false
            return Reply(200, reply)
        } catch let refusal as CodeExchange.Rejection {
            throw APIError.messages(400, [refusal.reason])
        }
    }
}

extension SandboxServices {
    /// E1's code grant (RFC 6749, section 4.1.3; PKCE: RFC 7636).
    ///
    /// The scope is always `openid`, and a refresh token is always given: E5 has no member to ask for either.
    func exchange(_ form: FormFields, _ client: ClientRecord) async throws -> Reply {
        for name in ["code", "redirect_uri"] where form[name] == nil {
            throw APIError.oauth(400, "invalid_request", "\(name) is missing")
        }
        let exchange = CodeExchange(
            services: self,
            client: client,
            code: form["code"] ?? "",
            redirectURI: form["redirect_uri"],
            verifier: form["code_verifier"]
        )
        do {
            var members = try await exchange.tokens()
            members["scope"] = "openid"
            return Reply(200, members)
        } catch let refusal as CodeExchange.Rejection {
            throw APIError.oauth(400, "invalid_grant", refusal.reason)
        }
    }
}

/// A code that a browser brings to a redirect URI and that E1 or E16 turns into tokens, known by its digest.
struct AuthorizationCodeRecord: Sendable, Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "authorizationCode"
    /// Seconds a code works; the contract states none, OAuth recommends at most ten minutes.
    static let lifetime = 300.0

    var digest: String
    var clientID: String
    var userID: String
    var redirectURI: String
    /// The factors proved, as `amr` values.
    var methods: [String]
    /// PKCE (RFC 7636): nil when the code was asked for without.
    var challenge: String?
    var challengeMethod: ChallengeMethod?
    var grant: RefreshTokenRecord.Grant
    var authenticatedAt: Date
    var expiresAt: Date
    var usedAt: Date?
    /// The session that its use began, so that a second use can end it.
    var sessionID: String?

    /// How the verifier relates to the challenge.
    enum ChallengeMethod: String, Sendable, Codable, CaseIterable {
        case plain
        case sha256 = "S256"
    }

    /// Whether the verifier is the one that the code was asked for with.
    ///
    /// A verifier for a code without challenge is refused too: an attacker may have taken the challenge out (RFC 9700, section 2.1.1).
    func accepts(verifier: String?) -> Bool {
        guard let challenge, let challengeMethod else { return verifier == nil }
        guard let verifier else { return false }
        return switch challengeMethod {
        case .plain: ConstantTime.equal(verifier, challenge)
        case .sha256: ConstantTime.equal(Data(SHA256.hash(data: Data(verifier.utf8))).base64URLText, challenge)
        }
    }
}
