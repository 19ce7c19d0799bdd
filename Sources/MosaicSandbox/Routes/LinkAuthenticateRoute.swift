import Foundation
import GRDB

/// E19: `POST /cis/v1/auth/link/email/authenticate`. Spends the code that a magic link brought.
///
/// Refusals are 400 in shape C. A user who was disabled or left the app since is not found; a wrong request ID makes the code
/// a wrong one and does not spend it.
struct LinkAuthenticateRoute: EndpointHandler {
    let endpoint = Endpoint.authenticateLink
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let caller = try call.client
        let (code, requestID, common) = try call.fields {
            .digits(400, $0.joined(separator: "; "))
        } read: { fields in
            fields.skipDeviceID()
            return (
                fields.string("code", required: true, nonEmpty: true, allowsNUL: true) ?? "",
                fields.string("request_id"),
                UserAuthentication.Fields(&fields)
            )
        }
        let authentication = try await UserAuthentication(
            services: services,
            caller: caller,
            fields: common,
            refusals: .digits
        )
        let now = services.clock.now
        let user = try await services.store.write { db in
            try Self.spend(code, requestID: requestID, app: caller.app, now: now, db)
        }
        return try await authentication.complete(user, method: OneTimeMethod.emailLink.authenticationMethod)
    }

    private static func spend(
        _ code: String,
        requestID: String?,
        app: AppRecord,
        now: Date,
        _ db: Database
    ) throws -> AppUser {
        let record =
            try OneTimeCodeRecord
            .filter(
                Column("digest") == TokenIssuer.digest(code) && Column("method") == OneTimeMethod.emailLink.rawValue
                    && Column("appID") == app.appID && Column("endedAt") == nil
            )
            .fetchOne(db)
        guard var record, now < record.expiresAt, record.requestID == requestID else {
            throw APIError.digits(400, "Invalid magic link code")
        }
        guard let user = try db.appUser(userID: record.userID, appID: app.appID), user.user.status != .disabled else {
            throw APIError.digits(400, "User not found")
        }
        record.endedAt = now
        try record.update(db)
        try db.verifyAddress(of: record, now: now)
        let fresh = try db.appUser(userID: record.userID, appID: app.appID) ?? user
        return try db.recordAuthentication(of: fresh, by: OneTimeMethod.emailLink.rawValue, now: now)
    }
}
