import Foundation

/// Tokens: E23, E1, E4, and the checks with the keys of E2.
enum TokenConformance {
    static let all = [refresh, revoke, verify, clientToken]
}

// MARK: - token.refresh and token.revoke

extension TokenConformance {
    private static func spending(_ token: JSONTree?, _ kind: String = "backend") -> JSONTree {
        ["refresh_token": token ?? .null, "kind": .string(kind)]
    }

    private static func issued(to user: ConformanceCall.User) -> Expected {
        var shapes = tokens(of: user.id, ["pwd"], verdict: false)
        shapes["session_id"] = nil
        return .result(shapes)
    }

    private static let deadBackend = Expected.refused("invalid_token", 400, "auth_invalid_credentials")
    private static let deadGrant = Expected.refused("invalid_token", 400, "invalid_grant")

    private static let refresh = MethodCases(
        method: "token.refresh",
        endpoint: "E23",
        granted: Case("a token of a backend login") { call in
            let user = try await call.user()
            return Attempt(spending(try call.login(user)["refresh_token"]), issued(to: user))
        },
        cases: [
            Case("a token of a login through the browser") { call in
                let user = try await call.user()
                let tokens = try await PasswordConformance.browserTokens(user, call)
                return Attempt(spending(tokens["refresh_token"], "oidc"), issued(to: user))
            },
            Case("a token that is none") { call in Attempt(spending(.string(call.wrong())), deadBackend) },
            Case("a token that was spent") { call in
                let params = spending(try call.login(try await call.user())["refresh_token"])
                try call.result("token.refresh", params)
                return Attempt(params, deadBackend)
            },
            Case("an expired token") { call in
                let user = try await call.user()
                let granted = try await call.sandbox.ago(14 * 86_400 + 1) { try call.login(user) }
                return Attempt(spending(granted["refresh_token"]), deadBackend)
            },
            Case("a token that was revoked") { call in
                let token = try call.login(try await call.user())["refresh_token"] ?? .null
                try call.result("token.revoke", ["token": token, "token_type_hint": "refresh_token"])
                return Attempt(spending(token), deadBackend)
            },
            Case("a user who was disabled since the login") { call in
                let user = try await call.user()
                let params = spending(try call.login(user)["refresh_token"])
                try await call.disable(user)
                return Attempt(params, .refused("invalid_token", 403, "user_not_active"))
            },
            Case("a token that is none, by the grant") { call in
                Attempt(spending(.string(call.wrong()), "oidc"), deadGrant)
            },
            Case("a token that was spent, by the grant") { call in
                let tokens = try await PasswordConformance.browserTokens(try await call.user(), call)
                let params = spending(tokens["refresh_token"], "oidc")
                try call.result("token.refresh", params)
                return Attempt(params, deadGrant)
            },
            Case("a client whose credential Mosaic refuses") { call in
                try await call.mosaicRefuses("E1", 401, "F", code: "invalid_client")
                return Attempt(
                    spending(.string(call.wrong()), "oidc"),
                    .refused("credential_rejected", 401, "invalid_client")
                )
            },
        ]
    )

    private static let revoke = MethodCases(
        method: "token.revoke",
        endpoint: "E4",
        granted: Case("a refresh token") { call in
            let token = try call.login(try await call.user())["refresh_token"] ?? .null
            return Attempt(["token": token, "token_type_hint": "refresh_token"], .result([:])) { _ in
                let answer = try call.stage.ask("token.refresh", spending(token), as: "default").answer
                guard answer["error"]?["data"]?["kind"] == "invalid_token" else {
                    throw HarnessFailure("the token lives on: \(answer)")
                }
            }
        },
        cases: [
            Case("an access token") { call in
                let token = try call.login(try await call.user())["access_token"] ?? .null
                return Attempt(["token": token], .result([:]))
            },
            Case("a token that is none, which is done already") { call in
                Attempt(["token": .string(call.wrong())], .result([:]))
            },
            Case("a token that Mosaic does not take") { call in
                try await call.mosaicRefuses("E4", 400, "A", message: "Bad request")
                return Attempt(["token": .string(call.wrong())], .refused("invalid_token", 400))
            },
            Case("a client whose credential Mosaic refuses") { call in
                try await call.mosaicRefuses("E4", 401, "F", code: "invalid_client")
                return Attempt(
                    ["token": .string(call.wrong())],
                    .refused("credential_rejected", 401, "invalid_client")
                )
            },
        ],
        asksAsClient: false
    )
}

// MARK: - token.verify

extension TokenConformance {
    private static func check(_ token: JSONTree?, as use: String = "access") -> JSONTree {
        ["token": token ?? .null, "token_use": .string(use)]
    }

    private static func invalid(_ reason: String) -> Expected {
        .result(["valid": .equal(false), "reason": .equal(.string(reason))])
    }

