import Foundation
import HTTPTypes
import MosaicSandbox
import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `Password authentication (E17)` {
    @Test func `a right password gives the documented tokens`() async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createUser()
            let answer = try await sandbox.login()
            #expect(answer.status == 200)
            #expect(answer["token_type"] == "Bearer")
            #expect(answer["expires_in"] == 3600)
            #expect(answer["session_id"]?.string?.isEmpty == false)
            #expect(answer["refresh_token"]?.string?.isEmpty == false)
            #expect(answer["status"] == nil)
            let reader = TokenReader(sandbox)
            let access = try await reader.claims(of: try #require(answer["access_token"]?.string))
            #expect(access["sub"]?.string == userID)
            #expect(access["client_id"]?.string == sandbox.sandbox.clientID)
            #expect(access["aud"] == "userid-api")
            let identity = try await reader.claims(of: try #require(answer["id_token"]?.string))
            #expect(identity["sub"]?.string == userID)
            #expect(identity["aud"]?.string == sandbox.sandbox.clientID)
            #expect(identity["amr"] == ["pwd"])
            #expect(identity["auth_time"]?.integer == 1_800_000_000)
            #expect(identity["tid"]?.string != nil)
            #expect(identity["acr"]?.string != nil)
            #expect(identity["username"] == nil)
        }
    }

    @Test func `a pending user becomes active`() async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createUser()
            #expect(try await sandbox.call(.get, "/cis/v1/users/\(userID)")["result"]?["status"] == "Pending")
            _ = try await sandbox.login()
            let user = try await sandbox.call(.get, "/cis/v1/users/\(userID)")["result"]
            #expect(user?["status"] == "Active")
            #expect(user?["last_auth"] == "2027-01-15T08:00:00.000Z")
        }
    }

    @Test func `requested claims are in the ID token and fields pick from custom data`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser(
                extra: ["email": "ann@example.com", "custom_data": ["tier": "gold", "note": "x"]])
            let answer = try await sandbox.login(extra: [
                "claims": [
                    "id_token": [
                        "username": .null, "email": .null, "phone_number": .null, "custom_data": ["fields": ["tier"]],
                    ],
                    "access_token": ["email_verified": .null],
                ]
            ])
            let reader = TokenReader(sandbox)
            let identity = try await reader.claims(of: try #require(answer["id_token"]?.string))
            #expect(identity["username"] == "ann")
            #expect(identity["email"] == "ann@example.com")
            #expect(identity["phone_number"] == nil)
            #expect(identity["custom_data"] == ["tier": "gold"])
            let access = try await reader.claims(of: try #require(answer["access_token"]?.string))
            #expect(access["email_verified"] == false)
        }
    }

    @Test(arguments: [("username", "ann"), ("email", "Ann@Example.com"), ("phone_number", "+16175551212")])
    func `the username type decides which identifier is meant`(type: String, value: String) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser(extra: ["email": "ann@example.com", "phone_number": "+16175551212"])
            #expect(try await sandbox.login(value, extra: ["username_type": .string(type)]).status == 200)
            let other = type == "email" ? "phone_number" : "email"
            #expect(try await sandbox.login(value, extra: ["username_type": .string(other)]).status == 401)
        }
    }

    @Test func `a session is joined, not doubled, and its end moves`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            let first = try await sandbox.login()
            let session = try #require(first["session_id"])
            sandbox.sandbox.clock.advance(by: 13 * 86_400)
            let second = try await sandbox.login(extra: ["session_id": session])
            #expect(second.status == 200)
            #expect(second["session_id"] == session)
            sandbox.sandbox.clock.advance(by: 13 * 86_400)
            #expect(try await sandbox.login(extra: ["session_id": session]).status == 200)
            #expect(try await sandbox.login()["session_id"] != session)
        }
    }

    @Test func `an unknown, expired or foreign session is refused in shape C, and costs no failure`() async throws {
        try await SandboxHarness.run { sandbox in
            let ann = try await sandbox.createUser()
            try await sandbox.createUser("bob")
            let bobs = try #require(try await sandbox.login("bob")["session_id"])
            let anns = try #require(try await sandbox.login()["session_id"])
            let foreign = try await sandbox.login(extra: ["session_id": bobs])
            sandbox.sandbox.clock.advance(by: 15 * 86_400)
            let expired = try await sandbox.login(extra: ["session_id": anns])
            let unknown = try await sandbox.login("ann", "wrong", extra: ["session_id": "nothing"])
            for answer in [foreign, expired, unknown] {
                #expect(answer.status == 400)
                #expect(answer.errorCode == "400")
                #expect(answer["message"] == "Session not found")
            }
            #expect(try await sandbox.control(.get, "users/\(ann)")["password_failures"] == 0)
        }
    }

    @Test func `wrong and unknown are told apart by nothing`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            let wrong = try await sandbox.login("ann", "Wrong-Horse-42!")
            let unknown = try await sandbox.login("nobody")
            #expect(wrong.status == 401)
            #expect(wrong.errorCode == "auth_invalid_credentials")
            #expect(wrong["message"]?.string != nil)
            #expect(wrong.headers[.wwwAuthenticate] == nil)
            #expect(wrong.text == unknown.text)
            #expect(wrong.status == unknown.status)
        }
    }

    @Test(arguments: [("symbolic_400", 400), ("bare", 401), ("empty", 401)])
    func `the shape of a wrong password can be chosen`(shape: String, status: Int) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            #expect(try await sandbox.control(.put, "settings", ["wrong_password_shape": .string(shape)]).status == 200)
            let answer = try await sandbox.login("ann", "wrong")
            #expect(answer.status == status)
            #expect(answer.headers[.wwwAuthenticate] == nil)
            #expect((answer.errorCode == "auth_invalid_credentials") == (shape == "symbolic_400"))
            #expect(answer.text.isEmpty == (shape == "empty"))
        }
    }

    @Test func `a disabled user is refused with user_not_active whatever the password`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            _ = try await sandbox.control(.put, "users/ann/status", ["status": "Disabled"])
            for password in [SandboxHarness.password, "wrong"] {
                let answer = try await sandbox.login("ann", password)
                #expect(answer.status == 403)
                #expect(answer.errorCode == "user_not_active")
            }
            #expect(try await sandbox.control(.get, "users/ann")["password_failures"] == 0)
        }
    }

    @Test func `a temporary password is refused with a reset token, and after its validity without`() async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createUser(temporary: true)
            let fresh = try await sandbox.login()
            #expect(fresh.status == 403)
            #expect(fresh["message"] == "temporary_password")
            #expect(fresh.errorCode == 403)
            let token = try #require(fresh["reset_token"]?.string)
            let claims = try await TokenReader(sandbox).claims(of: token)
            #expect(claims["sub"]?.string == userID)
            #expect(claims["exp"]?.integer == 1_800_000_300)
            #expect(claims["mfa_required"] == false)
            sandbox.sandbox.clock.advance(by: 72 * 3600)
            let lapsed = try await sandbox.login()
            #expect(lapsed.status == 403)
            #expect(lapsed["message"] == "password_expired")
            #expect(lapsed["reset_token"] == nil)
        }
    }

    @Test func `an expired password is refused with a reset token, at once when the setting changes`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            sandbox.sandbox.clock.advance(by: 90 * 86_400 - 1)
            #expect(try await sandbox.login().status == 200)
            sandbox.sandbox.clock.advance(by: 1)
            let answer = try await sandbox.login()
            #expect(answer.status == 403)
            #expect(answer["message"] == "password_expired")
            #expect(answer["reset_token"]?.string != nil)
            #expect(
                try await sandbox.call(.get, "/cis/v1/users/username/ann")["result"]?["password_information"]?[
                    "expired"
                ] == true
            )
            try await sandbox.setPreferences(["ignoreExpiration": true])
            #expect(try await sandbox.login().status == 200)
        }
    }

    @Test func `five failures lock, a right password does not help, and the lock ends`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            for _ in 1...5 { #expect(try await sandbox.login("ann", "wrong").status == 401) }
            for password in ["wrong", SandboxHarness.password] {
                let locked = try await sandbox.login("ann", password)
                #expect(locked.status == 403)
                #expect(locked.errorCode == "auth_locked")
            }
            let view = try await sandbox.control(.get, "users/ann")
            #expect(view["locked"] == true)
            #expect(view["locked_until"] == "2027-01-15T08:15:00.000Z")
            sandbox.sandbox.clock.advance(by: 15 * 60 - 1)
            #expect(try await sandbox.login().status == 403)
            sandbox.sandbox.clock.advance(by: 1)
            #expect(try await sandbox.login().status == 200)
        }
    }

    @Test func `parallel failures are counted one by one`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            try await sandbox.setPreferences(["maxPasswordFailures": 20])
            let token = try await sandbox.clientToken()
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<60 {
                    group.addTask { try await sandbox.login("ann", "wrong", token: token).status }
                }
                return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(statuses == [401: 20, 403: 40])
            #expect(sandbox.sandbox.requests.count(.authenticatePassword, status: 401) == 20)
        }
    }

    @Test func `a detached user, one without a password and an app without passwords are refused alike`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            #expect(
                try await sandbox.call(.post, "/cis/v1/users", ["username": "bare", "email": "b@example.com"]).status
                    == 201
            )
            #expect(try await sandbox.login("bare").errorCode == "auth_invalid_credentials")
            #expect(try await sandbox.control(.post, "users/ann/detach").status == 204)
            #expect(try await sandbox.login().errorCode == "auth_invalid_credentials")
            _ = try await sandbox.control(.patch, "preferences", ["password": .null])
            #expect(try await sandbox.login().errorCode == "auth_invalid_credentials")
        }
    }

    @Test func `optional members of the right type are accepted and reach the tokens`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            _ = try await sandbox.control(.patch, "client", ["resources": ["https://api.shop.example"]])
            let answer = try await sandbox.login(extra: [
                "org_id": "org1", "resource": "https://api.shop.example",
                "client_attributes": ["user_agent": "curl", "ip_address": "192.0.2.7"],
            ])
            #expect(answer.status == 200)
            let claims = try await TokenReader(sandbox).claims(of: try #require(answer["access_token"]?.string))
            #expect(claims["aud"] == "https://api.shop.example")
            #expect(claims["org_id"] == "org1")
            let refused = try await sandbox.login(extra: ["resource": "https://other.example"])
            #expect(refused.status == 400)
            #expect(refused.errorCode == "system_invalid_input")
        }
    }

    @Test(
        arguments: [
            ["password": "x"], ["username": "ann"], ["username": "", "password": "x"],
            ["username": "ann", "password": ""],
            ["username": 7, "password": "x"], ["username": "ann", "password": ["x"]],
            ["username": "ann", "password": "x", "username_type": "user_id"],
            ["username": "ann", "password": "x", "session_id": 7],
            ["username": "ann", "password": "x", "claims": "all"],
            ["username": "ann", "password": "x", "client_attributes": ["ip_address": 7]],
            ["username": "ann", "password": "x", "org_id": false],
            ["username": "ann", "password": "x", "resource": []],
        ] as [JSONValue]
    )
    func `a malformed body is refused with system_invalid_input`(body: JSONValue) async throws {
        try await SandboxHarness.run { sandbox in
            let answer = try await sandbox.call(.post, "/cis/v1/auth/password/authenticate", body)
            #expect(answer.status == 400)
            #expect(answer.errorCode == "system_invalid_input")
            #expect(answer["message"]?.string?.isEmpty == false)
        }
    }

    @Test func `passwords are compared byte by byte`() async throws {
        try await SandboxHarness.run { sandbox in
            // é composed and decomposed: equal as text, different as bytes.
            try await sandbox.createUser(password: "Caf\u{E9}-Horse-4242!")
            #expect(try await sandbox.login("ann", "Caf\u{E9}-Horse-4242!").status == 200)
            #expect(try await sandbox.login("ann", "Cafe\u{301}-Horse-4242!").status == 401)
            #expect(try await sandbox.login("ann", "Caf\u{E9}-Horse-4242! ").status == 401)
        }
    }
}
