extension ResetConformance {
    private static func link(_ name: String, _ value: String, to uri: String = ConformanceCall.redirectURI) -> JSONTree
    {
        .object([name: .string(value), "redirect_uri": .string(uri)])
    }

    static let sendLink = MethodCases(
        method: "reset.send_email_link",
        endpoint: "E6",
        granted: Case("a link by mail") { call in
            let user = try await call.user()
            return try await call.sent(link("email", user.email), to: user.email)
        },
        cases: [
            Case("named by username, with texts of the caller's", takes: ["mail-content"]) { call in
                let user = try await call.user()
                let params = link("username", user.username).with(["email_content": OneTimeConformance.mail])
                return try await call.sent(params, to: user.email)
            },
            Case("for one factor only, where the app wants two", takes: ["reset-ignore-mfa"]) { call in
                let user = try await call.user()
                try await call.prefer(twoFactors)
                return try await call.sent(link("email", user.email).with(["ignore_mfa": true]), to: user.email)
            },
            Case("as the second factor") { call in
                let user = try await call.user()
                let first = try await firstFactor(user, call)
                return try await call.sent(link("email", user.email).with(["prev_reset_token": first]), to: user.email)
            },
            Case("an unknown user") { call in
                Attempt(link("email", call.stranger().email), .withheld("unknown_user"))
            },
            Case("a mailbox that is not verified") { call in
                let user = try await call.user { $0.isVerified = false }
                return Attempt(link("email", user.email), .withheld("unverified_address"))
            },
            Case("a user without a mailbox") { call in
                let user = try await call.user { $0.hasEmail = false }
                return Attempt(link("username", user.username), .withheld("unverified_address"))
            },
            Case("a disabled user") { call in
                let user = try await call.user { $0.status = "Disabled" }
                return Attempt(link("email", user.email), .withheld("not_active"))
            },
            Case("a first factor's token that is none") { call in
                let user = try await call.user()
                return Attempt(
                    link("email", user.email).with(["prev_reset_token": .string(call.wrong())]),
                    .withheld("invalid_reset_token")
                )
            },
            Case("a redirect URI that is not registered") { call in
                let user = try await call.user()
                return Attempt(
                    link("email", user.email, to: ConformanceCall.foreignURI),
                    .refused("not_configured", 400, "system_invalid_input")
                )
            },
            Case("no password method in the application") { call in
                let user = try await call.user()
                try await call.prefer(["password": .null])
                return Attempt(
                    link("email", user.email),
                    .refused("not_configured", 403, "auth_login_preferences_missing")
                )
            },
        ]
    )

    static let createLink = MethodCases(
        method: "reset.create_link",
        endpoint: "E7",
        granted: Case("a link for the caller to bring") { call in
            let user = try await call.user()
            return Attempt(link("email", user.email), .result(["reset_link": .text]))
        },
        cases: [
            Case("for one factor only, where the app wants two", takes: ["reset-ignore-mfa"]) { call in
                let user = try await call.user()
                try await call.prefer(twoFactors)
                let params = link("username", user.username).with(["ignore_mfa": true])
                return Attempt(params, .result(["reset_link": .text]))
            },
            Case("an unknown user") { call in
                Attempt(link("email", call.stranger().email), .nobody(404, "unknown_user"))
            },
            Case("a mailbox that is not verified") { call in
                let user = try await call.user { $0.isVerified = false }
                return Attempt(link("email", user.email), .nobody(403, "unverified_address"))
            },
            Case("a disabled user") { call in
                let user = try await call.user { $0.status = "Disabled" }
                return Attempt(link("email", user.email), .nobody(403, "not_active"))
            },
            Case("a first factor's token that is none") { call in
                let user = try await call.user()
                return Attempt(
                    link("email", user.email).with(["prev_reset_token": .string(call.wrong())]),
                    .refused("invalid_token", 403, "auth_password_invalid_reset_token")
                )
            },
            Case("a redirect URI that is not registered") { call in
                let user = try await call.user()
                return Attempt(
                    link("email", user.email, to: ConformanceCall.foreignURI),
                    .refused("not_configured", 400, "system_invalid_input")
                )
            },
            Case("a value that Mosaic does not take") { call in
                let user = try await call.user()
                try await call.mosaicRefuses("E7", 400, "D", code: "system_invalid_input")
                return Attempt(link("email", user.email), .refused("invalid_params", 400, "system_invalid_input"))
            },
        ]
    )
}