    /// A token with another header or other claims and the old signature.
    private static func forged(
        _ token: JSONTree?,
        header: JSONTree = [:],
        claims: JSONTree = [:]
    ) throws -> JSONTree {
        let parts = (token?.string ?? "").split(separator: ".").map(String.init)
        guard parts.count == 3 else { throw HarnessFailure("no token: \(String(describing: token))") }
        let changed = try zip(parts, [header, claims]).map { part, changes in
            guard changes != [:] else { return part }
            let padded = part.replacing("-", with: "+").replacing("_", with: "/")
                .padding(toLength: (part.count + 3) / 4 * 4, withPad: "=", startingAt: 0)
            let object = try JSONTree(String(decoding: Data(base64Encoded: padded) ?? Data(), as: UTF8.self))
            return Data(try object.with(changes.object ?? [:]).text.utf8).base64EncodedString()
                .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        }
        return .string((changed + [parts[2]]).joined(separator: "."))
    }

    private static func flaw(
        _ name: String,
        _ reason: String,
        _ params: @escaping @Sendable (JSONTree) throws -> JSONTree
    ) -> Case {
        Case(name) { call in
            Attempt(try params(try call.login(try await call.user())), invalid(reason))
        }
    }

    private static let verify = MethodCases(
        method: "token.verify",
        endpoint: "E2",
        granted: Case("a user's access token") { call in
            let user = try await call.user()
            return Attempt(
                check(try call.login(user)["access_token"]),
                .result([
                    "valid": .equal(true),
                    "claims": .including([
                        "sub": .equal(.string(user.id)), "iss": .equal("https://mosaic-sandbox.invalid"), "exp": .count,
                    ]),
                ])
            )
        },
        cases: [
            Case("an ID token") { call in
                let user = try await call.user()
                return Attempt(
                    check(try call.login(user)["id_token"], as: "id"),
                    .result([
                        "valid": .equal(true),
                        "claims": .including(["sub": .equal(.string(user.id)), "amr": .equal(["pwd"])]),
                    ])
                )
            },
            Case("what is no token") { call in Attempt(check(.string(call.wrong())), invalid("malformed")) },
            Case("an encrypted token") { call in
                Attempt(check(.string("e30.\(call.wrong()).c.d.e"), as: "id"), invalid("encrypted"))
            },
            flaw("an ID token as an access token", "client") { check($0["id_token"]) },
            flaw("an access token as an ID token", "audience") { check($0["access_token"], as: "id") },
            flaw("an access token for another resource", "audience") {
                check($0["access_token"]).with(["resource": "https://other.example"])
            },
            flaw("without a signature", "algorithm") {
                check(try forged($0["access_token"], header: ["alg": "none"]))
            },
            flaw("with a key that nobody has", "unknown_key") {
                check(try forged($0["access_token"], header: ["kid": "nobody"]))
            },
            flaw("with other claims", "signature") { check(try forged($0["access_token"], claims: ["sub": "root"])) },
            Case("an expired token") { call in
                let user = try await call.user()
                let granted = try await call.sandbox.ago(3700) { try call.login(user) }
                // The agent hears the emulator's time with each of its answers.
                _ = try call.login(user)
                return Attempt(check(granted["access_token"]), invalid("expired"))
            },
            Case("a token of the time to come") { call in
                let user = try await call.user()
                let granted = try await call.sandbox.ago(-600) { try call.login(user) }
                _ = try call.login(user)
                return Attempt(check(granted["access_token"]), invalid("not_yet_valid"))
            },
            Case("the agent's own token, which speaks for no user") { call in
                let own = try call.result("client_token.get", ["min_valid_s": 0])
                return Attempt(check(own["access_token"]), invalid("subject"))
            },
        ],
        asksAsClient: false,
        worksAlone: true
    )
}

// MARK: - client_token.get

extension TokenConformance {
    private static let lent = Expected.result([
        "access_token": .jwt, "token_type": .equal("Bearer"), "expires_in": .count,
    ])

    private static let clientToken = MethodCases(
        method: "client_token.get",
        endpoint: "E1",
        granted: Case("the token that the agent holds") { _ in Attempt(["min_valid_s": 600], lent) },
        cases: [
            Case("for another service of Mosaic's") { _ in
                Attempt(["min_valid_s": 600, "resource": "https://risk.identity.security"], lent)
            },
            Case("for a resource that the client does not have") { _ in
                var refused = ExpectedError("not_configured", outcome: "not_sent", status: 400, code: "invalid_target")
                refused.wait = .optional(.count)
                return Attempt(["min_valid_s": 0, "resource": "https://other.example"], .error(refused))
            },
            Case("longer than it is good") { _ in
                Attempt(["min_valid_s": 86_401], .local("invalid_params", parameter: "min_valid_s"))
            },
        ],
        asksAsClient: false,
        worksAlone: true,
        firstTime: ["min_valid_s": 0, "resource": "https://verify.identity.security"]
    )
}
