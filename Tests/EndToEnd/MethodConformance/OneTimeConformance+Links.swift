// MARK: - link.send

extension OneTimeConformance {
    private static func link(
        _ type: String,
        _ identifier: String,
        to uri: String = ConformanceCall.redirectURI
    ) -> JSONTree {
        ["identifier_type": .string(type), "identifier": .string(identifier), "redirect_uri": .string(uri)]
    }

    static let sendLink = MethodCases(
        method: "link.send",
        endpoint: "E18",
        granted: Case("a link by mail, bound to the call") { call in
            let user = try await call.user()
            return try await call.sent(
                link("email", user.email).with(["generate_request_id": true, "state": "s-1", "email_expiration": 10]),
                to: user.email,
                ["request_id": .requestID]
            )
        },
        cases: [
            Case("named by user id, by mail") { call in
                let user = try await call.user()
                return try await call.sent(link("user_id", user.id).with(["channel": "email"]), to: user.email)
            },
            Case("into the result", takes: ["link-direct"]) { call in
                let user = try await call.user()
                return Attempt(
                    link("username", user.username).with(["channel": "direct"]),
                    .result(["verdict": .equal("accepted"), "link": .text, "code": .text])
                )
            },
            Case("with the texts of the mail", takes: ["mail-content"]) { call in
                let user = try await call.user()
                return try await call.sent(link("email", user.email).with(["email_content": mail]), to: user.email)
            },
            Case("an unknown user") { call in
                Attempt(
                    link("email", call.stranger().email).with(["generate_request_id": true]),
                    .withheld("unknown_user", ["request_id": .requestID])
                )
            },
            Case("a user of the tenant who has not signed up with the application") { call in
                let user = try await call.user()
                try await call.sandbox.send("POST", "users/\(user.id)/detach")
                return Attempt(link("email", user.email), .withheld("signup_closed"))
            },
            Case("a disabled user") { call in
                let user = try await call.user { $0.status = "Disabled" }
                return Attempt(link("email", user.email), .withheld("not_active"))
            },
            Case("a user without a mailbox") { call in
                let user = try await call.user { $0.hasEmail = false }
                return Attempt(link("username", user.username), .withheld("unknown_user"))
            },
            Case("an unknown user, directly", takes: ["link-direct"]) { call in
                Attempt(link("email", call.stranger().email).with(["channel": "direct"]), .nobody(404, "unknown_user"))
            },
            Case("a disabled user, directly", takes: ["link-direct"]) { call in
                let user = try await call.user { $0.status = "Disabled" }
                return Attempt(link("email", user.email).with(["channel": "direct"]), .nobody(403, "not_active"))
            },
            Case("a redirect URI that is not registered") { call in
                let user = try await call.user()
                return Attempt(
                    link("email", user.email, to: ConformanceCall.foreignURI),
                    .refused("not_configured", 400)
                )
            },
            Case("an application that Mosaic does not know") { call in
                let user = try await call.user()
                try await call.prefer(["email": .null])
                return Attempt(link("email", user.email), .refused("not_configured", 404))
            },
            Case("more links than a user gets in a minute") { call in
                let user = try await call.user()
                try await call.prefer(["email": ["linksPerUser": 1]])
                try call.result("link.send", link("email", user.email))
                // Other users have had theirs, so this tells nothing of this one.
                return Attempt(link("email", user.email), .withheld("rate_limited"))
            },
        ]
    )
}

// MARK: - link.authenticate

extension OneTimeConformance {
    private static func mailedLink(
        _ user: ConformanceCall.User,
        _ call: ConformanceCall,
        bound: Bool = false
    ) async throws -> (params: JSONTree, requestID: JSONTree?) {
        let params = link("email", user.email).with(bound ? ["generate_request_id": true] : [:])
        let result = try call.result("link.send", params)
        let code = try await call.code(to: user.email, kind: "magic_link")
        return (["code": .string(code)], result["request_id"])
    }

    static let checkLink = MethodCases(
        method: "link.authenticate",
        endpoint: "E19",
        granted: Case("the code of a mailed link, bound to its send") { call in
            let user = try await call.user()
            let (params, requestID) = try await mailedLink(user, call, bound: true)
            return Attempt(
                params.with(["request_id": requestID ?? .null]),
                .result(tokens(of: user.id, ["eml"]))
            )
        },
        cases: [
            Case("as the second factor") { call in
                let user = try await call.user()
                let session = try call.login(user)["session_id"] ?? .null
                let (params, _) = try await mailedLink(user, call)
                var expected = tokens(of: user.id, ["pwd", "eml", "mfa"])
                expected["session_id"] = .equal(session)
                return Attempt(params.with(["session_id": session]), .result(expected))
            },
            Case("a wrong code") { call in
                Attempt(["code": .string(call.wrong())], .denied("wrong_credentials"))
            },
            Case("a link that was used") { call in
                let (params, _) = try await mailedLink(try await call.user(), call)
                try call.result("link.authenticate", params)
                return Attempt(params, .denied("wrong_credentials"))
            },
            Case("an expired link") { call in
                let user = try await call.user()
                let (params, _) = try await call.sandbox.ago(901) { try await mailedLink(user, call) }
                return Attempt(params, .denied("wrong_credentials"))
            },
            Case("a link without the request_id it is bound to") { call in
                let (params, _) = try await mailedLink(try await call.user(), call, bound: true)
                return Attempt(params, .denied("wrong_credentials"))
            },
            Case("a user who was disabled since the send") { call in
                let user = try await call.user()
                let (params, _) = try await mailedLink(user, call)
                try await call.disable(user)
                return Attempt(params, .denied("unknown_user"))
            },
            Case("a session that is not there") { call in
                let (params, _) = try await mailedLink(try await call.user(), call)
                return Attempt(
                    params.with(["session_id": .string(call.wrong())]),
                    .answered("invalid_token", 400)
                )
            },
            Case("a method that is not set up") { call in
                try await call.mosaicRefuses("E19", 403, "D", code: "auth_login_preferences_missing")
                return Attempt(
                    ["code": .string(call.wrong())],
                    .refused("not_configured", 403, "auth_login_preferences_missing")
                )
            },
        ]
    )
}
