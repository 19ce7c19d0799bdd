// MARK: - otp.send

extension OneTimeConformance {
    fileprivate static func send(_ type: String, _ identifier: String, by channel: String) -> JSONTree {
        ["identifier_type": .string(type), "identifier": .string(identifier), "channel": .string(channel)]
    }

    static let sendCode = MethodCases(
        method: "otp.send",
        endpoint: "E20",
        granted: Case("a code by mail, bound to the call") { call in
            let user = try await call.user()
            let approval: JSONTree = ["order": "4711"]
            return try await call.sent(
                send("email", user.email, by: "email").with(["generate_request_id": true, "approval_data": approval]),
                to: user.email,
                ["request_id": .requestID, "approval_data": .equal(approval)]
            )
        },
        cases: [
            Case("by text message, named by username, for two minutes") { call in
                let user = try await call.user()
                return try await call.sent(
                    send("username", user.username, by: "sms").with(["expires_in": 2]),
                    to: user.phoneNumber
                )
            },
            Case("into the result", takes: ["otp-direct"]) { call in
                let user = try await call.user()
                return Attempt(
                    send("user_id", user.id, by: "direct"),
                    .result(["verdict": .equal("accepted"), "code": .text])
                )
            },
            Case("to another mailbox", takes: ["otp-redirect"]) { call in
                let user = try await call.user()
                let other = call.stranger().email
                return try await call.sent(
                    send("email", user.email, by: "email").with(["custom_email": .string(other)]),
                    to: other
                )
            },
            Case("to another phone", takes: ["otp-redirect"]) { call in
                let user = try await call.user()
                let other = call.stranger().phoneNumber
                return try await call.sent(
                    send("email", user.email, by: "sms").with(["custom_phone_number": .string(other)]),
                    to: other
                )
            },
            Case("with the texts of the mail", takes: ["mail-content"]) { call in
                let user = try await call.user()
                return try await call.sent(
                    send("email", user.email, by: "email").with(["email_content": mail]),
                    to: user.email
                )
            },
            Case("with the text of the message", takes: ["mail-content"]) { call in
                let user = try await call.user()
                let text: JSONTree = ["custom_message": "{otp} opens {app}", "sender_id": "WALK"]
                return try await call.sent(
                    send("email", user.email, by: "sms").with(["custom_sms_input": text]),
                    to: user.phoneNumber
                )
            },
            Case("an unknown user") { call in
                Attempt(
                    send("email", call.stranger().email, by: "email").with(["generate_request_id": true]),
                    .withheld("unknown_user", ["request_id": .requestID])
                )
            },
            Case("a type of identifier that the tenant does not have") { call in
                Attempt(send("badge", call.stranger().username, by: "email"), .withheld("unknown_user"))
            },
            Case("a disabled user") { call in
                let user = try await call.user { $0.status = "Disabled" }
                return Attempt(send("email", user.email, by: "email"), .withheld("not_active"))
            },
            Case("a user without a mailbox") { call in
                let user = try await call.user { $0.hasEmail = false }
                return Attempt(send("username", user.username, by: "email"), .withheld("no_address"))
            },
            Case("a user without a phone") { call in
                let user = try await call.user { $0.hasPhoneNumber = false }
                return Attempt(
                    send("username", user.username, by: "sms").with(["approval_data": ["order": "4711"]]),
                    .withheld("no_address", ["approval_data": .equal(["order": "4711"])])
                )
            },
            Case("an unknown user, directly", takes: ["otp-direct"]) { call in
                Attempt(
                    send("email", call.stranger().email, by: "direct"),
                    .nobody(404, "unknown_user")
                )
            },
            Case("a disabled user, directly", takes: ["otp-direct"]) { call in
                let user = try await call.user { $0.status = "Disabled" }
                return Attempt(
                    send("email", user.email, by: "direct"),
                    .nobody(403, "not_active")
                )
            },
            Case("a method that is not set up, 403") { call in
                let user = try await call.user()
                try await call.prefer(["sms": .null])
                return Attempt(
                    send("email", user.email, by: "sms"),
                    .refused("not_configured", 403, "auth_login_preferences_missing")
                )
            },
            Case("a method that is not set up, 404") { call in
                let user = try await call.user()
                try await call.mosaicRefuses("E20", 404, "D", code: "auth_login_preferences_missing")
                return Attempt(
                    send("email", user.email, by: "email"),
                    .refused("not_configured", 404, "auth_login_preferences_missing")
                )
            },
            Case("a provider of mail that is not set up well") { call in
                let user = try await call.user()
                try await call.mosaicRefuses("E20", 400, "D", code: "external_provider_configuration_error")
                return Attempt(
                    send("email", user.email, by: "email"),
                    .refused("not_configured", 400, "external_provider_configuration_error")
                )
            },
            Case("a mailbox that is none", takes: ["otp-redirect"]) { call in
                let user = try await call.user()
                return Attempt(
                    send("email", user.email, by: "email").with(["custom_email": "nowhere"]),
                    .refused("invalid_params", 400, "system_invalid_input")
                )
            },
            Case("more than an hour") { call in
                let user = try await call.user()
                return Attempt(
                    send("email", user.email, by: "email").with(["expires_in": 61]),
                    .local("invalid_params", parameter: "expires_in")
                )
            },
        ]
    )
}

