/// Users: E27 and E31 to E39.
enum UserConformance {
    static let all = [create, get, search, update, authenticators]

    /// A user as Mosaic describes it, with these members at least.
    static func user(_ members: [String: Shape] = [:]) -> Shape {
        let always: [String: Shape] = [
            "user_id": .text, "status": .text, "created_at": .count, "updated_at": .count,
        ]
        return .including(always.merging(members) { $1 })
    }

    /// An address that belongs to a user object.
    static func address(_ value: String) -> Shape { .including(["value": .equal(.string(value))]) }
}

// MARK: - user.create

extension UserConformance {
    private static let create = MethodCases(
        method: "user.create",
        endpoint: "E27",
        granted: Case("a user with a first password") { call in
            let new = call.stranger()
            return Attempt(
                [
                    "email": .string(new.email), "username": .string(new.username),
                    "credentials": ["password": .string(call.newPassword()), "force_replace": false],
                    "name": ["first_name": "Ada", "last_name": "Lovelace"], "custom_data": ["plan": ["tier": 2]],
                ],
                .result([
                    "user": user([
                        "email": address(new.email), "username": .equal(.string(new.username)),
                        "custom_data": .equal(["plan": ["tier": 2]]),
                        "password_information": .including(["temporary": .equal(false)]),
                    ]), "credentials_set": .equal(true),
                ])
            )
        },
        cases: [
            Case("a phone number alone") { call in
                let new = call.stranger()
                return Attempt(
                    ["phone_number": .string(new.phoneNumber)],
                    .result([
                        "user": user(["phone_number": address(new.phoneNumber)]), "credentials_set": .equal(false),
                    ])
                )
            },
            Case("a user of the tenant that has no login at the application, and keeps its password") { call in
                let user = try await call.user { $0.age = 86_400 }
                try await call.sandbox.send("POST", "users/\(user.id)/detach")
                return Attempt(
                    [
                        "email": .string(user.email),
                        "credentials": ["password": .string(call.newPassword()), "force_replace": false],
                    ],
                    .result([
                        "user": Self.user(["user_id": .equal(.string(user.id))]), "credentials_set": .equal(false),
                    ])
                )
            },
            Case("an email address that is none") { call in
                Attempt(["email": "nowhere"], .refused("invalid_params", 400))
            },
            Case("a password that is too weak") { call in
                Attempt(
                    [
                        "email": .string(call.stranger().email),
                        "credentials": ["password": "kurzes-pw", "force_replace": true],
                    ],
                    .passwordRejected(400)
                )
            },
            Case("a username that is taken") { call in
                let user = try await call.user()
                return Attempt(
                    ["username": .string(user.username)],
                    .refused("conflict", 409, "username_already_exists")
                )
            },
            Case("an email address that is taken") { call in
                let user = try await call.user()
                return Attempt(["email": .string(user.email)], .refused("conflict", 409, "user_already_exists"))
            },
            Case("no identifier") { call in Attempt(["language": "de"], .local("invalid_params")) },
        ]
    )
}

// MARK: - user.get

extension UserConformance {
    private static func found(_ what: String, _ params: @escaping @Sendable (ConformanceCall.User) -> JSONTree) -> Case
    {
        Case(what) { call in
            let user = try await call.user()
            return Attempt(params(user), .result(["user": Self.user(["user_id": .equal(.string(user.id))])]))
        }
    }

    private static func unknown(
        _ what: String,
        _ params: @escaping @Sendable (ConformanceCall.User) -> JSONTree
    ) -> Case {
        Case(what) { call in Attempt(params(call.stranger()), .refused("not_found", 404)) }
    }

    private static func externalID(_ user: ConformanceCall.User) -> String {
        user.username.replacing("walker", with: "ext-")
    }

    private static let get = MethodCases(
        method: "user.get",
        endpoint: "E34",
        granted: found("by email address") { ["email": .string($0.email)] },
        cases: [
            found("by user id") { ["user_id": .string($0.id)] },
            found("by username") { ["username": .string($0.username)] },
            found("by phone number") { ["phone_number": .string($0.phoneNumber)] },
            found("by external id") { ["external_user_id": .string(externalID($0))] },
            found("by a named identifier") {
                ["identifier_name": "phoneNumber", "identifier_value": .string($0.phoneNumber)]
            },
            unknown("an unknown email address") { ["email": .string($0.email)] },
            unknown("an unknown user id") { ["user_id": .string($0.id)] },
            unknown("an unknown username") { ["username": .string($0.username)] },
            unknown("an unknown phone number") { ["phone_number": .string($0.phoneNumber)] },
            unknown("an unknown external id") { ["external_user_id": .string($0.username)] },
            unknown("an unknown named identifier") {
                ["identifier_name": "email", "identifier_value": .string($0.email)]
            },
            Case("an email address that is none") { _ in
                Attempt(["email": "nowhere"], .refused("invalid_params", 400))
            },
            Case("a phone number that is none") { _ in
                Attempt(["phone_number": "12"], .refused("invalid_params", 400))
            },
            Case("a kind of identifier that the tenant does not have") { _ in
                Attempt(
                    ["identifier_name": "badge", "identifier_value": "4711"],
                    .refused("invalid_params", 400)
                )
            },
            Case("two identifiers") { call in
                let user = try await call.user()
                return Attempt(
                    ["email": .string(user.email), "username": .string(user.username)],
                    .local("invalid_params", parameter: "email")
                )
            },
        ]
    )
}

