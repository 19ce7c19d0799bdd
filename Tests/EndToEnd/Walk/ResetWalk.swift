/// Password resets: E6 to E13.
enum ResetWalk {
    static let all = [
        sendLink, createLink, sendMailCode, checkMailCode, sendTextCode, checkTextCode, checkPassword, complete,
    ]

    /// What the app wants two factors for a reset with.
    static let twoFactors: JSONTree = ["password": ["requireMFA": true]]

    /// A first factor's token, of an app that wants two.
    static func firstFactor(_ user: WalkCall.User, _ call: WalkCall) async throws -> JSONTree {
        try await call.prefer(twoFactors)
        let params: JSONTree = ["email": .string(user.email), "password": .string(user.password)]
        return try call.result("reset.verify_password", params)["reset_token"] ?? .null
    }

    /// A token that sets the user's password.
    static func resetToken(_ user: WalkCall.User, _ call: WalkCall) throws -> JSONTree {
        let params: JSONTree = ["username": .string(user.username), "password": .string(user.password)]
        return try call.result("reset.verify_password", params)["reset_token"] ?? .null
    }

    /// A send that reaches somebody, who then has one message more.
    static func sent(_ params: JSONTree, to address: String, _ call: WalkCall) async throws -> Attempt {
        let before = try await call.sandbox.messageCount(to: address)
        return Attempt(params, .result(["verdict": .equal("accepted")])) { _ in
            let count = try await call.sandbox.messageCount(to: address)
            guard count == before + 1 else { throw HarnessFailure("\(count - before) messages were sent") }
        }
    }
}

// MARK: - reset.send_email_link and reset.create_link

extension ResetWalk {
    private static func link(_ name: String, _ value: String, to uri: String = WalkCall.redirectURI) -> JSONTree {
        .object([name: .string(value), "redirect_uri": .string(uri)])
    }

    static let sendLink = MethodWalk(
        method: "reset.send_email_link",
        endpoint: "E6",
        granted: WalkCase("a link by mail") { call in
            let user = try await call.user()
            return try await sent(link("email", user.email), to: user.email, call)
        },
        cases: [
            WalkCase("named by username, with texts of the caller's", takes: ["mail-content"]) { call in
                let user = try await call.user()
                let params = link("username", user.username).with(["email_content": OneTimeWalk.mail])
                return try await sent(params, to: user.email, call)
            },
            WalkCase("for one factor only, where the app wants two", takes: ["reset-ignore-mfa"]) { call in
                let user = try await call.user()
                try await call.prefer(twoFactors)
                return try await sent(link("email", user.email).with(["ignore_mfa": true]), to: user.email, call)
            },
            WalkCase("as the second factor") { call in
                let user = try await call.user()
                let first = try await firstFactor(user, call)
                return try await sent(link("email", user.email).with(["prev_reset_token": first]), to: user.email, call)
            },
            WalkCase("an unknown user") { call in
                Attempt(link("email", call.stranger().email), .withheld("unknown_user"))
            },
            WalkCase("a mailbox that is not verified") { call in
                let user = try await call.user { $0.isVerified = false }
                return Attempt(link("email", user.email), .withheld("unverified_address"))
            },
            WalkCase("a user without a mailbox") { call in
                let user = try await call.user { $0.hasEmail = false }
                return Attempt(link("username", user.username), .withheld("unverified_address"))
            },
            WalkCase("a disabled user") { call in
                let user = try await call.user { $0.status = "Disabled" }
                return Attempt(link("email", user.email), .withheld("not_active"))
            },
            WalkCase("a first factor's token that is none") { call in
                let user = try await call.user()
                return Attempt(
                    link("email", user.email).with(["prev_reset_token": .string(call.wrong())]),
                    .withheld("invalid_reset_token")
                )
            },
            WalkCase("a redirect URI that is not registered") { call in
                let user = try await call.user()
                return Attempt(
                    link("email", user.email, to: WalkCall.foreignURI),
                    .refused("not_configured", 400, "system_invalid_input")
                )
            },
            WalkCase("no password method in the application") { call in
                let user = try await call.user()
                try await call.prefer(["password": .null])
                return Attempt(
                    link("email", user.email),
                    .refused("not_configured", 403, "auth_login_preferences_missing")
                )
            },
        ]
    )

