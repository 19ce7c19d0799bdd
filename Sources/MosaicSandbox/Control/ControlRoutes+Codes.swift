import Hummingbird

extension ControlRoutes {
    func addAuthorizationCodes(to router: Router<SandboxRequestContext>) {
        add(.post, "authorization-codes", to: router) { call in try await makeCode(call) }
    }

    /// Makes a code as Mosaic's hosted login would, which the sandbox does not serve: the only way to one with PKCE.
    private func makeCode(_ call: ControlCall) async throws -> Reply {
        let (user, uri, challenge, method) = try call.fields { fields in
            (
                fields.string("user", required: true, nonEmpty: true) ?? "",
                fields.string("redirect_uri", required: true, nonEmpty: true) ?? "",
                fields.string("code_challenge", nonEmpty: true),
                fields.oneOf("code_challenge_method", AuthorizationCodeRecord.ChallengeMethod.self) ?? .sha256
            )
        }
        let userID = try await userID(user)
        let (clientID, now) = (services.clientID, services.clock.now)
        let code = try await services.store.write { db -> String in
            guard let caller = try db.authorizedClient(clientID),
                let user = try db.appUser(userID: userID, appID: caller.app.appID)
            else { throw APIError.message(404, "No such user in the app") }
            guard caller.client.redirectURIs.contains(uri) else {
                throw APIError.message(400, "redirect_uri is not one of the client's")
            }
            let login = RedirectLogin(
                user: user,
                methods: ["pwd"],
                redirectURI: uri,
                request: UserTokenRequest(),
                challenge: challenge.map { ($0, method) }
            )
            return try login.insertCode(caller, now: now, db)
        }
        return Reply(201, ["code": .string(code)])
    }
}
