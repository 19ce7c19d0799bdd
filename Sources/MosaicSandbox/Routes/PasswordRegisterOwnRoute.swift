/// E30: `POST /cis/v1/users/me/password-credentials`. The logged-in user's own first password, permanent at once.
///
/// Only 403 is documented; a bad or weak password is refused as E28 does, which sets the same thing.
struct PasswordRegisterOwnRoute: EndpointHandler {
    let endpoint = Endpoint.registerPassword
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let caller = try call.user
        let first = try call.fields {
            .symbolic(400, .systemInvalidInput, $0.joined(separator: "; "))
        } read: { fields in
            fields.skipDeviceID()
            return FirstPassword(
                userID: caller.user.user.userID,
                password: fields.string("password", required: true, nonEmpty: true, allowsNUL: true) ?? "",
                username: fields.string("username", nonEmpty: true),
                isTemporary: false,
                enforceComplexity: true,
                alreadyConfigured: .message(403, "A password is already configured")
            )
        }
        try await first.set(in: caller.app, services)
        return Reply(200, ["result": ["message": "Password registered"]])
    }
}
