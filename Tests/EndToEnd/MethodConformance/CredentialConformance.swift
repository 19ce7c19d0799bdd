/// The passwords of users: E14, E28, E29 and E30.
enum CredentialConformance {
    static let all = [check, register, update, registerOwn]
}

// MARK: - password.check

extension CredentialConformance {
    private static let check = MethodCases(
        method: "password.check",
        endpoint: "E14",
        granted: Case("a good password") { call in
            Attempt(
                ["password": .string(call.newPassword())],
                .result(["valid_password": .equal(true), "errors": .equal([])])
            )
        },
        cases: [
            Case("a weak password is a result") { _ in
                Attempt(["password": "kurzes-pw"], .result(["valid_password": .equal(false), "errors": problems]))
            },
            Case("a password that the user has had", takes: ["reset"]) { call in
                let user = try await call.user()
                try await call.prefer(["password": ["blockPreviousPasswords": 2]])
                return Attempt(
                    ["password": .string(user.password), "email": .string(user.email)],
                    .result(["valid_password": .equal(false), "errors": problems])
                )
            },
            Case("for an unknown user only the policy counts", takes: ["reset"]) { call in
                Attempt(
                    ["password": .string(call.newPassword()), "username": .string(call.stranger().username)],
                    .result(["valid_password": .equal(true), "errors": .equal([])])
                )
            },
            Case("no password method in the application") { call in
                try await call.prefer(["password": .null])
                return Attempt(["password": .string(call.newPassword())], .refused("not_configured", 403))
            },
        ],
        triesAgain: false
    )

    private static let problems: Shape = .listOf(.members(["code": .optional(.text), "message": .text]))
}

// MARK: - password.register and password.update

extension CredentialConformance {
    private static func params(_ user: ConformanceCall.User, _ password: String) -> JSONTree {
        ["user_id": .string(user.id), "password": .string(password), "force_replace": false]
    }

    private static let done = Expected.result(["message": .text])

    private static let register = MethodCases(
        method: "password.register",
        endpoint: "E28",
        granted: Case("a first password, with a username") { call in
            let user = try await call.user { $0.isTemporary = nil }
            let new = call.newPassword()
            let name = call.stranger().username
            return Attempt(params(user, new).with(["username": .string(name)]), done) { _ in
                try call.result("password.authenticate", ["username": .string(name), "password": .string(new)])
            }
        },
        cases: [
            Case("a weak one, by the caller's wish") { call in
                let user = try await call.user { $0.isTemporary = nil }
                return Attempt(params(user, "kurzes-pw").with(["enforce_complexity": false]), done)
            },
            Case("a weak one") { call in
                let user = try await call.user { $0.isTemporary = nil }
                return Attempt(params(user, "kurzes-pw"), .passwordRejected(400, "auth_password_weak"))
            },
            Case("a breached one") { call in
                let user = try await call.user { $0.isTemporary = nil }
                try await call.prefer(["password": ["checkHibp": true, "passwordMinLength": 5]])
                return Attempt(params(user, "P@ssw0rd123!"), .passwordRejected(400, "auth_password_breached"))
            },
            Case("a username that is taken") { call in
                let user = try await call.user { $0.isTemporary = nil }
                let other = try await call.user()
                return Attempt(
                    params(user, call.newPassword()).with(["username": .string(other.username)]),
                    .refused("invalid_params", 400, "system_invalid_input")
                )
            },
            Case("no password method in the application") { call in
                let user = try await call.user { $0.isTemporary = nil }
                try await call.prefer(["password": .null])
                return Attempt(
                    params(user, call.newPassword()),
                    .refused("not_configured", 400, "auth_password_policy_disabled")
                )
            },
            Case("an unknown user") { call in
                Attempt(params(call.stranger(), call.newPassword()), .refused("not_found", 404, "user_not_found"))
            },
            Case("a user who has one") { call in
                let user = try await call.user()
                return Attempt(
                    params(user, call.newPassword()),
                    .refused("conflict", 409, "auth_password_already_configured")
                )
            },
            Case("without saying whether it is temporary") { call in
                let user = try await call.user { $0.isTemporary = nil }
                return Attempt(
                    params(user, call.newPassword()).without("force_replace"),
                    .local("invalid_params", parameter: "force_replace")
                )
            },
        ]
    )

