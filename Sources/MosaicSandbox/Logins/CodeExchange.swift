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
