extension PasswordConformance {
    /// A code as a login through the browser brings it.
    static func code(
        _ user: ConformanceCall.User,
        _ call: ConformanceCall,
        challenge: String? = nil
    ) async throws -> JSONTree {
        var body: [String: JSONTree] = ["user": .string(user.id), "redirect_uri": .string(ConformanceCall.redirectURI)]
        if let challenge {
            body["code_challenge"] = .string(challenge)
            body["code_challenge_method"] = "plain"
        }
        let made = try await call.sandbox.send("POST", "authorization-codes", .object(body))
        return ["code": made["code"] ?? .null, "redirect_uri": .string(ConformanceCall.redirectURI)]
    }

    /// The tokens of a login through the browser.
    static func browserTokens(_ user: ConformanceCall.User, _ call: ConformanceCall) async throws -> JSONTree {
        try call.result("code.exchange", try await code(user, call))
    }

    private static func issued(to user: ConformanceCall.User) -> [String: Shape] {
        var shapes = tokens(of: user.id, ["pwd"], verdict: false)
        shapes["session_id"] = nil
        return shapes
    }

    /// What PKCE proves a login with (RFC 7636, section 4.1).
    private static func newVerifier(_ call: ConformanceCall) -> String {
        "verifier-\(call.wrong())-0123456789abcdefghijklmnop"
    }

    static let exchange = MethodCases(
        method: "code.exchange",
        endpoint: "E1",
        granted: Case("the code of a login") { call in
            let user = try await call.user()
            return Attempt(try await code(user, call), .result(issued(to: user)))
        },
        cases: [
            Case("the code of a login with PKCE") { call in
                let user = try await call.user()
                let verifier = newVerifier(call)
                return Attempt(
                    try await code(user, call, challenge: verifier).with(["code_verifier": .string(verifier)]),
                    .result(issued(to: user))
                )
            },
            Case("at the deprecated endpoint") { call in
                let user = try await call.user()
                var shapes = issued(to: user)
                shapes["token_type"] = nil
                shapes["expires_in"] = nil
                shapes["is_user_created"] = .equal(false)
                return Attempt(
                    try await code(user, call).without("redirect_uri").with(["legacy": true]),
                    .result(shapes)
                )
            },
            Case("a code that is none") { call in
                Attempt(
                    ["code": .string(call.wrong()), "redirect_uri": .string(ConformanceCall.redirectURI)],
                    .refused("invalid_token", 400, "invalid_grant")
                )
            },
            Case("a code that was used") { call in
                let params = try await code(try await call.user(), call)
                try call.result("code.exchange", params)
                return Attempt(params, .refused("invalid_token", 400, "invalid_grant"))
            },
            Case("an expired code") { call in
                let user = try await call.user()
                let params = try await call.sandbox.ago(301) { try await code(user, call) }
                return Attempt(params, .refused("invalid_token", 400, "invalid_grant"))
            },
            Case("another redirect URI than the login's") { call in
                let params = try await code(try await call.user(), call)
                return Attempt(
                    params.with(["redirect_uri": "http://127.0.0.1/callback"]),
                    .refused("invalid_token", 400, "invalid_grant")
                )
            },
            Case("without the verifier of PKCE") { call in
                let params = try await code(try await call.user(), call, challenge: newVerifier(call))
                return Attempt(params, .refused("invalid_token", 400, "invalid_grant"))
            },
            Case("a user who was disabled since the login") { call in
                let user = try await call.user()
                let params = try await code(user, call)
                try await call.disable(user)
                return Attempt(params, .refused("invalid_token", 400, "invalid_grant"))
            },
            Case("a client whose credential Mosaic refuses") { call in
                let params = try await code(try await call.user(), call)
                try await call.mosaicRefuses("E1", 401, "F", code: "invalid_client")
                return Attempt(params, .refused("credential_rejected", 401, "invalid_client"))
            },
            Case("an older answer that says no more than 400") { call in
                let params = try await code(try await call.user(), call)
                try await call.mosaicRefuses("E1", 400, "A", message: "Bad request")
                return Attempt(params, .refused("invalid_token", 400))
            },
            Case("a code that is none, at the deprecated endpoint") { call in
                Attempt(["code": .string(call.wrong()), "legacy": true], .refused("invalid_token", 400))
            },
            Case("without a redirect URI") { call in
                Attempt(["code": .string(call.wrong())], .local("invalid_params", parameter: "redirect_uri"))
            },
        ],
        asksAsClient: false
    )
}
