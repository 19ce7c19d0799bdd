// MARK: - Codes by mail

extension ResetConformance {
    static let sendMailCode = MethodCases(
        method: "reset.send_email_otp",
        endpoint: "E8",
        granted: Case("a code by mail") { call in
            let user = try await call.user()
            return try await call.sent(["email": .string(user.email)], to: user.email)
        },
        cases: [
            Case("with texts of the caller's", takes: ["mail-content"]) { call in
                let user = try await call.user()
                let params: JSONTree = ["email": .string(user.email), "email_content": OneTimeConformance.mail]
                return try await call.sent(params, to: user.email)
            },
            Case("for one factor only, where the app wants two", takes: ["reset-ignore-mfa"]) { call in
                let user = try await call.user()
                try await call.prefer(twoFactors)
                return try await call.sent(["email": .string(user.email), "ignore_mfa": true], to: user.email)
            },
            Case("an unknown user") { call in
                Attempt(["email": .string(call.stranger().email)], .withheld("unknown_user"))
            },
            Case("a mailbox that is not verified") { call in
                let user = try await call.user { $0.isVerified = false }
                return Attempt(["email": .string(user.email)], .withheld("unverified_address"))
            },
            Case("a user without a password") { call in
                let user = try await call.user { $0.isTemporary = nil }
                return Attempt(["email": .string(user.email)], .withheld("unknown_user"))
            },
            Case("a disabled user") { call in
                let user = try await call.user { $0.status = "Disabled" }
                return Attempt(["email": .string(user.email)], .withheld("not_active"))
            },
            Case("a first factor's token that is none") { call in
                let user = try await call.user()
                return Attempt(
                    ["email": .string(user.email), "prev_reset_token": .string(call.wrong())],
                    .withheld("invalid_reset_token")
                )
            },
            Case("no password method in the application") { call in
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

extension ResetConformance {
    static let sendTextCode = MethodCases(
        method: "reset.send_sms_otp",
        endpoint: "E10",
        granted: Case("a code by text message") { call in
            let user = try await call.user()
            return try await call.sent(["phone_number": .string(user.phoneNumber)], to: user.phoneNumber)
        },
        cases: [
            Case("for one factor only, where the app wants two", takes: ["reset-ignore-mfa"]) { call in
                let user = try await call.user()
                try await call.prefer(twoFactors)
                let params: JSONTree = ["phone_number": .string(user.phoneNumber), "ignore_mfa": true]
                return try await call.sent(params, to: user.phoneNumber)
            },
            Case("an unknown number") { call in
                Attempt(["phone_number": .string(call.stranger().phoneNumber)], .withheld("no_address"))
            },
            Case("a number that is not verified") { call in
                let user = try await call.user { $0.isVerified = false }
                return Attempt(["phone_number": .string(user.phoneNumber)], .withheld("not_allowed"))
            },
            Case("a disabled user") { call in
                let user = try await call.user { $0.status = "Disabled" }
                return Attempt(["phone_number": .string(user.phoneNumber)], .withheld("not_allowed"))
            },
            Case("a first factor's token that is none") { call in
                let user = try await call.user()
                return Attempt(
                    ["phone_number": .string(user.phoneNumber), "prev_reset_token": .string(call.wrong())],
                    .withheld("invalid_reset_token")
                )
            },
            Case("an application that Mosaic does not know") { call in
                let user = try await call.user()
                try await call.mosaicRefuses("E10", 404, "D", code: "app_not_exist")
                return Attempt(
                    ["phone_number": .string(user.phoneNumber)],
                    .refused("not_configured", 404, "app_not_exist")
                )
            },
            Case("text messages that cannot be delivered") { call in
                let user = try await call.user()
                try await call.mosaicRefuses("E10", 503, "D", code: "system_service_unavailable")
                return Attempt(
                    ["phone_number": .string(user.phoneNumber)],
                    .answered("upstream_unavailable", 503, "system_service_unavailable")
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
    ) -> Case {
        Case("Mosaic answers \(status) \(code ?? "without a code")") { call in
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
        address: @escaping @Sendable (ConformanceCall.User) -> String,
        expired: String,
        more: [Case]
    ) -> MethodCases {
        @Sendable func params(_ user: ConformanceCall.User, _ code: String) -> JSONTree {
            .object([name: .string(address(user)), "passcode": .string(code)])
        }
        @Sendable func mailed(
            _ user: ConformanceCall.User,
            _ call: ConformanceCall,
            _ more: [String: JSONTree] = [:]
        ) async throws -> String {
            try call.result(send, JSONTree.object([name: .string(address(user))]).with(more))
            return try await call.code(to: address(user), kind: "reset_code")
        }
        let granted: [String: Shape] = [
            "verdict": .equal("granted"), "reset_token": .jwt, "mfa_required": .equal(false),
        ]
        return MethodCases(
            method: method,
            endpoint: endpoint,
            granted: Case("the code") { call in
                let user = try await call.user()
                return Attempt(params(user, try await mailed(user, call)), .result(granted))
            },
            cases: [
                Case("the first factor of two") { call in
                    let user = try await call.user()
                    try await call.prefer(twoFactors)
                    return Attempt(
                        params(user, try await mailed(user, call)),
                        .result(granted.merging(["mfa_required": .equal(true)]) { $1 })
                    )
                },
                Case("the second factor of two") { call in
                    let user = try await call.user()
                    let first = try await firstFactor(user, call)
                    return Attempt(
                        params(user, try await mailed(user, call, ["prev_reset_token": first])),
                        .result(granted)
                    )
                },
                Case("a wrong code") { call in
                    let user = try await call.user()
                    _ = try await mailed(user, call)
                    return Attempt(params(user, call.wrong()), .denied("wrong_credentials"))
                },
                Case("an unknown user") { call in
                    Attempt(params(call.stranger(), call.wrong()), .denied("wrong_credentials"))
                },
                Case("a user who was disabled since the send") { call in
                    let user = try await call.user()
                    let code = try await mailed(user, call)
                    try await call.disable(user)
                    return Attempt(params(user, code), .denied("wrong_credentials"))
                },
                Case("a code that was used") { call in
                    let user = try await call.user()
                    let code = try await mailed(user, call)
                    try call.result(method, params(user, code))
                    return Attempt(params(user, code), .denied("wrong_credentials"))
                },
                Case("an expired code") { call in
                    let user = try await call.user()
                    let code = try await call.sandbox.ago(301) { try await mailed(user, call) }
                    return Attempt(params(user, code), .denied(expired))
                },
                Case("the right code after three wrong ones") { call in
                    let user = try await call.user()
                    let code = try await mailed(user, call)
                    try call.spend(3, method, params(user, call.wrong()))
                    return Attempt(params(user, code), .denied("locked"))
                },
                Case("no password method in the application") { call in
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