    static let createLink = MethodWalk(
        method: "reset.create_link",
        endpoint: "E7",
        granted: WalkCase("a link for the caller to bring") { call in
            let user = try await call.user()
            return Attempt(link("email", user.email), .result(["reset_link": .text]))
        },
        cases: [
            WalkCase("for one factor only, where the app wants two", takes: ["reset-ignore-mfa"]) { call in
                let user = try await call.user()
                try await call.prefer(twoFactors)
                let params = link("username", user.username).with(["ignore_mfa": true])
                return Attempt(params, .result(["reset_link": .text]))
            },
            WalkCase("an unknown user") { call in
                Attempt(link("email", call.stranger().email), .nobody(404, "unknown_user"))
            },
            WalkCase("a mailbox that is not verified") { call in
                let user = try await call.user { $0.isVerified = false }
                return Attempt(link("email", user.email), .nobody(403, "unverified_address"))
            },
            WalkCase("a disabled user") { call in
                let user = try await call.user { $0.status = "Disabled" }
                return Attempt(link("email", user.email), .nobody(403, "not_active"))
            },
            WalkCase("a first factor's token that is none") { call in
                let user = try await call.user()
                return Attempt(
                    link("email", user.email).with(["prev_reset_token": .string(call.wrong())]),
                    .refused("invalid_token", 403, "auth_password_invalid_reset_token")
                )
            },
            WalkCase("a redirect URI that is not registered") { call in
                let user = try await call.user()
                return Attempt(
                    link("email", user.email, to: WalkCall.foreignURI),
                    .refused("not_configured", 400, "system_invalid_input")
                )
            },
            WalkCase("a value that Mosaic does not take") { call in
                let user = try await call.user()
                try await call.mosaicRefuses("E7", 400, "D", code: "system_invalid_input")
                return Attempt(link("email", user.email), .refused("invalid_params", 400, "system_invalid_input"))
            },
        ]
    )
}

// MARK: - Codes by mail

extension ResetWalk {
    static let sendMailCode = MethodWalk(
        method: "reset.send_email_otp",
        endpoint: "E8",
        granted: WalkCase("a code by mail") { call in
            let user = try await call.user()
            return try await sent(["email": .string(user.email)], to: user.email, call)
        },
        cases: [
            WalkCase("with texts of the caller's", takes: ["mail-content"]) { call in
                let user = try await call.user()
                let params: JSONTree = ["email": .string(user.email), "email_content": OneTimeWalk.mail]
                return try await sent(params, to: user.email, call)
            },
            WalkCase("for one factor only, where the app wants two", takes: ["reset-ignore-mfa"]) { call in
                let user = try await call.user()
                try await call.prefer(twoFactors)
                return try await sent(["email": .string(user.email), "ignore_mfa": true], to: user.email, call)
            },
            WalkCase("an unknown user") { call in
                Attempt(["email": .string(call.stranger().email)], .withheld("unknown_user"))
            },
            WalkCase("a mailbox that is not verified") { call in
                let user = try await call.user { $0.isVerified = false }
                return Attempt(["email": .string(user.email)], .withheld("unverified_address"))
            },
            WalkCase("a user without a password") { call in
                let user = try await call.user { $0.isTemporary = nil }
                return Attempt(["email": .string(user.email)], .withheld("unknown_user"))
            },
            WalkCase("a disabled user") { call in
                let user = try await call.user { $0.status = "Disabled" }
                return Attempt(["email": .string(user.email)], .withheld("not_active"))
            },
            WalkCase("a first factor's token that is none") { call in
                let user = try await call.user()
                return Attempt(
                    ["email": .string(user.email), "prev_reset_token": .string(call.wrong())],
                    .withheld("invalid_reset_token")
                )
            },
            WalkCase("no password method in the application") { call in
                let user = try await call.user()
                try await call.prefer(["password": .null])
                return Attempt(
                    ["email": .string(user.email)],
                    .refused("not_configured", 403, "auth_login_preferences_missing")
                )
            },
        ]
    )

