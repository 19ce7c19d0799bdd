import Foundation
import GRDB

/// E17: `POST /cis/v1/auth/password/authenticate`.
///
/// No source documents its failures; these are the best supported ones (contract section 6): wrong or unknown as
/// ``SandboxSettings`` says, locked 403 `auth_locked`, inactive 403 `user_not_active`, to be changed 403 in shape B with
/// `reset_token`, a dead session 400 in shape C.
struct PasswordAuthenticateRoute: EndpointHandler {
    let endpoint = Endpoint.authenticatePassword
    let services: SandboxServices

    private struct Body {
        var username: String
        var password: String
        var type: UsernameType
        var common: UserAuthentication.Fields
    }

    func respond(to call: EndpointCall) async throws -> Reply {
        let caller = try call.client
        let body = try Self.body(call)
        let authentication = try await UserAuthentication(
            services: services,
            caller: caller,
            fields: body.common,
            refusals: Self.refusals
        )
        let outcome = try await services.passwords.authenticate(
            body.type,
            body.username,
            password: body.password,
            app: caller.app
        )
        switch outcome {
        case .refused: return services.settings.wrongPasswordReply
        case .locked: throw APIError.symbolic(403, .authLocked)
        case .inactive: throw APIError.symbolic(403, .userNotActive)
        case .mustChange(let user, let state):
            throw try await services.resets.mustChange(user, state, app: caller.app, client: caller.client)
        case .granted(let user): return try await authentication.complete(user, method: "pwd")
        }
    }

    private static let refusals = UserAuthentication.Refusals(
        invalid: UserAuthentication.Refusals.symbolic.invalid,
        sessionNotFound: UserAuthentication.Refusals.digits.sessionNotFound
    )

    private static func body(_ call: EndpointCall) throws -> Body {
        try call.fields {
            refusals.invalid($0.joined(separator: "; "))
        } read: { fields in
            let username = fields.string("username", required: true, nonEmpty: true, allowsNUL: true)
            let password = fields.string("password", required: true, nonEmpty: true, allowsNUL: true)
            let type = fields.oneOf("username_type", UsernameType.self) ?? .username
            return Body(
                username: username ?? "",
                password: password ?? "",
                type: type,
                common: UserAuthentication.Fields(&fields)
            )
        }
    }
}
