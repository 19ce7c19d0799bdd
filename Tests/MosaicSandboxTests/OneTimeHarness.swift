import Foundation
import HTTPTypes
import MosaicSandbox
import Testing

/// What the tests of one-time login share.
extension SandboxHarness {
    static let email = "ann@example.com"
    static let phone = "+16175551212"
    static let redirect = "https://app.example/callback"

    /// A user with username, email and phone number; returns its ID.
    @discardableResult
    func createReachableUser(
        _ username: String = "ann",
        email: String = email,
        phone: String = phone
    ) async throws
        -> String
    {
        try await createUser(username, extra: ["email": .string(email), "phone_number": .string(phone)])
    }

    /// The messages that were sent, newest first.
    func outbox(_ query: String = "") async throws -> [JSONValue] {
        let answer = try await control(.get, "outbox\(query)")
        try #require(answer.status == 200, "\(answer.text)")
        return try #require(answer["messages"]?.elements)
    }

    /// Sends a code by E20.
    func sendCode(_ extra: [String: JSONValue] = [:], token: String? = nil) async throws -> Answer {
        var body: [String: JSONValue] = ["channel": "email", "identifier_type": "username", "identifier": "ann"]
        body.merge(extra) { $1 }
        return try await post("/cis/v1/auth/otp/send", body, token: token)
    }

    /// Sends a code by E20 and takes it from the outbox.
    func code(_ extra: [String: JSONValue] = [:]) async throws -> String {
        let answer = try await sendCode(extra)
        try #require(answer.status == 200, "\(answer.text)")
        return try #require(try await outbox().first?["code"]?.string)
    }

    /// Tries a code at E21.
    func tryCode(_ code: String, _ extra: [String: JSONValue] = [:], token: String? = nil) async throws -> Answer {
        var body: [String: JSONValue] = [
            "passcode": .string(code), "identifier_type": "username", "identifier": "ann",
        ]
        body.merge(extra) { $1 }
        return try await post("/cis/v1/auth/otp/authenticate", body, token: token)
    }

    /// Sends a link by E18.
    func sendLink(_ extra: [String: JSONValue] = [:]) async throws -> Answer {
        var body: [String: JSONValue] = [
            "identifier_type": "email", "identifier": .string(Self.email), "redirect_uri": .string(Self.redirect),
        ]
        body.merge(extra) { $1 }
        return try await call(.post, "/cis/v1/auth/link/email/send", .object(body.filter { $0.value != .null }))
    }

    /// Tries a link's code at E19.
    func tryLink(_ code: String, _ extra: [String: JSONValue] = [:]) async throws -> Answer {
        var body: [String: JSONValue] = ["code": .string(code)]
        body.merge(extra) { $1 }
        return try await call(.post, "/cis/v1/auth/link/email/authenticate", .object(body))
    }

    /// Where a link of the sandbox leads: the query of the redirect.
    func follow(_ link: String) async throws -> (base: String, query: [String: String]) {
        let path = try #require(URLComponents(string: link)?.path)
        let answer = try await send(.get, path)
        try #require(answer.status == 302, "\(answer.text)")
        let location = try #require(answer.headers[.location])
        let components = try #require(URLComponents(string: location))
        let query = (components.queryItems ?? []).map { ($0.name, $0.value ?? "") }
        return (
            String(location.prefix { $0 != "?" }), Dictionary(query, uniquingKeysWith: { _, last in last })
        )
    }

    /// The claims of an answer's ID token.
    func identity(_ answer: Answer) async throws -> [String: JSONValue] {
        try await TokenReader(self).claims(of: try #require(answer["id_token"]?.string))
    }

    /// The user object.
    func user(_ name: String = "ann") async throws -> JSONValue {
        try #require(try await control(.get, "users/\(name)")["user"])
    }

    /// Changes members of one method's preferences.
    func setPreferences(_ method: String, _ members: JSONValue) async throws {
        let answer = try await control(.patch, "preferences", [method: members])
        try #require(answer.status == 200, "\(answer.text)")
    }

    private func post(_ path: String, _ body: [String: JSONValue], token: String?) async throws -> Answer {
        let bearer: String
        if let token { bearer = token } else { bearer = try await clientToken() }
        return try await send(
            .post,
            path,
            .object(body.filter { $0.value != .null }),
            headers: Self.bearer(bearer)
        )
    }
}