    static let checkMailCode = checkCode(
        "reset.verify_email_otp",
        endpoint: "E9",
        send: "reset.send_email_otp",
        name: "email",
        address: \.email,
        expired: "wrong_credentials",
        more: [
            factorRefusal(
                "E9",
                400,
                "user_unknown_identifier_type",
                as: .refused("invalid_params", 400, "user_unknown_identifier_type")
            ),
            factorRefusal("E9", 403, nil, as: .denied("wrong_credentials")),
            factorRefusal("E9", 404, nil, as: .denied("unknown_user")),
        ]
    )
}

// MARK: - Codes by text message

extension ResetWalk {
    static let sendTextCode = MethodWalk(
        method: "reset.send_sms_otp",
        endpoint: "E10",
        granted: WalkCase("a code by text message") { call in
            let user = try await call.user()
            return try await sent(["phone_number": .string(user.phoneNumber)], to: user.phoneNumber, call)
        },
        cases: [
            WalkCase("for one factor only, where the app wants two", takes: ["reset-ignore-mfa"]) { call in
                let user = try await call.user()
                try await call.prefer(twoFactors)
                let params: JSONTree = ["phone_number": .string(user.phoneNumber), "ignore_mfa": true]
                return try await sent(params, to: user.phoneNumber, call)
            },
            WalkCase("an unknown number") { call in
                Attempt(["phone_number": .string(call.stranger().phoneNumber)], .withheld("no_address"))
            },
            WalkCase("a number that is not verified") { call in
                let user = try await call.user { $0.isVerified = false }
                return Attempt(["phone_number": .string(user.phoneNumber)], .withheld("not_allowed"))
            },
            WalkCase("a disabled user") { call in
                let user = try await call.user { $0.status = "Disabled" }
                return Attempt(["phone_number": .string(user.phoneNumber)], .withheld("not_allowed"))
            },
            WalkCase("a first factor's token that is none") { call in
                let user = try await call.user()
                return Attempt(
                    ["phone_number": .string(user.phoneNumber), "prev_reset_token": .string(call.wrong())],
                    .withheld("invalid_reset_token")
                )
            },
            WalkCase("an application that Mosaic does not know") { call in
                let user = try await call.user()
                try await call.mosaicRefuses("E10", 404, "D", code: "app_not_exist")
                return Attempt(
                    ["phone_number": .string(user.phoneNumber)],
                    .refused("not_configured", 404, "app_not_exist")
                )
            },
            WalkCase("text messages that cannot be delivered") { call in
                let user = try await call.user()
                try await call.mosaicRefuses("E10", 503, "D", code: "system_service_unavailable")
                return Attempt(
                    ["phone_number": .string(user.phoneNumber)],
                    .refused("upstream_unavailable", 503, "system_service_unavailable")
                )
            },
        ]
    )

    static let checkTextCode = checkCode(
        "reset.verify_sms_otp",
        endpoint: "E11",
        send: "reset.send_sms_otp",
        name: "phone_number",
        address: \.phoneNumber,
        expired: "expired",
        more: []
    )

    /// A refusal that Mosaic's contract has and the emulator does not come to by itself.
    private static func factorRefusal(
        _ endpoint: String,
        _ status: Int,
        _ code: String?,
        as expected: Expected
    ) -> WalkCase {
        WalkCase("Mosaic answers \(status) \(code ?? "without a code")") { call in
            let user = try await call.user()
            try await call.mosaicRefuses(endpoint, status, code == nil ? "B" : "D", code: code, message: "No")
            let name = endpoint == "E9" ? "email" : "phone_number"
            let address = endpoint == "E9" ? user.email : user.phoneNumber
            return Attempt(.object([name: .string(address), "passcode": .string(call.wrong())]), expected)
        }
    }

