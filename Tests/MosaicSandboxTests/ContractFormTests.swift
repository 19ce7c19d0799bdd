import Foundation
import HTTPTypes
import MosaicSandbox
import NIOCore
import TestSupport
import Testing

/// What the contract gives a type or a form is checked before it is kept: a value that no reader could read breaks every reader.
@Suite(.longTimeLimit)
struct `The forms of the contract` {
    private static let wrongProfiles: [(String, JSONValue)] = [
        ("birthday", "soon"), ("birthday", ""), ("birthday", "1990-02-29"), ("birthday", "1990-1-2"),
        ("birthday", "1990-01-02T25:00:00Z"), ("birthday", "1990-01-02T03:04:05"), ("birthday", 19_900_102),
        ("language", "English please"), ("language", "de;q=2"), ("language", ""), ("picture", "me.png"),
        ("picture", "javascript:alert(1)"), ("picture", "https://"), ("custom_data", "x"),
        ("external_user_id", "a\u{0}b"), ("name", ["first_name": "a\u{0}b"]), ("name", ["first_name": 7]),
        ("secondary_emails", ["a\u{0}@example.com"]), ("address", ["type": "Boat"]), ("username", "a\u{0}b"),
    ]

    @Test(arguments: wrongProfiles)
    func `a wrong member of a profile is refused by E27, E38 and seed files, by its name`(
        name: String,
        value: JSONValue
    ) async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createUser()
            var body: [String: JSONValue] = ["username": "bob"]
            body[name] = value
            let seed = body
            let answers = [
                try await sandbox.call(.post, "/cis/v1/users", .object(body)),
                try await sandbox.call(.put, "/cis/v1/users/\(userID)", .object([name: value])),
            ]
            for answer in answers {
                #expect(answer.status == 400)
                #expect(answer["message"]?.elements?.contains { $0.string?.contains(name) == true } == true)
            }
            #expect(throws: SeedUser.Failure.self) { try SeedUser.read(JSONValue.object(seed).text, name: "f") }
            let user = try await sandbox.user()
            #expect(user["birthday"] == nil && user["language"] == nil && user["picture"] == nil)
        }
    }

    @Test(
        arguments: [
            ("birthday", "1990-01-02T03:04:05Z"), ("birthday", "2000-02-29T03:04:05.123+05:30"),
            ("birthday", "1990-01-02"),
            ("language", "de"), ("language", "de-CH, en-US;q=0.8, *;q=0.1"), ("language", "zh-Hant-TW"),
            ("picture", "https://x.example/a.png?b=c"), ("picture", "http://127.0.0.1:8080/a"),
        ] as [(String, JSONValue)]
    )
    func `a right one is kept as it is`(name: String, value: JSONValue) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser(extra: [name: value])
            #expect(try await sandbox.user()[name] == value)
        }
    }

    @Test func `custom data is no larger than it may be, nor grows so by merging`() async throws {
        try await SandboxHarness.run { sandbox in
            let half = JSONValue.string(String(repeating: "x", count: 300_000))
            let userID = try await sandbox.createUser(extra: ["custom_data": ["a": half]])
            let answer = try await sandbox.call(.put, "/cis/v1/users/\(userID)", ["custom_data": ["b": half]])
            #expect(answer.status == 400)
            let whole: JSONValue = ["a": .string(String(repeating: "x", count: 512_001))]
            for name in ["custom_data", "custom_app_data"] {
                let refused = try await sandbox.call(.put, "/cis/v1/users/\(userID)", .object([name: whole]))
                #expect(refused.status == 400)
                #expect(refused.message?.contains(name) == true)
            }
            #expect(try await sandbox.user()["custom_data"]?["b"] == nil)
        }
    }

    @Test(
        arguments: [
            ["id_token": "email"], ["id_token": ["email": "yes"]], ["access_token": []],
            ["userinfo": ["custom_data": ["fields": "a"]]], ["id_token": ["email": ["essential": "yes"]]],
        ] as [JSONValue]
    )
    func `claims that have not the form of OpenID Connect's are refused`(claims: JSONValue) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            let answer = try await sandbox.login(extra: ["claims": claims])
            #expect(answer.status == 400)
            #expect(answer.errorCode == "system_invalid_input")
            #expect(answer.message?.contains("claims") == true)
            let right: JSONValue = [
                "id_token": ["email": .null, "custom_data": ["fields": ["a"]], "name": ["essential": true]]
            ]
            #expect(try await sandbox.login(extra: ["claims": right]).status == 200)
        }
    }

    @Test func `lengths count characters, not bytes`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let device = String(repeating: "ü", count: 80)
            #expect(try await sandbox.sendCode(["device_id": .string(device)]).status == 200)
            #expect(try await sandbox.sendCode(["device_id": .string(device + "x")]).status == 400)
        }
    }

    @Test func `a plus in a query is a space, and %2B is a plus`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser("ann", extra: ["email": "a@b.example", "phone_number": "+16175551212"])
            for query in [
                "search=email+eq+%22a@b.example%22", "search=phone_number+eq+%22%2B16175551212%22",
                "search_prefix=%2B1617", "page_limit=5&search=username+eq+%22ann%22",
            ] {
                let answer = try await sandbox.call(.get, "/cis/v1/users?\(query)")
                #expect(answer.status == 200, "\(query): \(answer.text)")
                #expect(answer["total_count"] == 1, "\(query)")
            }
            let found = try await sandbox.call(
                .get,
                "/cis/v1/users/identifier?identifier_name=phoneNumber&identifier_value=%2B16175551212"
            )
            #expect(found.status == 200)
            #expect(try await sandbox.call(.get, "/cis/v1/users?search=%zz").status == 400)
            #expect(try await sandbox.call(.get, "/cis/v1/users?search=%ff").status == 400)
        }
    }
}

