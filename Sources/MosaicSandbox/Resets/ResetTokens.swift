import Foundation
import GRDB

/// Reset tokens: made for a user who proved a factor, spent by E13.
///
/// A token names in `amr` what was proved for it. Where the app wants two factors (`requireMFA`) a token for one carries
/// `mfa_required: true` and is good for nothing but to be handed on as `prev_reset_token`.
struct ResetTokens: Sendable {
    /// The audience of reset tokens: no endpoint takes them as bearer.
    static let audience = "password-reset"

    /// What a reset token says.
    struct Content: Sendable {
        var tokenID: String
        var userID: String
        var clientID: String
        var factors: [String]
        var needsFactor: Bool
    }

    /// A new token and the record that makes it valid; the caller inserts it.
    struct New: Sendable {
        var text: String
        var record: IssuedTokenRecord
    }

    let store: SandboxStore
    let keys: SigningKeys
    let clock: SandboxClock

    /// Makes a token for factors that were proved, oldest first.
    func make(
        userID: String,
        app: AppRecord,
        client: ClientRecord,
        factors: [String],
        ignoresMFA: Bool = false
    ) throws -> New {
        let now = clock.now
        let preferences = try app.passwordPreferences ?? PasswordPreferences()
        let tokenID = RandomText.base64URL(byteCount: 16)
        let claims = ClaimsBuilder(app: app, client: client, now: now).reset(
            tokenID: tokenID,
            userID: userID,
            minutes: preferences.resetValidityMinutes,
            factors: factors,
            needsFactor: preferences.requireMFA && !ignoresMFA && Set(factors).count < 2
        )
        return New(
            text: try keys.sign(claims),
            record: IssuedTokenRecord(
                tokenID: tokenID,
                kind: .reset,
                clientID: client.clientID,
                userID: userID,
                expiresAt: now.addingTimeInterval(Double(preferences.resetValidityMinutes) * 60)
            )
        )
    }

    /// Makes a token and records it.
    func issue(userID: String, app: AppRecord, client: ClientRecord, factors: [String]) async throws -> String {
        let token = try make(userID: userID, app: app, client: client, factors: factors)
        try await store.write { db in try token.record.insert(db) }
        return token.text
    }

    /// The content of a token that may still be used; nil for anything forged, of another kind, expired, spent or revoked.
    func content(of token: String) async throws -> Content? {
        guard let claims = keys.claims(of: token), claims["aud"] == Self.audience,
            claims["iss"] == SandboxIdentity.issuer, let tokenID = claims["jti"], let userID = claims["sub"],
            let clientID = claims["client_id"], let expiry = claims.values["exp"]?.integer,
            clock.now.epochSeconds < expiry
        else { return nil }
        let record = try await store.read { db in try IssuedTokenRecord.fetchOne(db, key: tokenID) }
        guard let record, record.kind == .reset, record.usedAt == nil, record.revokedAt == nil else { return nil }
        return Content(
            tokenID: tokenID,
            userID: userID,
            clientID: clientID,
            factors: (claims.values["amr"]?.elements ?? []).compactMap(\.string),
            needsFactor: claims.values["mfa_required"]?.boolean ?? false
        )
    }

    /// The factors that a `prev_reset_token` proves for the user; none without one.
    ///
    /// - Throws: 403 `auth_password_invalid_reset_token` for a token that is not usable or another user's.
    func factors(of previous: String?, userID: String) async throws -> [String] {
        guard let previous else { return [] }
        guard let content = try await content(of: previous), content.userID == userID else {
            throw APIError.symbolic(403, .authPasswordInvalidResetToken)
        }
        return content.factors
    }

    /// The refusal of a right password that must be changed (E5, E17): shape B with a reset token, unless the password was
    /// temporary and has lapsed; that proves too little.
    func mustChange(
        _ user: AppUser,
        _ state: PasswordState,
        app: AppRecord,
        client: ClientRecord
    ) async throws -> APIError {
        var refusal = APIError.message(403, state == .temporary ? "temporary_password" : "password_expired")
        if state != .temporaryLapsed {
            refusal.body["reset_token"] = .string(
                try await issue(userID: user.user.userID, app: app, client: client, factors: ["pwd"])
            )
        }
        return refusal
    }
}