// MARK: - user.search, user.update, user.authenticators

extension UserConformance {
    private static let search = MethodCases(
        method: "user.search",
        endpoint: "E37",
        granted: Case("a page of all users") { call in
            for _ in 0..<3 { _ = try await call.user() }
            return Attempt(
                ["page_limit": 2, "sort_order": "desc"],
                .result([
                    "users": .listOf(user()), "total_count": .count,
                    "page_info": .members([
                        "has_next_page": .equal(true), "has_previous_page": .equal(false),
                    ]),
                ])
            )
        },
        cases: [
            Case("by the beginning of an address") { call in
                let user = try await call.user()
                return Attempt(
                    ["search_prefix": .string(user.email)],
                    .result([
                        "users": .listOf(Self.user(["user_id": .equal(.string(user.id))])), "total_count": .equal(1),
                        "page_info": .object,
                    ])
                )
            },
            Case("by a filter that matches no user") { call in
                Attempt(
                    ["search": .string("username eq \"\(call.stranger().username)\"")],
                    .result(["users": .equal([]), "total_count": .equal(0), "page_info": .object])
                )
            },
            Case("a filter that is none") { _ in
                Attempt(["search": "username equals"], .refused("invalid_params", 400))
            },
            Case("a page that is too long") { _ in
                Attempt(["page_limit": 201], .local("invalid_params", parameter: "page_limit"))
            },
        ]
    )

    private static let update = MethodCases(
        method: "user.update",
        endpoint: "E38",
        granted: Case("another name and state") { call in
            let user = try await call.user()
            return Attempt(
                ["user_id": .string(user.id), "status": "Disabled", "name": ["first_name": "Grace"]],
                .result([
                    "user": Self.user([
                        "user_id": .equal(.string(user.id)), "status": .equal("Disabled"),
                        "name": .equal(["first_name": "Grace"]),
                    ])
                ])
            )
        },
        cases: [
            Case("another email address, which is not verified") { call in
                let user = try await call.user()
                let other = call.stranger().email
                return Attempt(
                    ["user_id": .string(user.id), "email": .string(other)],
                    .result([
                        "user": Self.user([
                            "email": .including([
                                "value": .equal(.string(other)), "email_verified": .equal(false),
                            ])
                        ])
                    ])
                )
            },
            Case("an unknown user") { call in
                Attempt(["user_id": .string(call.stranger().id), "language": "de"], .refused("not_found", 404))
            },
            Case("an email address that is taken") { call in
                let (user, other) = (try await call.user(), try await call.user())
                return Attempt(
                    ["user_id": .string(user.id), "email": .string(other.email)],
                    .refused("conflict", 400)
                )
            },
            Case("an identifier that Mosaic says is taken") { call in
                let user = try await call.user()
                try await call.mosaicRefuses("E38", 409, "E", code: "user_already_exists")
                return Attempt(
                    ["user_id": .string(user.id), "username": "taken"],
                    .refused("conflict", 409, "user_already_exists")
                )
            },
            Case("nothing to change") { call in
                Attempt(["user_id": .string(call.stranger().id)], .local("invalid_params"))
            },
        ]
    )

    private static let authenticators = MethodCases(
        method: "user.authenticators",
        endpoint: "E39",
        granted: Case("a user with a password and addresses") { call in
            let user = try await call.user()
            let one: Shape = .including([
                "id": .text, "type": .text, "status": .equal("Active"), "registered_at": .text,
            ])
            return Attempt(["user_id": .string(user.id)], .result(["authenticators": .listOf(one)]))
        },
        cases: [
            Case("a locked password") { call in
                let user = try await call.user {
                    $0.hasEmail = false
                    $0.hasPhoneNumber = false
                }
                let wrong: JSONTree = ["username": .string(user.username), "password": .string(call.wrong())]
                try call.spend(5, "password.authenticate", wrong)
                let one: Shape = .including(["type": .equal("password"), "status": .equal("Locked")])
                return Attempt(["user_id": .string(user.id)], .result(["authenticators": .listOf(one)]))
            },
            Case("an unknown user") { call in
                Attempt(["user_id": .string(call.stranger().id)], .refused("not_found", 404))
            },
        ]
    )
}