// MARK: - otp.authenticate

extension OneTimeConformance {
    private static func check(_ user: ConformanceCall.User, _ code: String) -> JSONTree {
        ["identifier_type": "email", "identifier": .string(user.email), "passcode": .string(code)]
    }

    /// Has a code sent by mail, and returns it with the `request_id` if one was asked for.
    private static func mailedCode(
        _ user: ConformanceCall.User,
        _ call: ConformanceCall,
        bound: Bool = false
    ) async throws -> (code: String, requestID: JSONTree?) {
        let params = send("email", user.email, by: "email").with(bound ? ["generate_request_id": true] : [:])
        let result = try call.result("otp.send", params)
        return (try await call.code(to: user.email), result["request_id"])
    }

    static let checkCode = MethodCases(
        method: "otp.authenticate",
        endpoint: "E21",
        granted: Case("the code of a mail, bound to its send") { call in
            let user = try await call.user()
            let (code, requestID) = try await mailedCode(user, call, bound: true)
            return Attempt(
                check(user, code).with(["request_id": requestID ?? .null]),
                .result(tokens(of: user.id, ["eotp"]))
            )
        },
        cases: [
            Case("the code of a text message") { call in
                let user = try await call.user()
                try call.result("otp.send", send("email", user.email, by: "sms"))
                let code = try await call.code(to: user.phoneNumber)
                return Attempt(check(user, code), .result(tokens(of: user.id, ["sms"])))
            },
            Case("a code that came in the result, as the second factor") { call in
                let user = try await call.user()
                let session = try call.login(user)["session_id"] ?? .null
                let (code, _) = try await mailedCode(user, call)
                var expected = tokens(of: user.id, ["pwd", "eotp", "mfa"])
                expected["session_id"] = .equal(session)
                return Attempt(check(user, code).with(["session_id": session]), .result(expected))
            },
            Case("a wrong code") { call in
                let user = try await call.user()
                _ = try await mailedCode(user, call)
                return Attempt(check(user, call.wrong()), .denied("wrong_credentials"))
            },
            Case("no code was sent") { call in
                Attempt(check(try await call.user(), call.wrong()), .denied("wrong_credentials"))
            },
            Case("an unknown user") { call in
                Attempt(check(call.stranger(), call.wrong()), .denied("wrong_credentials"))
            },
            Case("a user who was disabled since the send") { call in
                let user = try await call.user()
                let (code, _) = try await mailedCode(user, call)
                try await call.disable(user)
                return Attempt(check(user, code), .denied("wrong_credentials"))
            },
            Case("a code that was used") { call in
                let user = try await call.user()
                let (code, _) = try await mailedCode(user, call)
                try call.result("otp.authenticate", check(user, code))
                return Attempt(check(user, code), .denied("wrong_credentials"))
            },
            Case("a code that another one has replaced") { call in
                let user = try await call.user()
                let (code, _) = try await mailedCode(user, call)
                _ = try await mailedCode(user, call)
                return Attempt(check(user, code), .denied("wrong_credentials"))
            },
            Case("a code without the request_id it is bound to") { call in
                let user = try await call.user()
                let (code, _) = try await mailedCode(user, call, bound: true)
                return Attempt(check(user, code), .denied("wrong_credentials"))
            },
            Case("a request_id that Mosaic names as the fault") { call in
                let user = try await call.user()
                try await call.mosaicRefuses("E21", 403, "D", code: "auth_otp_invalid_request_id")
                return Attempt(check(user, call.wrong()), .denied("wrong_request_id"))
            },
            Case("an expired code") { call in
                let user = try await call.user()
                let (code, _) = try await call.sandbox.ago(301) { try await mailedCode(user, call) }
                return Attempt(check(user, code), .denied("expired"))
            },
            Case("the right code after three wrong ones") { call in
                let user = try await call.user()
                let (code, _) = try await mailedCode(user, call)
                try call.spend(3, "otp.authenticate", check(user, call.wrong()))
                return Attempt(check(user, code), .denied("locked"))
            },
            Case("a session that is not there") { call in
                let user = try await call.user()
                let (code, _) = try await mailedCode(user, call)
                return Attempt(
                    check(user, code).with(["session_id": .string(call.wrong())]),
                    .answered("invalid_token", 400, "system_invalid_input")
                )
            },
            Case("a resource that the client does not have") { call in
                let user = try await call.user()
                let (code, _) = try await mailedCode(user, call)
                return Attempt(
                    check(user, code).with(["resource": "https://other.example"]),
                    .refused("invalid_params", 400, "system_invalid_input")
                )
            },
        ]
    )
}
