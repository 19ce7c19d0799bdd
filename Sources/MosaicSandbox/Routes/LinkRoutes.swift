import Foundation
import GRDB
import HTTPTypes

/// E18: `POST /cis/v1/auth/link/email/send`. A magic link by mail, or with `channel` `direct` for the caller to pass on.
///
/// Refusals are shape C. What the contract leaves open: a direct link is answered as `link` and `code`; more than `linksPerUser`
/// links within a minute are a 429 in the same shape with `Retry-After`; a user without an email address is not found; without
/// the `email` method every user is.
struct LinkSendRoute: EndpointHandler {
    let endpoint = Endpoint.sendLink
    let services: SandboxServices

    private enum Channel: String, CaseIterable {
        case email
        case direct
    }

    private struct Body: Sendable {
        var reference: UserReference
        var redirectURI: String
        var state: String?
        var isDirect: Bool
        var minutes: Double?
        var content: EmailContent?
        var wantsRequestID: Bool
    }

    func respond(to call: EndpointCall) async throws -> Reply {
        let caller = try call.client
        let body = try Self.body(call)
        guard caller.client.redirectURIs.contains(body.redirectURI) else {
            throw APIError.digits(400, "redirect_uri is not one of the allowed redirect URIs configured for this app")
        }
        guard let preferences = try caller.app.linkPreferences else {
            throw APIError.digits(404, "App not found")
        }
        let now = services.clock.now
        return try await services.store.write { [outbox = services.outbox, origin = call.origin] db in
            let user = try Self.user(body.reference, app: caller.app, db)
            guard let address = user.primary(.email) else { throw APIError.digits(404, "User not found") }
            try Self.checkRate(user.user.userID, preferences, now: now, db)
            let minutes = body.minutes ?? preferences.expiresIn
            let code = RandomText.base64URL(byteCount: 24)
            let requestID = body.wantsRequestID ? RandomText.requestID() : nil
            let record = OneTimeCodeRecord(
                method: .emailLink,
                userID: user.user.userID,
                appID: caller.app.appID,
                clientID: caller.client.clientID,
                digest: TokenIssuer.digest(code),
                requestID: requestID,
                // A link that the caller passes on proves no mailbox.
                addressKind: body.isDirect ? nil : .email,
                addressKey: body.isDirect ? nil : address.key,
                createdAt: now,
                expiresAt: now.addingTimeInterval(minutes * 60)
            )
            try db.issue(record)
            let path = try db.makeLink(
                to: body.redirectURI,
                [("code", code), ("state", body.state)],
                until: record.expiresAt
            )
            var reply: [String: JSONValue] = ["message": "Email sent successfully"]
            reply.set("request_id", requestID)
            if body.isDirect {
                reply["message"] = "Link created"
                reply["link"] = .string(origin + path)
                reply["code"] = .string(code)
            } else {
                try outbox.post(
                    MessageComposer(app: caller.app, userID: user.user.userID, now: now).mail(
                        .magicLink,
                        to: address.value,
                        link: origin + path,
                        code: code,
                        minutes: minutes,
                        style: MailStyle(
                            content: body.content,
                            look: preferences.message,
                            subject: "Your link to \(caller.app.name)"
                        )
                    ),
                    in: db
                )
            }
            return Reply(200, reply)
        }
    }

    private static func body(_ call: EndpointCall) throws -> Body {
        try call.fields {
            .digits(400, $0.joined(separator: "; "))
        } read: { fields in
            let reference: UserReference
            if fields.has("identifier") || fields.has("identifier_type") {
                reference = UserReference(&fields)
                if fields.has("email") { fields.report("use either identifier or email, not both") }
            } else {
                // The deprecated form, which every vendor example sends.
                reference = UserReference(
                    type: "email",
                    value: fields.string("email", required: true, nonEmpty: true) ?? ""
                )
            }
            let minutes = fields.minutes("email_expiration")
            fields.skipClientAttributes()
            fields.skipDeviceID()
            return Body(
                reference: reference,
                redirectURI: fields.string("redirect_uri", required: true, nonEmpty: true) ?? "",
                state: fields.string("state"),
                isDirect: fields.oneOf("channel", Channel.self) == .direct,
                minutes: minutes,
                content: EmailContent(&fields),
                wantsRequestID: fields.boolean("generate_request_id") ?? false
            )
        }
    }

    private static func user(_ reference: UserReference, app: AppRecord, _ db: Database) throws -> AppUser {
        guard let user = try db.appUser(reference, appID: app.appID) else {
            // Backend calls create no user; one of the tenant could only join the app by signing up.
            if try db.isTenantUser(reference) {
                throw APIError.digits(403, "Public signup is not allowed for this application")
            }
            throw APIError.digits(404, "User not found")
        }
        guard user.user.status != .disabled else { throw APIError.digits(403, "User is not active") }
        return user
    }

    private static func checkRate(_ userID: String, _ preferences: LinkPreferences, now: Date, _ db: Database) throws {
        let sent =
            try OneTimeCodeRecord
            .filter(
                Column("method") == OneTimeMethod.emailLink.rawValue && Column("userID") == userID
                    && Column("createdAt") > now.addingTimeInterval(-60) && Column("createdAt") <= now
            )
            .order(Column("createdAt").desc)
            .limit(preferences.linksPerUser)
            .fetchAll(db)
        guard sent.count == preferences.linksPerUser, let oldest = sent.last else { return }
        let wait = oldest.createdAt.addingTimeInterval(60).timeIntervalSince(now)
        var refusal = APIError.digits(429, "Too Many Requests")
        refusal.headers[.retryAfter] = String(Int(wait.rounded(.up)))
        throw refusal
    }
}

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
