/// One-time codes (E20, E21) and magic links (E18, E19).
enum OneTimeWalk {
    static let all = [sendCode, checkCode, sendLink, checkLink]

    static let mail: JSONTree = [
        "subject": "Hello", "bodyText": "Here you are", "primaryColor": "#6981FF", "senderName": "The walk",
    ]
}

// MARK: - otp.send

extension OneTimeWalk {
    fileprivate static func send(_ type: String, _ identifier: String, by channel: String) -> JSONTree {
        ["identifier_type": .string(type), "identifier": .string(identifier), "channel": .string(channel)]
    }

    /// A send that reaches somebody, who then has one message more.
    private static func sent(
        _ params: JSONTree,
        to address: String,
        _ call: WalkCall,
        _ members: [String: Shape] = [:]
    ) async throws -> Attempt {
        let before = try await call.sandbox.messageCount(to: address)
        return Attempt(params, .result(members.merging(["verdict": .equal("accepted")]) { $1 })) { _ in
            let count = try await call.sandbox.messageCount(to: address)
            guard count == before + 1 else { throw HarnessFailure("\(count - before) messages were sent") }
        }
    }

    static let sendCode = MethodWalk(
        method: "otp.send",
        endpoint: "E20",
        granted: WalkCase("a code by mail, bound to the call") { call in
            let user = try await call.user()
            let approval: JSONTree = ["order": "4711"]
            return try await sent(
                send("email", user.email, by: "email").with(["generate_request_id": true, "approval_data": approval]),
                to: user.email,
                call,
                ["request_id": .requestID, "approval_data": .equal(approval)]
            )
        },
        cases: [
            WalkCase("by text message, named by username, for two minutes") { call in
                let user = try await call.user()
                return try await sent(
                    send("username", user.username, by: "sms").with(["expires_in": 2]),
                    to: user.phoneNumber,
                    call
                )
            },
            WalkCase("into the result", takes: ["otp-direct"]) { call in
                let user = try await call.user()
                return Attempt(
                    send("user_id", user.id, by: "direct"),
                    .result(["verdict": .equal("accepted"), "code": .text])
                )
            },
            WalkCase("to another mailbox", takes: ["otp-redirect"]) { call in
                let user = try await call.user()
                let other = call.stranger().email
                return try await sent(
                    send("email", user.email, by: "email").with(["custom_email": .string(other)]),
                    to: other,
                    call
                )
            },
            WalkCase("to another phone", takes: ["otp-redirect"]) { call in
                let user = try await call.user()
                let other = call.stranger().phoneNumber
                return try await sent(
                    send("email", user.email, by: "sms").with(["custom_phone_number": .string(other)]),
                    to: other,
                    call
                )
            },
            WalkCase("with the texts of the mail", takes: ["mail-content"]) { call in
                let user = try await call.user()
                return try await sent(
                    send("email", user.email, by: "email").with(["email_content": mail]),
                    to: user.email,
                    call
                )
            },
            WalkCase("with the text of the message", takes: ["mail-content"]) { call in
                let user = try await call.user()
                let text: JSONTree = ["custom_message": "{otp} opens {app}", "sender_id": "WALK"]
                return try await sent(
                    send("email", user.email, by: "sms").with(["custom_sms_input": text]),
                    to: user.phoneNumber,
                    call
                )
            },
            WalkCase("an unknown user") { call in
                Attempt(
                    send("email", call.stranger().email, by: "email").with(["generate_request_id": true]),
                    .withheld("unknown_user", ["request_id": .requestID])
                )
            },
            WalkCase("a type of identifier that the tenant does not have") { call in
                Attempt(send("badge", call.stranger().username, by: "email"), .withheld("unknown_user"))
            },
            WalkCase("a disabled user") { call in
                let user = try await call.user { $0.status = "Disabled" }
                return Attempt(send("email", user.email, by: "email"), .withheld("not_active"))
            },
            WalkCase("a user without a mailbox") { call in
                let user = try await call.user { $0.hasEmail = false }
                return Attempt(send("username", user.username, by: "email"), .withheld("no_address"))
            },
            WalkCase("a user without a phone") { call in
                let user = try await call.user { $0.hasPhoneNumber = false }
                return Attempt(
                    send("username", user.username, by: "sms").with(["approval_data": ["order": "4711"]]),
                    .withheld("no_address", ["approval_data": .equal(["order": "4711"])])
                )
            },
            WalkCase("an unknown user, directly", takes: ["otp-direct"]) { call in
                Attempt(
                    send("email", call.stranger().email, by: "direct"),
                    .nobody(404, "unknown_user")
                )
            },
            WalkCase("a disabled user, directly", takes: ["otp-direct"]) { call in
                let user = try await call.user { $0.status = "Disabled" }
                return Attempt(
                    send("email", user.email, by: "direct"),
                    .nobody(403, "not_active")
                )
            },
            WalkCase("a method that is not set up, 403") { call in
                let user = try await call.user()
                try await call.prefer(["sms": .null])
                return Attempt(
                    send("email", user.email, by: "sms"),
                    .refused("not_configured", 403, "auth_login_preferences_missing")
                )
            },
            WalkCase("a method that is not set up, 404") { call in
                let user = try await call.user()
                try await call.mosaicRefuses("E20", 404, "D", code: "auth_login_preferences_missing")
                return Attempt(
                    send("email", user.email, by: "email"),
                    .refused("not_configured", 404, "auth_login_preferences_missing")
                )
            },
            WalkCase("a provider of mail that is not set up well") { call in
                let user = try await call.user()
                try await call.mosaicRefuses("E20", 400, "D", code: "external_provider_configuration_error")
                return Attempt(
                    send("email", user.email, by: "email"),
                    .refused("not_configured", 400, "external_provider_configuration_error")
                )
            },
            WalkCase("a mailbox that is none", takes: ["otp-redirect"]) { call in
                let user = try await call.user()
                return Attempt(
                    send("email", user.email, by: "email").with(["custom_email": "nowhere"]),
                    .refused("invalid_params", 400, "system_invalid_input")
                )
            },
            WalkCase("more than an hour") { call in
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

extension OneTimeWalk {
    private static func check(_ user: WalkCall.User, _ code: String) -> JSONTree {
        ["identifier_type": "email", "identifier": .string(user.email), "passcode": .string(code)]
    }

    /// Has a code sent by mail, and returns it with the `request_id` if one was asked for.
    private static func mailedCode(
        _ user: WalkCall.User,
        _ call: WalkCall,
        bound: Bool = false
    ) async throws -> (code: String, requestID: JSONTree?) {
        let params = send("email", user.email, by: "email").with(bound ? ["generate_request_id": true] : [:])
        let result = try call.result("otp.send", params)
        return (try await call.code(to: user.email), result["request_id"])
    }

    static let checkCode = MethodWalk(
        method: "otp.authenticate",
        endpoint: "E21",
        granted: WalkCase("the code of a mail, bound to its send") { call in
            let user = try await call.user()
            let (code, requestID) = try await mailedCode(user, call, bound: true)
            return Attempt(
                check(user, code).with(["request_id": requestID ?? .null]),
                .result(tokens(of: user.id, ["eotp"]))
            )
        },
        cases: [
            WalkCase("the code of a text message") { call in
                let user = try await call.user()
                try call.result("otp.send", send("email", user.email, by: "sms"))
                let code = try await call.code(to: user.phoneNumber)
                return Attempt(check(user, code), .result(tokens(of: user.id, ["sms"])))
            },
            WalkCase("a code that came in the result, as the second factor") { call in
                let user = try await call.user()
                let session = try call.login(user)["session_id"] ?? .null
                let (code, _) = try await mailedCode(user, call)
                var expected = tokens(of: user.id, ["pwd", "eotp", "mfa"])
                expected["session_id"] = .equal(session)
                return Attempt(check(user, code).with(["session_id": session]), .result(expected))
            },
            WalkCase("a wrong code") { call in
                let user = try await call.user()
                _ = try await mailedCode(user, call)
                return Attempt(check(user, call.wrong()), .denied("wrong_credentials"))
            },
            WalkCase("no code was sent") { call in
                Attempt(check(try await call.user(), call.wrong()), .denied("wrong_credentials"))
            },
            WalkCase("an unknown user") { call in
                Attempt(check(call.stranger(), call.wrong()), .denied("wrong_credentials"))
            },
            WalkCase("a user who was disabled since the send") { call in
                let user = try await call.user()
                let (code, _) = try await mailedCode(user, call)
                try await call.disable(user)
                return Attempt(check(user, code), .denied("wrong_credentials"))
            },
            WalkCase("a code that was used") { call in
                let user = try await call.user()
                let (code, _) = try await mailedCode(user, call)
                try call.result("otp.authenticate", check(user, code))
                return Attempt(check(user, code), .denied("wrong_credentials"))
            },
            WalkCase("a code that another one has replaced") { call in
                let user = try await call.user()
                let (code, _) = try await mailedCode(user, call)
                _ = try await mailedCode(user, call)
                return Attempt(check(user, code), .denied("wrong_credentials"))
            },
            WalkCase("a code without the request_id it is bound to") { call in
                let user = try await call.user()
                let (code, _) = try await mailedCode(user, call, bound: true)
                return Attempt(check(user, code), .denied("wrong_credentials"))
            },
            WalkCase("a request_id that Mosaic names as the fault") { call in
                let user = try await call.user()
                try await call.mosaicRefuses("E21", 403, "D", code: "auth_otp_invalid_request_id")
                return Attempt(check(user, call.wrong()), .denied("wrong_request_id"))
            },
            WalkCase("an expired code") { call in
                let user = try await call.user()
                let (code, _) = try await call.sandbox.ago(301) { try await mailedCode(user, call) }
                return Attempt(check(user, code), .denied("expired"))
            },
            WalkCase("the right code after three wrong ones") { call in
                let user = try await call.user()
                let (code, _) = try await mailedCode(user, call)
                try call.spend(3, "otp.authenticate", check(user, call.wrong()))
                return Attempt(check(user, code), .denied("locked"))
            },
            WalkCase("a session that is not there") { call in
                let user = try await call.user()
                let (code, _) = try await mailedCode(user, call)
                return Attempt(
                    check(user, code).with(["session_id": .string(call.wrong())]),
                    .refused("invalid_token", 400, "system_invalid_input")
                )
            },
            WalkCase("a resource that the client does not have") { call in
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

// MARK: - link.send

extension OneTimeWalk {
    private static func link(_ type: String, _ identifier: String, to uri: String = WalkCall.redirectURI) -> JSONTree {
        ["identifier_type": .string(type), "identifier": .string(identifier), "redirect_uri": .string(uri)]
    }

    static let sendLink = MethodWalk(
        method: "link.send",
        endpoint: "E18",
        granted: WalkCase("a link by mail, bound to the call") { call in
            let user = try await call.user()
            return try await sent(
                link("email", user.email).with(["generate_request_id": true, "state": "s-1", "email_expiration": 10]),
                to: user.email,
                call,
                ["request_id": .requestID]
            )
        },
        cases: [
            WalkCase("named by user id, by mail") { call in
                let user = try await call.user()
                return try await sent(link("user_id", user.id).with(["channel": "email"]), to: user.email, call)
            },
            WalkCase("into the result", takes: ["link-direct"]) { call in
                let user = try await call.user()
                return Attempt(
                    link("username", user.username).with(["channel": "direct"]),
                    .result(["verdict": .equal("accepted"), "link": .text, "code": .text])
                )
            },
            WalkCase("with the texts of the mail", takes: ["mail-content"]) { call in
                let user = try await call.user()
                return try await sent(link("email", user.email).with(["email_content": mail]), to: user.email, call)
            },
            WalkCase("an unknown user") { call in
                Attempt(
                    link("email", call.stranger().email).with(["generate_request_id": true]),
                    .withheld("unknown_user", ["request_id": .requestID])
                )
            },
            WalkCase("a user of the tenant who has not signed up with the application") { call in
                let user = try await call.user()
                try await call.sandbox.send("POST", "users/\(user.id)/detach")
                return Attempt(link("email", user.email), .withheld("signup_closed"))
            },
            WalkCase("a disabled user") { call in
                let user = try await call.user { $0.status = "Disabled" }
                return Attempt(link("email", user.email), .withheld("not_active"))
            },
            WalkCase("a user without a mailbox") { call in
                let user = try await call.user { $0.hasEmail = false }
                return Attempt(link("username", user.username), .withheld("unknown_user"))
            },
            WalkCase("an unknown user, directly", takes: ["link-direct"]) { call in
                Attempt(link("email", call.stranger().email).with(["channel": "direct"]), .nobody(404, "unknown_user"))
            },
            WalkCase("a disabled user, directly", takes: ["link-direct"]) { call in
                let user = try await call.user { $0.status = "Disabled" }
                return Attempt(link("email", user.email).with(["channel": "direct"]), .nobody(403, "not_active"))
            },
            WalkCase("a redirect URI that is not registered") { call in
                let user = try await call.user()
                return Attempt(link("email", user.email, to: WalkCall.foreignURI), .refused("not_configured", 400))
            },
            WalkCase("an application that Mosaic does not know") { call in
                let user = try await call.user()
                try await call.prefer(["email": .null])
                return Attempt(link("email", user.email), .refused("not_configured", 404))
            },
            WalkCase("more links than a user gets in a minute") { call in
                let user = try await call.user()
                try await call.prefer(["email": ["linksPerUser": 1]])
                try call.result("link.send", link("email", user.email))
                var limited = ExpectedError("upstream_rate_limited", outcome: "unknown", status: 429)
                limited.isRetryable = true
                limited.wait = .count
                return Attempt(link("email", user.email), .error(limited))
            },
        ]
    )
}

// MARK: - link.authenticate

extension OneTimeWalk {
    private static func mailedLink(
        _ user: WalkCall.User,
        _ call: WalkCall,
        bound: Bool = false
    ) async throws -> (params: JSONTree, requestID: JSONTree?) {
        let params = link("email", user.email).with(bound ? ["generate_request_id": true] : [:])
        let result = try call.result("link.send", params)
        let code = try await call.code(to: user.email, kind: "magic_link")
        return (["code": .string(code)], result["request_id"])
    }

    static let checkLink = MethodWalk(
        method: "link.authenticate",
        endpoint: "E19",
        granted: WalkCase("the code of a mailed link, bound to its send") { call in
            let user = try await call.user()
            let (params, requestID) = try await mailedLink(user, call, bound: true)
            return Attempt(
                params.with(["request_id": requestID ?? .null]),
                .result(tokens(of: user.id, ["eml"]))
            )
        },
        cases: [
            WalkCase("as the second factor") { call in
                let user = try await call.user()
                let session = try call.login(user)["session_id"] ?? .null
                let (params, _) = try await mailedLink(user, call)
                var expected = tokens(of: user.id, ["pwd", "eml", "mfa"])
                expected["session_id"] = .equal(session)
                return Attempt(params.with(["session_id": session]), .result(expected))
            },
            WalkCase("a wrong code") { call in
                Attempt(["code": .string(call.wrong())], .denied("wrong_credentials"))
            },
            WalkCase("a link that was used") { call in
                let (params, _) = try await mailedLink(try await call.user(), call)
                try call.result("link.authenticate", params)
                return Attempt(params, .denied("wrong_credentials"))
            },
            WalkCase("an expired link") { call in
                let user = try await call.user()
                let (params, _) = try await call.sandbox.ago(901) { try await mailedLink(user, call) }
                return Attempt(params, .denied("wrong_credentials"))
            },
            WalkCase("a link without the request_id it is bound to") { call in
                let (params, _) = try await mailedLink(try await call.user(), call, bound: true)
                return Attempt(params, .denied("wrong_credentials"))
            },
            WalkCase("a user who was disabled since the send") { call in
                let user = try await call.user()
                let (params, _) = try await mailedLink(user, call)
                try await call.disable(user)
                return Attempt(params, .denied("unknown_user"))
            },
            WalkCase("a session that is not there") { call in
                let (params, _) = try await mailedLink(try await call.user(), call)
                return Attempt(
                    params.with(["session_id": .string(call.wrong())]),
                    .refused("invalid_token", 400)
                )
            },
            WalkCase("a method that is not set up") { call in
                try await call.mosaicRefuses("E19", 403, "D", code: "auth_login_preferences_missing")
                return Attempt(
                    ["code": .string(call.wrong())],
                    .refused("not_configured", 403, "auth_login_preferences_missing")
                )
            },
        ]
    )
}
