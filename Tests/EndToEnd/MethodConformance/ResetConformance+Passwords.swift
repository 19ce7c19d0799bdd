extension ResetConformance {
    private static func password(_ user: ConformanceCall.User, _ password: String) -> JSONTree {
        ["username": .string(user.username), "password": .string(password)]
    }

    private static let granted: [String: Shape] = [
        "verdict": .equal("granted"), "reset_token": .jwt, "mfa_required": .equal(false),
    ]

    static let checkPassword = MethodCases(
        method: "reset.verify_password",
        endpoint: "E12",
        granted: Case("the current password") { call in
            let user = try await call.user()
            return Attempt(password(user, user.password), .result(granted))
        },
        cases: [
            Case("an expired password, by email address") { call in
                let user = try await call.user { $0.age = 91 * 86_400 }
                return Attempt(["email": .string(user.email), "password": .string(user.password)], .result(granted))
            },
            Case("a temporary password, by phone number") { call in
                let user = try await call.user { $0.isTemporary = true }
                return Attempt(
                    ["phone_number": .string(user.phoneNumber), "password": .string(user.password)],
                    .result(granted)
                )
            },
            Case("the first factor of two") { call in
                let user = try await call.user()
                try await call.prefer(twoFactors)
                return Attempt(
                    password(user, user.password),
                    .result(granted.merging(["mfa_required": .equal(true)]) { $1 })
                )
            },
            Case("a wrong password") { call in
                let user = try await call.user()
                return Attempt(password(user, call.wrong()), .denied("wrong_credentials"))
            },
            Case("an unknown user") { call in
                let nobody = call.stranger()
                return Attempt(password(nobody, nobody.password), .denied("wrong_credentials"))
            },
            Case("a disabled user") { call in
                let user = try await call.user { $0.status = "Disabled" }
                return Attempt(password(user, user.password), .denied("wrong_credentials"))
            },
            Case("a locked user, the password right") { call in
                let user = try await call.user()
                try call.spend(5, "reset.verify_password", password(user, call.wrong()))
                return Attempt(password(user, user.password), .denied("locked"))
            },
            Case("a first factor's token that is none") { call in
                let user = try await call.user()
                return Attempt(
                    password(user, user.password).with(["prev_reset_token": .string(call.wrong())]),
                    .refused("invalid_token", 403, "auth_password_invalid_reset_token")
                )
            },
            Case("a client that Mosaic does not know") { call in
                let user = try await call.user()
                try await call.mosaicRefuses("E12", 404, "D", code: "client_not_exist")
                return Attempt(
                    password(user, user.password),
                    .refused("not_configured", 404, "client_not_exist")
                )
            },
        ],
        asksAsClient: false
    )

    static let complete = MethodCases(
        method: "reset.complete",
        endpoint: "E13",
        granted: Case("a new password") { call in
            let user = try await call.user()
            let new = call.newPassword()
            return Attempt(
                ["reset_token": try resetToken(user, call), "new_password": .string(new)],
                .result(["message": .text])
            ) { _ in
                let params: JSONTree = ["username": .string(user.username), "password": .string(new)]
                try call.result("password.authenticate", params)
            }
        },
        cases: [
            Case("a new password and a login, and a mail about it") { call in
                let user = try await call.user()
                try await call.prefer(["password": ["notifyOnPasswordUpdate": true]])
                return Attempt(
                    [
                        "reset_token": try resetToken(user, call), "new_password": .string(call.newPassword()),
                        "redirect_uri": .string(ConformanceCall.redirectURI), "require_mfa": true,
                    ],
                    .result(["message": .text, "url": .text, "email": .equal(.string(user.email))])
                )
            },
            Case("the code of a reset link") { call in
                let user = try await call.user()
                let link: JSONTree = [
                    "email": .string(user.email), "redirect_uri": .string(ConformanceCall.redirectURI),
                ]
                try call.result("reset.send_email_link", link)
                let code = try await call.code(to: user.email, kind: "reset_link")
                return Attempt(
                    ["reset_token": .string(code), "new_password": .string(call.newPassword())],
                    .result(["message": .text])
                )
            },
            Case("a password that is too weak") { call in
                let user = try await call.user()
                return Attempt(
                    ["reset_token": try resetToken(user, call), "new_password": "kurzes-pw"],
                    .passwordRejected(400)
                )
            },
            Case("a password of the user's history") { call in
                let user = try await call.user()
                try await call.prefer(["password": ["blockPreviousPasswords": 3]])
                let old = call.newPassword()
                try call.result(
                    "reset.complete",
                    ["reset_token": try resetToken(user, call), "new_password": .string(old)]
                )
                let link: JSONTree = ["email": .string(user.email)]
                try call.result("reset.send_email_otp", link)
                let code = try await call.code(to: user.email, kind: "reset_code")
                let factor = try call.result("reset.verify_email_otp", link.with(["passcode": .string(code)]))
                return Attempt(
                    ["reset_token": factor["reset_token"] ?? .null, "new_password": .string(old)],
                    .passwordRejected(400)
                )
            },
            Case("a token that is none") { call in
                Attempt(
                    ["reset_token": .string(call.wrong()), "new_password": .string(call.newPassword())],
                    .refused("invalid_token", 403)
                )
            },
            Case("an expired token") { call in
                let user = try await call.user { $0.age = 3600 }
                let token = try await call.sandbox.ago(301) { try resetToken(user, call) }
                return Attempt(
                    ["reset_token": token, "new_password": .string(call.newPassword())],
                    .refused("invalid_token", 403)
                )
            },
            Case("a token that was spent") { call in
                let user = try await call.user()
                let token = try resetToken(user, call)
                try call.result(
                    "reset.complete",
                    ["reset_token": token, "new_password": .string(call.newPassword())]
                )
                return Attempt(
                    ["reset_token": token, "new_password": .string(call.newPassword())],
                    .refused("invalid_token", 403)
                )
            },
            Case("one factor, where the app wants two") { call in
                let user = try await call.user()
                return Attempt(
                    [
                        "reset_token": try await firstFactor(user, call),
                        "new_password": .string(call.newPassword()),
                    ],
                    .refused("invalid_token", 403)
                )
            },
            Case("a redirect URI that is not registered") { call in
                let user = try await call.user()
                return Attempt(
                    [
                        "reset_token": try resetToken(user, call), "new_password": .string(call.newPassword()),
                        "redirect_uri": .string(ConformanceCall.foreignURI),
                    ],
                    .refused("not_configured", 400)
                )
            },
        ],
        asksAsClient: false
    )
}
