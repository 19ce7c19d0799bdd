import GRDB

/// E14: `POST /cis/v1/auth/password/validate`. Whether a password could be set: by the app's policy and, with a user, by that
/// user's history.
///
/// An unknown user is not refused, which would tell who exists: then only the policy counts. The codes of `errors` are not
/// published; these are E29's.
struct PasswordCheckRoute: EndpointHandler {
    let endpoint = Endpoint.checkPassword
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let app = try call.client.app
        let (password, name) = try call.fields(refusal: ResetStart.invalid) { fields in
            (
                fields.string("password", required: true, allowsNUL: true) ?? "",
                fields.loginName(UsernameType.allCases, required: false)
            )
        }
        guard let preferences = try app.passwordPreferences else {
            throw APIError.message(403, SymbolicCode.authPasswordPolicyDisabled.meaning)
        }
        var errors = PasswordPolicy(preferences).violations(of: password)
        let recent = try await services.store.read { db -> [String] in
            guard let name, let user = try db.appUser(name.0, name.1, appID: app.appID) else { return [] }
            return try db.recentPasswordHashes(userID: user.user.userID, limit: preferences.blockPreviousPasswords)
        }
        if try await services.hasher.verify(password, againstAny: recent) {
            let code = SymbolicCode.authPasswordRecentlyUsed
            errors.append(PasswordPolicy.Violation(code: code, message: code.meaning))
        }
        let list = errors.map { ["code": .string($0.code.rawValue), "message": .string($0.message)] as JSONValue }
        return Reply(200, ["result": ["valid_password": .boolean(errors.isEmpty), "errors": .array(list)]])
    }
}
