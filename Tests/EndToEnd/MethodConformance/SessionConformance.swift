/// Sessions: E15, E22, E24, E25 and E26.
enum SessionConformance {
    static let all = [authenticate, logout, userLogout, list, revoke]

    /// The session of a user who has logged in.
    private static func session(_ user: ConformanceCall.User, _ call: ConformanceCall) throws -> JSONTree {
        ["session_id": try call.login(user)["session_id"] ?? .null]
    }

    private static let done = Expected.result([:])

    private static let authenticate = MethodCases(
        method: "session.authenticate",
        endpoint: "E22",
        granted: Case("new tokens in the session") { call in
            let user = try await call.user()
            let params = try session(user, call)
            var expected = tokens(of: user.id, ["pwd"], verdict: false)
            expected["session_id"] = .equal(params["session_id"] ?? .null)
            return Attempt(params, .result(expected))
        },
        cases: [
            Case("a session that is not there") { call in
                Attempt(["session_id": .string(call.wrong())], .refused("invalid_token", 400))
            },
            Case("an expired session") { call in
                let user = try await call.user()
                let params = try await call.sandbox.ago(14 * 86_400 + 1) { try session(user, call) }
                return Attempt(params, .refused("invalid_token", 400))
            },
            Case("a session that was ended") { call in
                let params = try session(try await call.user(), call)
                try call.result("session.logout", params)
                return Attempt(params, .refused("invalid_token", 400))
            },
            Case("a user who was disabled since the login") { call in
                let user = try await call.user()
                let params = try session(user, call)
                try await call.disable(user)
                return Attempt(params, .refused("invalid_token", 403, "user_not_active"))
            },
            Case("a resource that the client does not have") { call in
                let params = try session(try await call.user(), call)
                return Attempt(
                    params.with(["resource": "https://other.example"]),
                    .refused("invalid_params", 400, "system_invalid_input")
                )
            },
        ]
    )

    private static let logout = MethodCases(
        method: "session.logout",
        endpoint: "E24",
        granted: Case("a session") { call in
            let user = try await call.user()
            let granted = try call.login(user)
            let refresh: JSONTree = ["refresh_token": granted["refresh_token"] ?? .null, "kind": "backend"]
            return Attempt(["session_id": granted["session_id"] ?? .null], done) { _ in
                let answer = try call.stage.ask("token.refresh", refresh, as: "default").answer
                guard answer["error"]?["data"]?["kind"] == "invalid_token" else {
                    throw HarnessFailure("the session's refresh token lives on: \(answer)")
                }
            }
        },
        cases: [
            Case("a session that is not there") { call in
                Attempt(["session_id": .string(call.wrong())], .refused("invalid_token", 400))
            },
            Case("a session that was ended") { call in
                let params = try session(try await call.user(), call)
                try call.result("session.logout", params)
                return Attempt(params, .refused("invalid_token", 400))
            },
        ]
    )

    private static let userLogout = MethodCases(
        method: "user.logout",
        endpoint: "E15",
        granted: Case("a session of a login through the browser") { call in
            let tokens = try await PasswordConformance.browserTokens(try await call.user(), call)
            return Attempt(
                ["access_token": tokens["access_token"] ?? .null],
                .result(["sessions_count": .equal(1)])
            )
        },
        cases: [
            Case("a session that was ended already") { call in
                let tokens = try await PasswordConformance.browserTokens(try await call.user(), call)
                let params: JSONTree = ["access_token": tokens["access_token"] ?? .null]
                try call.result("user.logout", params)
                return Attempt(params, .result(["sessions_count": .equal(0)]))
            },
            Case("a user who was disabled since") { call in
                let user = try await call.user()
                let tokens = try await PasswordConformance.browserTokens(user, call)
                try await call.disable(user)
                return Attempt(["access_token": tokens["access_token"] ?? .null], .refused("invalid_token", 403))
            },
            Case("a token that is none") { call in
                Attempt(["access_token": .string(call.wrong())], .refused("invalid_token", 401))
            },
            Case("an expired token") { call in
                let user = try await call.user()
                let granted = try await call.sandbox.ago(3601) { try call.login(user) }
                return Attempt(["access_token": granted["access_token"] ?? .null], .refused("invalid_token", 401))
            },
            Case("a token that was revoked") { call in
                let token = try call.login(try await call.user())["access_token"] ?? .null
                try await call.sandbox.send("POST", "tokens/revoke", ["token": token])
                return Attempt(["access_token": token], .refused("invalid_token", 401))
            },
            Case("a request that Mosaic does not take") { call in
                let token = try call.login(try await call.user())["access_token"] ?? .null
                try await call.mosaicRefuses("E15", 400, "B", message: "Bad request")
                return Attempt(["access_token": token], .refused("invalid_token", 400))
            },
        ],
        asksAsClient: false
    )

    private static let list = MethodCases(
        method: "session.list",
        endpoint: "E25",
        granted: Case("a user with two sessions") { call in
            let user = try await call.user()
            for _ in 0..<2 { _ = try call.login(user) }
            let one: Shape = .members(["session_id": .text, "start_time": .text, "expiration_time": .text])
            return Attempt(["user_id": .string(user.id)], .result(["sessions": .listOf(one)]))
        },
        cases: [
            Case("a user without sessions") { call in
                let user = try await call.user()
                return Attempt(["user_id": .string(user.id)], .result(["sessions": .equal([])]))
            },
            Case("an unknown user") { call in
                Attempt(["user_id": .string(call.stranger().id)], .refused("not_found", 404))
            },
        ]
    )

    private static let revoke = MethodCases(
        method: "session.revoke",
        endpoint: "E26",
        granted: Case("all sessions of a user") { call in
            let user = try await call.user()
            for _ in 0..<2 { _ = try call.login(user) }
            let params: JSONTree = ["user_id": .string(user.id)]
            return Attempt(params, done) { _ in
                guard try call.result("session.list", params)["sessions"] == [] else {
                    throw HarnessFailure("there are sessions left")
                }
            }
        },
        cases: [
            Case("a user without sessions") { call in
                Attempt(["user_id": .string(try await call.user().id)], done)
            },
            Case("an unknown user") { call in
                Attempt(["user_id": .string(call.stranger().id)], .refused("not_found", 404))
            },
        ]
    )
}
