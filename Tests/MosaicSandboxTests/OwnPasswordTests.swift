import Foundation
import HTTPTypes
import MosaicSandbox
import NIOCore
import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `Registering one's own password (E30)` {
    private static let path = "/cis/v1/users/me/password-credentials"

    /// A user who logged in by email code and has no password.
    private static func userToken(_ sandbox: SandboxHarness) async throws -> String {
        _ = try await sandbox.control(.post, "users", ["email": "ann@example.com", "email_verified": true])
        let user: [String: JSONValue] = ["identifier_type": "email", "identifier": "ann@example.com"]
        let sent = try await sandbox.call(
            .post,
            "/cis/v1/auth/otp/send",
            .object(user.merging(["channel": "direct"]) { $1 })
        )
        let answer = try await sandbox.call(
            .post,
            "/cis/v1/auth/otp/authenticate",
            .object(user.merging(["passcode": sent["code"] ?? .null]) { $1 })
        )
        return try #require(answer["access_token"]?.string, "\(answer.text)")
    }

    @Test func `the first password is permanent; a second one is refused in shape B`() async throws {
        try await SandboxHarness.run { sandbox in
            let headers = SandboxHarness.bearer(try await Self.userToken(sandbox))
            let weak = try await sandbox.send(.post, Self.path, ["password": "short"], headers: headers)
            #expect(weak.status == 400)
            #expect(weak.errorCode == "auth_password_weak")
            #expect(try await sandbox.send(.post, Self.path, [:], headers: headers).status == 400)
            let body: JSONValue = ["password": .string(SandboxHarness.password), "username": "ann", "device_id": "d"]
            let answer = try await sandbox.send(.post, Self.path, body, headers: headers)
            #expect(answer.status == 200)
            #expect(answer["result"]?["message"]?.string != nil)
            #expect(try await sandbox.login().status == 200)
            let again = try await sandbox.send(.post, Self.path, body, headers: headers)
            #expect(again.status == 403)
            #expect(again.errorCode == 403)
            #expect(again["message"]?.string != nil)
        }
    }

    @Test func `a client token is not enough`() async throws {
        try await SandboxHarness.run { sandbox in
            let answer = try await sandbox.call(.post, Self.path, ["password": .string(SandboxHarness.password)])
            #expect(answer.status == 401)
            #expect(answer.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true)
        }
    }
}