    private static let update = MethodCases(
        method: "password.update",
        endpoint: "E29",
        granted: Case("another password") { call in
            let user = try await call.user()
            let new = call.newPassword()
            return Attempt(params(user, new), done) { _ in
                let login: JSONTree = ["username": .string(user.username), "password": .string(new)]
                try call.result("password.authenticate", login)
            }
        },
        cases: [
            Case("a weak one") { call in
                Attempt(params(try await call.user(), "kurzes-pw"), .passwordRejected(400, "auth_password_weak"))
            },
            Case("a breached one") { call in
                let user = try await call.user()
                try await call.prefer(["password": ["checkHibp": true, "passwordMinLength": 5]])
                return Attempt(params(user, "P@ssw0rd123!"), .passwordRejected(400, "auth_password_breached"))
            },
            Case("the one before") { call in
                let user = try await call.user()
                try await call.prefer(["password": ["blockPreviousPasswords": 2]])
                return Attempt(params(user, user.password), .passwordRejected(400, "auth_password_recently_used"))
            },
            Case("no password method in the application") { call in
                let user = try await call.user()
                try await call.prefer(["password": .null])
                return Attempt(
                    params(user, call.newPassword()),
                    .refused("not_configured", 400, "auth_password_policy_disabled")
                )
            },
            Case("a password that is switched off") { call in
                let user = try await call.user()
                try await call.sandbox.send("PUT", "users/\(user.id)/password", ["active": false])
                return Attempt(params(user, call.newPassword()), .refused("conflict", 400, "auth_not_active"))
            },
            Case("a password without a name to use it with") { call in
                let user = try await call.user {
                    $0.hasUsername = false
                    $0.hasEmail = false
                    $0.hasPhoneNumber = false
                }
                return Attempt(
                    params(user, call.newPassword()),
                    .refused("conflict", 400, "auth_password_incomplete_credentials")
                )
            },
            Case("a value that Mosaic does not take") { call in
                let user = try await call.user()
                try await call.mosaicRefuses("E29", 400, "D", code: "system_invalid_input")
                return Attempt(
                    params(user, call.newPassword()),
                    .refused("invalid_params", 400, "system_invalid_input")
                )
            },
            Case("an unknown user") { call in
                Attempt(params(call.stranger(), call.newPassword()), .refused("not_found", 404, "user_not_found"))
            },
            Case("a user who has none") { call in
                let user = try await call.user { $0.isTemporary = nil }
                return Attempt(
                    params(user, call.newPassword()),
                    .refused("conflict", 409, "auth_password_already_configured")
                )
            },
        ]
    )
}

// MARK: - password.register_own

extension CredentialConformance {
    /// The token of a user without a password, who has logged in with a code.
    private static func userToken(_ user: ConformanceCall.User, _ call: ConformanceCall) async throws -> JSONTree {
        let name: JSONTree = ["identifier_type": "email", "identifier": .string(user.email)]
        try call.result("otp.send", name.with(["channel": "email"]))
        let code = try await call.code(to: user.email)
        return try call.result("otp.authenticate", name.with(["passcode": .string(code)]))["access_token"] ?? .null
    }

    private static func own(_ token: JSONTree, _ password: String) -> JSONTree {
        ["access_token": token, "password": .string(password)]
    }

    private static let registerOwn = MethodCases(
        method: "password.register_own",
        endpoint: "E30",
        granted: Case("a user's own first password") { call in
            let user = try await call.user { $0.isTemporary = nil }
            let new = call.newPassword()
            return Attempt(own(try await userToken(user, call), new), done) { _ in
                let login: JSONTree = ["username": .string(user.username), "password": .string(new)]
                try call.result("password.authenticate", login)
            }
        },
        cases: [
            Case("a weak one") { call in
                let user = try await call.user { $0.isTemporary = nil }
                return Attempt(
                    own(try await userToken(user, call), "kurzes-pw"),
                    .passwordRejected(400, "auth_password_weak")
                )
            },
            Case("a user who has one") { call in
                let user = try await call.user()
                return Attempt(
                    own(try call.login(user)["access_token"] ?? .null, call.newPassword()),
                    .refused("conflict", 403)
                )
            },
            Case("a token that is none") { call in
                Attempt(own(.string(call.wrong()), call.newPassword()), .refused("invalid_token", 401))
            },
            Case("an expired token") { call in
                let user = try await call.user { $0.isTemporary = nil }
                let token = try await call.sandbox.ago(3601) { try await userToken(user, call) }
                return Attempt(own(token, call.newPassword()), .refused("invalid_token", 401))
            },
            Case("a token that was revoked") { call in
                let user = try await call.user { $0.isTemporary = nil }
                let token = try await userToken(user, call)
                try await call.sandbox.send("POST", "tokens/revoke", ["token": token])
                return Attempt(own(token, call.newPassword()), .refused("invalid_token", 401))
            },
            Case("no password method in the application") { call in
                let user = try await call.user { $0.isTemporary = nil }
                let token = try await userToken(user, call)
                try await call.prefer(["password": .null])
                return Attempt(
                    own(token, call.newPassword()),
                    .refused("not_configured", 400, "auth_password_policy_disabled")
                )
            },
        ]
    )
}
