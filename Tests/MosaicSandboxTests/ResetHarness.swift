import Foundation
import HTTPTypes
import MosaicSandbox
import Testing

/// What the tests of password resets share.
extension SandboxHarness {
    static let newPassword = "Newer-Horse-43!"
    static let resets = "/cis/v1/auth/password/reset"

    /// A user whose email and phone number are verified; returns its ID.
    @discardableResult
    func createVerifiedUser(_ username: String = "ann", verified: Bool = true) async throws -> String {
        let answer = try await control(
            .post,
            "users",
            [
                "username": .string(username), "email": .string("\(username)@example.com"),
                "phone_number": username == "ann" ? "+16175551212" : "+16175551213",
                "email_verified": .boolean(verified), "phone_number_verified": .boolean(verified),
                "credentials": ["password": .string(Self.password), "force_replace": false],
            ]
        )
        try #require(answer.status == 201, "\(answer.text)")
        return try #require(answer["user"]?["user_id"]?.string)
    }

    /// Starts a reset at one of the paths below `reset/`.
    func startReset(_ path: String, _ extra: [String: JSONValue] = [:]) async throws -> Answer {
        var body: [String: JSONValue] =
            switch path {
            case "sms/otp": ["phone_number": .string(Self.phone)]
            case "email/otp": ["email": .string(Self.email)]
            default: ["email": .string(Self.email), "redirect_uri": .string(Self.redirect)]
            }
        body.merge(extra) { $1 }
        return try await call(.post, "\(Self.resets)/\(path)", .object(body.filter { $0.value != .null }))
    }

    /// Tries a reset code of the channel `email` or `sms`.
    func validateReset(_ channel: String, _ passcode: String, _ extra: [String: JSONValue] = [:]) async throws -> Answer
    {
        var body: [String: JSONValue] = ["passcode": .string(passcode)]
        if channel == "sms" { body["phone_number"] = .string(Self.phone) } else { body["email"] = .string(Self.email) }
        body.merge(extra) { $1 }
        return try await call(
            .post,
            "\(Self.resets)/\(channel)/otp/validate",
            .object(body.filter { $0.value != .null })
        )
    }

    /// Verifies the current password at E12, without bearer.
    func validatePassword(_ password: String = password, _ extra: [String: JSONValue] = [:]) async throws -> Answer {
        var body: [String: JSONValue] = [
            "username": "ann", "password": .string(password), "client_id": .string(sandbox.clientID),
        ]
        body.merge(extra) { $1 }
        return try await send(.post, "\(Self.resets)/password/validate", .object(body.filter { $0.value != .null }))
    }

    /// Spends a reset token at E13, without bearer.
    func reset(
        _ token: String,
        _ password: String = newPassword,
        _ extra: [String: JSONValue] = [:]
    ) async throws -> Answer {
        var body: [String: JSONValue] = ["reset_token": .string(token), "new_password": .string(password)]
        body.merge(extra) { $1 }
        return try await send(.post, Self.resets, .object(body.filter { $0.value != .null }))
    }

    /// A reset token by one of the ways: `link`, `created link`, `email`, `sms`, `password`.
    func resetToken(_ way: String, _ extra: [String: JSONValue] = [:]) async throws -> String {
        switch way {
        case "link":
            try #require(try await startReset("email/link", extra).status == 200)
            let link = try #require(try await outbox().first?["link"]?.string)
            return try #require(try await follow(link).query["code"])
        case "created link":
            let link = try #require(try await startReset("link", extra)["reset_link"]?.string)
            return try #require(try await follow(link).query["code"])
        case "password":
            return try #require(try await validatePassword(Self.password, extra)["result"]?.string)
        default:
            try #require(try await startReset("\(way)/otp", extra).status == 200)
            let code = try #require(try await outbox().first?["code"]?.string)
            return try #require(try await validateReset(way, code)["result"]?.string)
        }
    }
}