    /// The codes of mails and of text messages are checked alike.
    private static func checkCode(
        _ method: String,
        endpoint: String,
        send: String,
        name: String,
        address: @escaping @Sendable (WalkCall.User) -> String,
        expired: String,
        more: [WalkCase]
    ) -> MethodWalk {
        @Sendable func params(_ user: WalkCall.User, _ code: String) -> JSONTree {
            .object([name: .string(address(user)), "passcode": .string(code)])
        }
        @Sendable func mailed(
            _ user: WalkCall.User,
            _ call: WalkCall,
            _ more: [String: JSONTree] = [:]
        ) async throws -> String {
            try call.result(send, JSONTree.object([name: .string(address(user))]).with(more))
            return try await call.code(to: address(user), kind: "reset_code")
        }
        let granted: [String: Shape] = [
            "verdict": .equal("granted"), "reset_token": .jwt, "mfa_required": .equal(false),
        ]
        return MethodWalk(
            method: method,
            endpoint: endpoint,
            granted: WalkCase("the code") { call in
                let user = try await call.user()
                return Attempt(params(user, try await mailed(user, call)), .result(granted))
            },
            cases: [
                WalkCase("the first factor of two") { call in
                    let user = try await call.user()
                    try await call.prefer(twoFactors)
                    return Attempt(
                        params(user, try await mailed(user, call)),
                        .result(granted.merging(["mfa_required": .equal(true)]) { $1 })
                    )
                },
                WalkCase("the second factor of two") { call in
                    let user = try await call.user()
                    let first = try await firstFactor(user, call)
                    return Attempt(
                        params(user, try await mailed(user, call, ["prev_reset_token": first])),
                        .result(granted)
                    )
                },
                WalkCase("a wrong code") { call in
                    let user = try await call.user()
                    _ = try await mailed(user, call)
                    return Attempt(params(user, call.wrong()), .denied("wrong_credentials"))
                },
                WalkCase("an unknown user") { call in
                    Attempt(params(call.stranger(), call.wrong()), .denied("wrong_credentials"))
                },
                WalkCase("a user who was disabled since the send") { call in
                    let user = try await call.user()
                    let code = try await mailed(user, call)
                    try await call.disable(user)
                    return Attempt(params(user, code), .denied("wrong_credentials"))
                },
                WalkCase("a code that was used") { call in
                    let user = try await call.user()
                    let code = try await mailed(user, call)
                    try call.result(method, params(user, code))
                    return Attempt(params(user, code), .denied("wrong_credentials"))
                },
                WalkCase("an expired code") { call in
                    let user = try await call.user()
                    let code = try await call.sandbox.ago(301) { try await mailed(user, call) }
                    return Attempt(params(user, code), .denied(expired))
                },
                WalkCase("the right code after three wrong ones") { call in
                    let user = try await call.user()
                    let code = try await mailed(user, call)
                    try call.spend(3, method, params(user, call.wrong()))
                    return Attempt(params(user, code), .denied("locked"))
                },
                WalkCase("no password method in the application") { call in
                    let user = try await call.user()
                    try await call.prefer(["password": .null])
                    return Attempt(
                        params(user, call.wrong()),
                        .refused("not_configured", 403, "auth_login_preferences_missing")
                    )
                },
                factorRefusal(endpoint, 403, "auth_invalid_credentials", as: .denied("wrong_credentials")),
                factorRefusal(endpoint, 403, "auth_otp_invalid_request_id", as: .denied("wrong_request_id")),
                factorRefusal(
                    endpoint,
                    404,
                    "client_not_exist",
                    as: .refused("not_configured", 404, "client_not_exist")
                ),
                factorRefusal(endpoint, 404, "app_not_exist", as: .refused("not_configured", 404, "app_not_exist")),
            ] + more
        )
    }
}

// MARK: - reset.verify_password and reset.complete

extension ResetWalk {
    private static func password(_ user: WalkCall.User, _ password: String) -> JSONTree {
        ["username": .string(user.username), "password": .string(password)]
    }

    private static let granted: [String: Shape] = [
        "verdict": .equal("granted"), "reset_token": .jwt, "mfa_required": .equal(false),
    ]