/// SQLite ends a text at its first NUL, and HMAC takes a key with NULs at its end for the key without.
@Suite(.longTimeLimit)
struct `Texts with NUL` {
    private static let name = "zoë"

    @Test func `name no user that their beginning names, at any endpoint`() async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createUser(
                Self.name,
                extra: ["email": "zoe@example.com", "phone_number": "+16175551212", "external_user_id": "z"]
            )
            for (type, value) in [
                ("username", Self.name), ("email", "zoe@example.com"), ("phone_number", "+16175551212"),
            ] {
                for ending in ["\u{0}", "\u{0}x"] {
                    let login = try await sandbox.login(value + ending, extra: ["username_type": .string(type)])
                    #expect(login.status == 401, "\(type)")
                    #expect(login.errorCode == "auth_invalid_credentials")
                    let sent = try await sandbox.sendCode([
                        "identifier_type": .string(type), "identifier": .string(value + ending),
                    ])
                    #expect(sent.errorCode == "user_not_found", "\(type)")
                }
            }
            for path in [
                "username/zo%C3%AB%00", "\(userID)%00", "external-user-id/z%00x", "\(userID)%00/authenticators",
            ] {
                let answer = try await sandbox.call(.get, "/cis/v1/users/\(path)")
                #expect(answer.status == 404, "\(path): \(answer.text)")
            }
            #expect(try await sandbox.call(.delete, "/cis/v1/auth/users/\(userID)%00/sessions").status == 404)
            #expect(
                try await sandbox.call(
                    .get,
                    "/cis/v1/users/identifier?identifier_name=username&identifier_value=zo%C3%AB%00"
                ).status == 400
            )
            #expect(try await sandbox.outbox().isEmpty)
            #expect(try await sandbox.login(Self.name).status == 200)
        }
    }

    @Test func `are no client, no session and no password that their beginning is`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            let client = try await sandbox.sandbox.client()
            let answer = try await sandbox.token([
                ("grant_type", "client_credentials"), ("client_id", client.clientID + "\u{0}"),
                ("client_secret", client.secret),
            ])
            #expect(answer.status == 400)
            let session = try #require(try await sandbox.login()["session_id"]?.string)
            #expect(try await sandbox.login(extra: ["session_id": .string(session + "\u{0}")]).status == 400)
            for ending in ["\u{0}", "\u{0}\u{0}", "\u{0}x"] {
                let login = try await sandbox.login("ann", SandboxHarness.password + ending)
                #expect(login.status == 401)
                #expect(login.errorCode == "auth_invalid_credentials")
            }
        }
    }

    @Test func `a password with NUL is a password of its own`() async throws {
        try await SandboxHarness.run { sandbox in
            let password = SandboxHarness.password + "\u{0}"
            try await sandbox.createUser(password: password)
            #expect(try await sandbox.login("ann", SandboxHarness.password).status == 401)
            #expect(try await sandbox.login("ann", password + "\u{0}").status == 401)
            #expect(try await sandbox.login("ann", password).status == 200)
        }
    }

    @Test func `neither a hash nor one of an older database takes a password with NULs at its end`() async throws {
        let hasher = PasswordHasher(cost: .init(logarithmicRounds: 2))
        let old = "$scrypt$ln=2,r=8,p=1$cw==$Bez6GKtA6hPCVLdjvwfkGsr22n0ath7vwNHV9QlVLu4="
        for hash in [try await hasher.hash("p"), old] {
            #expect(try await hasher.verify("p", against: hash))
            #expect(try await !hasher.verify("p\u{0}", against: hash))
        }
        // A key longer than a block of the hash function is digested by HMAC itself.
        let long = String(repeating: "x", count: 65)
        #expect(try await hasher.verify(long, against: try await hasher.hash(long)))
        #expect(try await !hasher.verify(long + "\u{0}", against: try await hasher.hash(long)))
    }
}
