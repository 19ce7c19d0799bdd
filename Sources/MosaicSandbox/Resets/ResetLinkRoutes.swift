import Foundation
import GRDB

/// E6: `POST /cis/v1/auth/password/reset/email/link`. A mail with a link that brings a reset token to the redirect URI.
struct ResetSendEmailLinkRoute: EndpointHandler {
    let endpoint = Endpoint.sendResetLink
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let (request, content) = try call.fields(refusal: ResetStart.invalid) { fields in
            (ResetLinkRequest(&fields), EmailContent(&fields))
        }
        _ = try await request.makeLink(call, services, postingIn: services.outbox, content)
        return Reply(200, ["message": "Reset password email sent"])
    }
}

/// E7: `POST /cis/v1/auth/password/reset/link`. The same link, for the caller to deliver.
struct ResetCreateLinkRoute: EndpointHandler {
    let endpoint = Endpoint.createResetLink
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let request = try call.fields(refusal: ResetStart.invalid) { fields in ResetLinkRequest(&fields) }
        let link = try await request.makeLink(call, services, postingIn: nil, nil)
        return Reply(200, ["reset_link": .string(link)])
    }
}

/// What E6 and E7 are asked for.
private struct ResetLinkRequest: Sendable {
    var start: ResetStart
    var redirectURI: String

    init(_ fields: inout RequestFields) {
        start = ResetStart(&fields, [.email, .username])
        redirectURI = fields.string("redirect_uri", required: true, nonEmpty: true) ?? ""
    }

    /// Makes the link, and mails it when there is an outbox.
    func makeLink(
        _ call: EndpointCall,
        _ services: SandboxServices,
        postingIn outbox: Outbox?,
        _ content: EmailContent?
    ) async throws -> String {
        let caller = try call.client
        guard caller.client.redirectURIs.contains(redirectURI) else {
            throw ResetStart.invalid(["redirect_uri is not one of the allowed redirect URIs configured for this app"])
        }
        let preferences = try ResetStart.preferences(caller.app)
        let (user, address) = try await services.store.read { db in
            try start.user(in: caller.app, by: .email, .mail, db)
        }
        let before = try await services.resets.factors(of: start.previous, userID: user.user.userID)
        let token = try services.resets.make(
            userID: user.user.userID,
            app: caller.app,
            client: caller.client,
            factors: before + [OneTimeMethod.emailLink.authenticationMethod],
            ignoresMFA: start.ignoresMFA
        )
        let now = services.clock.now
        return try await services.store.write { [origin = call.origin] db in
            try token.record.insert(db)
            let path = try db.makeLink(to: redirectURI, [("code", token.text)], until: token.record.expiresAt)
            let link = origin + path
            try outbox?.post(
                MessageComposer(app: caller.app, userID: user.user.userID, now: now).mail(
                    .resetLink,
                    to: address.value,
                    link: link,
                    code: token.text,
                    minutes: Double(preferences.resetValidityMinutes),
                    style: MailStyle(
                        content: content,
                        look: preferences.message,
                        subject: "Choose a new password for \(caller.app.name)"
                    )
                ),
                in: db
            )
            return link
        }
    }
}
