/// Logins with a password: E17, and through the browser E5, E1's code grant and E16.
enum PasswordConformance {
    static let all = [authenticate, login, exchange]

    private static func params(_ name: String, _ password: String, type: String = "username") -> JSONTree {
        ["username": .string(name), "password": .string(password), "username_type": .string(type)]
    }

    static let authenticate = MethodCases(
        method: "password.authenticate",
        endpoint: "E17",
        granted: Case("the right password") { call in
            let user = try await call.user()
            return Attempt(params(user.username, user.password), .result(tokens(of: user.id, ["pwd"])))
        },
        cases: [
            Case("by email address") { call in
                let user = try await call.user()
                return Attempt(
                    params(user.email, user.password, type: "email"),
                    .result(tokens(of: user.id, ["pwd"]))
                )
            },
            Case("by phone number") { call in
                let user = try await call.user()
                return Attempt(
                    params(user.phoneNumber, user.password, type: "phone_number"),
                    .result(tokens(of: user.id, ["pwd"]))
                )
            },
            Case("into a session that is there") { call in
                let user = try await call.user()
                let session = try call.login(user)["session_id"] ?? .null
                var expected = tokens(of: user.id, ["pwd"])
                expected["session_id"] = .equal(session)
                return Attempt(
                    params(user.username, user.password).with(["session_id": session]),
                    .result(expected)
                )
            },
            wrong("a wrong password, 401 with a code", shape: "symbolic"),
            wrong("a wrong password, 400 with a code", shape: "symbolic_400"),
            wrong("a wrong password, 401 without a code", shape: "bare"),
            Case("a wrong password, 401 without a body, which is no decision") { call in
                let user = try await call.user()
                try await call.setWrongPasswordShape("empty")
                return Attempt(params(user.username, call.wrong()), .answered("upstream_protocol", 401))
            },
            Case("an unknown user") { call in
                let nobody = call.stranger()
                return Attempt(params(nobody.username, nobody.password), .denied("wrong_credentials"))
            },
            Case("a user without a password") { call in
                let user = try await call.user { $0.isTemporary = nil }
                return Attempt(params(user.email, user.password, type: "email"), .denied("wrong_credentials"))
            },
            Case("an identifier of another type") { call in
                let user = try await call.user()
                return Attempt(params(user.email, user.password), .denied("wrong_credentials"))
            },
            Case("a disabled user") { call in
                let user = try await call.user { $0.status = "Disabled" }
                return Attempt(params(user.username, user.password), .denied("not_active"))
            },
            Case("a locked user, the password right") { call in
                let user = try await call.user()
                try call.spend(5, "password.authenticate", params(user.username, call.wrong()))
                return Attempt(params(user.username, user.password), .denied("locked"))
            },
            Case("a temporary password") { call in
                let user = try await call.user { $0.isTemporary = true }
                return Attempt(
                    params(user.username, user.password),
                    .result(mustChange("temporary").merging(["reset_token": .jwt]) { $1 })
                )
            },
            Case("an expired password") { call in
                let user = try await call.user { $0.age = 91 * 86_400 }
                return Attempt(
                    params(user.username, user.password),
                    .result(mustChange("expired").merging(["reset_token": .jwt]) { $1 })
                )
            },
            Case("a temporary password past its time, which proves too little for a reset token") { call in
                let user = try await call.user {
                    $0.isTemporary = true
                    $0.age = 73 * 3600
                }
                return Attempt(params(user.username, user.password), .result(mustChange("expired")))
            },
            Case("a session that is not there") { call in
                let user = try await call.user()
                return Attempt(
                    params(user.username, user.password).with(["session_id": .string(call.wrong())]),
                    .answered("invalid_token", 400)
                )
            },
            Case("a resource that the client does not have") { call in
                let user = try await call.user()
                return Attempt(
                    params(user.username, user.password).with(["resource": "https://other.example"]),
                    .refused("invalid_params", 400, "system_invalid_input")
                )
            },
            Case("no password method in the application") { call in
                let user = try await call.user()
                try await call.mosaicRefuses("E17", 400, "D", code: "auth_password_policy_disabled")
                return Attempt(
                    params(user.username, user.password),
                    .refused("not_configured", 400, "auth_password_policy_disabled")
                )
            },
        ]
    )

    private static func wrong(_ name: String, shape: String) -> Case {
        Case(name) { call in
            let user = try await call.user()
            try await call.setWrongPasswordShape(shape)
            return Attempt(params(user.username, call.wrong()), .denied("wrong_credentials"))
        }
    }

    private static func mustChange(_ cause: String) -> [String: Shape] {
        ["verdict": .equal("password_change_required"), "cause": .equal(.string(cause))]
    }
}

// MARK: - password.login

extension PasswordConformance {
    private static func browser(
        _ user: ConformanceCall.User,
        _ password: String,
        to uri: String = ConformanceCall.redirectURI
    ) -> JSONTree {
        ["email": .string(user.email), "password": .string(password), "redirect_uri": .string(uri)]
    }

    private static let goesOn = Expected.result(["verdict": .equal("continue"), "url": .text])

    private static let login = MethodCases(
        method: "password.login",
        endpoint: "E5",
        granted: Case("the right password") { call in
            let user = try await call.user()
            return Attempt(browser(user, user.password), goesOn)
        },
        cases: [
            Case("by username, with a second factor to follow") { call in
                let user = try await call.user()
                return Attempt(
                    [
                        "username": .string(user.username), "password": .string(user.password),
                        "redirect_uri": .string(ConformanceCall.redirectURI), "require_mfa": true,
                    ],
                    goesOn
                )
            },
            Case("a wrong password") { call in
                Attempt(browser(try await call.user(), call.wrong()), .denied("wrong_credentials"))
            },
            Case("an unknown user") { call in
                let nobody = call.stranger()
                return Attempt(browser(nobody, nobody.password), .denied("wrong_credentials"))
            },
            Case("a disabled user") { call in
                let user = try await call.user { $0.status = "Disabled" }
                return Attempt(browser(user, user.password), .denied("not_active"))
            },
            Case("a locked user, the password right") { call in
                let user = try await call.user()
                try call.spend(5, "password.login", browser(user, call.wrong()))
                return Attempt(browser(user, user.password), .denied("locked"))
            },
            Case("a temporary password") { call in
                let user = try await call.user { $0.isTemporary = true }
                return Attempt(
                    browser(user, user.password),
                    .result(mustChange("temporary").merging(["reset_token": .jwt]) { $1 })
                )
            },
            Case("an expired password") { call in
                let user = try await call.user { $0.age = 91 * 86_400 }
                return Attempt(
                    browser(user, user.password),
                    .result(mustChange("expired").merging(["reset_token": .jwt]) { $1 })
                )
            },
            Case("a redirect URI that is not registered") { call in
                let user = try await call.user()
                return Attempt(
                    browser(user, user.password, to: ConformanceCall.foreignURI),
                    .refused("not_configured", 400)
                )
            },
            Case("a resource that the client does not have") { call in
                let user = try await call.user()
                return Attempt(
                    browser(user, user.password).with(["resource": "https://other.example"]),
                    .refused("invalid_params", 400)
                )
            },
            Case("a client that Mosaic does not know") { call in
                let user = try await call.user()
                try await call.mosaicRefuses("E5", 404, "D", code: "client_not_exist")
                return Attempt(browser(user, user.password), .refused("not_configured", 404, "client_not_exist"))
            },
        ],
        asksAsClient: false
    )
}
