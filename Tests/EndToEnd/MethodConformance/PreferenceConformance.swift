/// Login preferences: E40 and E41.
enum PreferenceConformance {
    static let all = [get, update]

    private static func shown(_ methods: [String: Shape]) -> Expected {
        .result(["app_id": .text, "auth_methods": .including(methods)])
    }

    private static let get = MethodCases(
        method: "preferences.get",
        endpoint: "E40",
        granted: Case("of the client's own application") { _ in
            Attempt(
                [:],
                shown([
                    "password": .including(["passwordMinLength": .equal(14)]),
                    "sms": .including(["expiresIn": .equal(5)]),
                ])
            )
        },
        cases: [
            Case("of an application that is named") { call in
                let appID = call.stage.world.sandbox.description.app_id
                return Attempt(
                    ["app_id": .string(appID)],
                    .result(["app_id": .equal(.string(appID)), "auth_methods": .object])
                )
            },
            Case("of an application that Mosaic does not know") { _ in
                Attempt(["app_id": "nosuchapp"], .refused("not_found", 404))
            },
        ]
    )

    private static let update = MethodCases(
        method: "preferences.update",
        endpoint: "E41",
        granted: Case("other settings for codes by text message") { call in
            call.stage.alter()
            return Attempt(
                ["sms": ["expiresIn": 7, "maxFailures": 4, "codeLength": 8]],
                shown(["sms": .equal(["expiresIn": 7, "maxFailures": 4, "codeLength": 8])])
            )
        },
        cases: [
            Case("a setting that Mosaic does not take") { _ in
                Attempt(["sms": ["expiresIn": 7, "maxFailures": 21]], .refused("invalid_params", 400))
            },
            Case("a method without a setting that it needs") { _ in
                Attempt(["email": ["linksPerUser": 3]], .refused("invalid_params", 400))
            },
            Case("of an application that Mosaic does not know") { _ in
                Attempt(
                    ["app_id": "nosuchapp", "sms": ["expiresIn": 7, "maxFailures": 4]],
                    .refused("not_found", 404)
                )
            },
            Case("nothing to change") { _ in Attempt([:], .local("invalid_params")) },
        ]
    )
}
