import Foundation
import HTTPTypes
import MosaicSandbox
import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `Client tokens on protected endpoints` {
    /// One request per endpoint that wants a client token.
    struct Call: Sendable, CustomTestStringConvertible {
        var endpoint: Endpoint
        var path: String
        var body: JSONValue?
        var permission: String?

        var testDescription: String { endpoint.rawValue }
    }

    static let calls = [
        Call(
            endpoint: .authenticatePassword,
            path: "/cis/v1/auth/password/authenticate",
            body: ["username": "nobody", "password": "x"]
        ),
        Call(
            endpoint: .sendResetLink,
            path: "/cis/v1/auth/password/reset/email/link",
            body: [:],
            permission: "auth:execute"
        ),
        Call(
            endpoint: .createResetLink,
            path: "/cis/v1/auth/password/reset/link",
            body: [:],
            permission: "auth:execute"
        ),
        Call(
            endpoint: .sendResetMail,
            path: "/cis/v1/auth/password/reset/email/otp",
            body: [:],
            permission: "auth:execute"
        ),
        Call(
            endpoint: .validateResetMail,
            path: "/cis/v1/auth/password/reset/email/otp/validate",
            body: [:],
            permission: "auth:execute"
        ),
        Call(
            endpoint: .sendResetSMS,
            path: "/cis/v1/auth/password/reset/sms/otp",
            body: [:],
            permission: "auth:execute"
        ),
        Call(
            endpoint: .validateResetSMS,
            path: "/cis/v1/auth/password/reset/sms/otp/validate",
            body: [:],
            permission: "auth:execute"
        ),
        Call(
            endpoint: .checkPassword,
            path: "/cis/v1/auth/password/validate",
            body: [:],
            permission: "auth:execute"
        ),
        Call(endpoint: .sendLink, path: "/cis/v1/auth/link/email/send", body: [:]),
        Call(endpoint: .authenticateLink, path: "/cis/v1/auth/link/email/authenticate", body: [:]),
        Call(endpoint: .sendCode, path: "/cis/v1/auth/otp/send", body: [:]),
        Call(endpoint: .authenticateCode, path: "/cis/v1/auth/otp/authenticate", body: [:]),
        Call(endpoint: .createUser, path: "/cis/v1/users", body: [:], permission: "users:create"),
        Call(
            endpoint: .createPassword,
            path: "/cis/v1/users/u/password",
            body: [:],
            permission: "authenticators:create"
        ),
        Call(endpoint: .updatePassword, path: "/cis/v1/users/u/password", body: [:], permission: "authenticators:edit"),
        Call(endpoint: .userByUsername, path: "/cis/v1/users/username/u", permission: "users:read"),
        Call(endpoint: .userByID, path: "/cis/v1/users/u", permission: "users:read"),
        Call(endpoint: .authenticateSession, path: "/cis/v1/auth/session/authenticate", body: [:]),
        Call(
            endpoint: .refreshTokens,
            path: "/cis/v1/auth/token/refresh",
            body: [:],
            permission: "auth:execute"
        ),
        Call(
            endpoint: .logoutSession,
            path: "/cis/v1/auth/session/logout",
            body: [:],
            permission: "sessions:delete"
        ),
        Call(endpoint: .listSessions, path: "/cis/v1/auth/users/u/sessions", permission: "sessions:read"),
        Call(endpoint: .revokeSessions, path: "/cis/v1/auth/users/u/sessions", permission: "sessions:delete"),
        Call(endpoint: .userByIdentifier, path: "/cis/v1/users/identifier", permission: "users:read"),
        Call(endpoint: .userByEmail, path: "/cis/v1/users/email/u@example.com", permission: "users:read"),
        Call(endpoint: .userByPhone, path: "/cis/v1/users/phone-number/%2B16175551212", permission: "users:read"),
        Call(endpoint: .userByExternalID, path: "/cis/v1/users/external-user-id/u", permission: "users:read"),
        Call(endpoint: .searchUsers, path: "/cis/v1/users?search=x", permission: "users:list"),
        Call(endpoint: .updateUser, path: "/cis/v1/users/u", body: [:], permission: "users:edit"),
        Call(endpoint: .listAuthenticators, path: "/cis/v1/users/u/authenticators", permission: "authenticators:read"),
        Call(endpoint: .loginPreferences, path: "/cis/loginPreferences/a", permission: "config:read"),
        Call(
            endpoint: .updateAuthMethods,
            path: "/cis/loginPreferences/a/authMethods",
            body: [:],
            permission: "config:edit"
        ),
    ]

    @Test func `the table covers every such endpoint`() {
        #expect(Set(Self.calls.map(\.endpoint)) == Set(Endpoint.allCases.filter { $0.authentication == .clientToken }))
    }

    @Test(arguments: calls)
    func `a token that is missing, malformed, forged, revoked, a user's, for a resource or expired gives a bearer 401`(
        call: Call
    ) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            _ = try await sandbox.control(.patch, "client", ["resources": ["https://api.shop.example"]])
            let good = try await sandbox.clientToken()
            let revoked = try await sandbox.clientToken()
            let revocation = try await sandbox.control(.post, "tokens/revoke", ["token": .string(revoked)])
            #expect(revocation["revoked"] == 1)
            let user = try #require(try await sandbox.login()["access_token"]?.string)
            let other = try await sandbox.token(
                try await sandbox.credentials() + [("resource", "https://api.shop.example")]
            )
            var forged = good.split(separator: ".").map(String.init)
            forged[2] = String(forged[2].reversed())
            let unsigned = "eyJhbGciOiJub25lIn0." + forged[1] + "."
            let headers: [String?] = [
                nil, "Bearer", "Bearer nonsense", "Basic \(good)", "Bearer \(forged.joined(separator: "."))",
                "Bearer \(unsigned)", "Bearer \(revoked)", "Bearer \(user)",
                "Bearer \(try #require(other["access_token"]?.string))",
            ]
            func send(_ header: String?) async throws -> SandboxHarness.Answer {
                var fields = HTTPFields()
                fields[.authorization] = header
                return try await sandbox.send(call.endpoint.method, call.path, call.body, headers: fields)
            }
            func expectBearerFailure(_ answer: SandboxHarness.Answer, _ header: String?) {
                #expect(answer.status == 401, "\(header ?? "none")")
                #expect(answer.headers[.wwwAuthenticate]?.hasPrefix("Bearer error=\"invalid_token\"") == true)
                #expect(answer.message == "Invalid token")
                #expect(answer.errorCode == 401)
            }
            for header in headers { expectBearerFailure(try await send(header), header) }
            let accepted = try await send("Bearer \(good)")
            #expect(accepted.headers[.wwwAuthenticate] == nil)
            sandbox.sandbox.clock.advance(by: 3600)
            expectBearerFailure(try await send("Bearer \(good)"), "expired")
        }
    }

    @Test(arguments: calls)
    func `a client with a role needs the permission, one without roles needs none`(call: Call) async throws {
        try await SandboxHarness.run { sandbox in
            func status() async throws -> Int {
                try await sandbox.call(call.endpoint.method, call.path, call.body).status
            }
            func assign(_ permissions: [JSONValue]) async throws {
                let answer = try await sandbox.control(
                    .patch,
                    "client",
                    ["roles": [["name": "r", "permissions": .array(permissions)]]]
                )
                #expect(answer.status == 200)
            }
            #expect(try await status() != 403)
            try await assign(["something:else"])
            guard let permission = call.permission else {
                #expect(try await status() != 403)
                return
            }
            let refused = try await sandbox.call(call.endpoint.method, call.path, call.body)
            #expect(refused.status == 403)
            #expect(refused.errorCode == 403)
            #expect(refused["message"]?.string?.contains(permission) == true)
            try await assign([.string(permission)])
            #expect(try await status() != 403)
            let appForm = permission.split(separator: ":").last.map { "\(sandbox.sandbox.appID):\($0)" } ?? ""
            try await assign([.string(appForm)])
            #expect(try await status() != 403)
        }
    }

    @Test func `a token keeps the permissions it was issued with`() async throws {
        try await SandboxHarness.run { sandbox in
            let before = try await sandbox.clientToken()
            _ = try await sandbox.control(
                .patch,
                "client",
                ["roles": [["name": "reader", "permissions": ["users:read"]]]]
            )
            let after = try await sandbox.clientToken()
            let body: JSONValue = ["username": "x"]
            let old = try await sandbox.send(.post, "/cis/v1/users", body, headers: SandboxHarness.bearer(before))
            #expect(old.status == 201)
            let new = try await sandbox.send(
                .post,
                "/cis/v1/users",
                ["username": "y"],
                headers: SandboxHarness.bearer(after)
            )
            #expect(new.status == 403)
            let claims = try await TokenReader(sandbox).claims(of: after)
            #expect(claims["ts_roles"] == ["reader"])
            #expect(claims["ts_permissions"] == ["users:read"])
        }
    }
}