    static let checkPassword = MethodWalk(
        method: "reset.verify_password",
        endpoint: "E12",
        granted: WalkCase("the current password") { call in
            let user = try await call.user()
            return Attempt(password(user, user.password), .result(granted))
        },
        cases: [
            WalkCase("an expired password, by email address") { call in
                let user = try await call.user { $0.age = 91 * 86_400 }
                return Attempt(["email": .string(user.email), "password": .string(user.password)], .result(granted))
            },
            WalkCase("a temporary password, by phone number") { call in
                let user = try await call.user { $0.isTemporary = true }
                return Attempt(
                    ["phone_number": .string(user.phoneNumber), "password": .string(user.password)],
                    .result(granted)
                )
            },
            WalkCase("the first factor of two") { call in
                let user = try await call.user()
                try await call.prefer(twoFactors)
                return Attempt(
                    password(user, user.password),
                    .result(granted.merging(["mfa_required": .equal(true)]) { $1 })
                )
            },
            WalkCase("a wrong password") { call in
                let user = try await call.user()
                return Attempt(password(user, call.wrong()), .denied("wrong_credentials"))
            },
            WalkCase("an unknown user") { call in
                let nobody = call.stranger()
                return Attempt(password(nobody, nobody.password), .denied("wrong_credentials"))
            },
            WalkCase("a disabled user") { call in
                let user = try await call.user { $0.status = "Disabled" }
                return Attempt(password(user, user.password), .denied("wrong_credentials"))
            },
            WalkCase("a locked user, the password right") { call in
                let user = try await call.user()
                try call.spend(5, "reset.verify_password", password(user, call.wrong()))
                return Attempt(password(user, user.password), .denied("locked"))
            },
            WalkCase("a first factor's token that is none") { call in
                let user = try await call.user()
                return Attempt(
                    password(user, user.password).with(["prev_reset_token": .string(call.wrong())]),
                    .refused("invalid_token", 403, "auth_password_invalid_reset_token")
                )
            },
            WalkCase("a client that Mosaic does not know") { call in
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

    static let complete = MethodWalk(
        method: "reset.complete",
        endpoint: "E13",
        granted: WalkCase("a new password") { call in
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
            WalkCase("a new password and a login, and a mail about it") { call in
                let user = try await call.user()
                try await call.prefer(["password": ["notifyOnPasswordUpdate": true]])
                return Attempt(
                    [
                        "reset_token": try resetToken(user, call), "new_password": .string(call.newPassword()),
                        "redirect_uri": .string(WalkCall.redirectURI), "require_mfa": true,
                    ],
                    .result(["message": .text, "url": .text, "email": .equal(.string(user.email))])
                )
            },
            WalkCase("the code of a reset link") { call in
                let user = try await call.user()
                let link: JSONTree = ["email": .string(user.email), "redirect_uri": .string(WalkCall.redirectURI)]
                try call.result("reset.send_email_link", link)
                let code = try await call.code(to: user.email, kind: "reset_link")
                return Attempt(
                    ["reset_token": .string(code), "new_password": .string(call.newPassword())],
                    .result(["message": .text])
                )
            },
            WalkCase("a password that is too weak") { call in
                let user = try await call.user()
                return Attempt(
                    ["reset_token": try resetToken(user, call), "new_password": "kurzes-pw"],
                    .passwordRejected(400)
                )
            },
            WalkCase("a password of the user's history") { call in
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
            WalkCase("a token that is none") { call in
                Attempt(
                    ["reset_token": .string(call.wrong()), "new_password": .string(call.newPassword())],
                    .refused("invalid_token", 403)
                )
            },
            WalkCase("an expired token") { call in
                let user = try await call.user { $0.age = 3600 }
                let token = try await call.sandbox.ago(301) { try resetToken(user, call) }
                return Attempt(
                    ["reset_token": token, "new_password": .string(call.newPassword())],
                    .refused("invalid_token", 403)
                )
            },
            WalkCase("a token that was spent") { call in
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
            WalkCase("one factor, where the app wants two") { call in
                let user = try await call.user()
                return Attempt(
                    [
                        "reset_token": try await firstFactor(user, call),
                        "new_password": .string(call.newPassword()),
                    ],
                    .refused("invalid_token", 403)
                )
            },
            WalkCase("a redirect URI that is not registered") { call in
                let user = try await call.user()
                return Attempt(
                    [
                        "reset_token": try resetToken(user, call), "new_password": .string(call.newPassword()),
                        "redirect_uri": .string(WalkCall.foreignURI),
                    ],
                    .refused("not_configured", 400)
                )
            },
        ],
        asksAsClient: false
    )
}
