import CryptoExtras
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import MosaicSandbox
import NIOCore
import Testing

/// A sandbox driven in process, without sockets, on a clock that stands still until it is moved.
struct SandboxHarness: Sendable {
    let sandbox: Sandbox
    let client: any TestClientProtocol

    /// One answer, its body read as JSON where there is one.
    struct Answer: Sendable {
        var status: Int
        var headers: HTTPFields
        var json: JSONValue
        var text: String

        subscript(name: String) -> JSONValue? { json[name] }

        /// The `message`, whether a string or an array.
        var message: String? { json["message"]?.string ?? json["message"]?.elements?.first?.string }
        /// The `error_code` as its text, whatever its type.
        var errorCode: JSONValue? { json["error_code"] }
    }

    /// Made once: a 2048-bit key takes longer than all of a test.
    static let signingKey: String = (try? _RSA.Signing.PrivateKey(keySize: .bits2048).pemRepresentation) ?? ""

    static let start = Date(timeIntervalSince1970: 1_800_000_000)
    static let password = "Correct-Horse-42!"

    /// A configuration for tests: cheap hashes, a shared key.
    static func configuration(database: String? = nil) -> SandboxConfiguration {
        var configuration = SandboxConfiguration()
        configuration.databasePath = database
        configuration.hashCost = PasswordHasher.Cost(logarithmicRounds: 1)
        configuration.signingKey = signingKey
        return configuration
    }

    static var logger: Logger {
        Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    }

    /// Runs `body` against a fresh sandbox.
    static func run(
        database: String? = nil,
        _ setup: TestingSetup = .router,
        _ body: @escaping @Sendable (SandboxHarness) async throws -> Void
    ) async throws {
        let sandbox = try await Sandbox(configuration(database: database), clock: SandboxClock(base: { start }))
        try await sandbox.application(logger: logger).test(setup) { client in
            try await body(SandboxHarness(sandbox: sandbox, client: client))
        }
        try sandbox.store.close()
    }

    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: JSONValue? = nil,
        headers: HTTPFields = [:]
    ) async throws -> Answer {
        var headers = headers
        if body != nil && headers[.contentType] == nil { headers[.contentType] = "application/json" }
        return try await send(method, path, bytes: body.map { ByteBuffer(bytes: $0.text) }, headers: headers)
    }

    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        bytes: ByteBuffer?,
        headers: HTTPFields
    ) async throws -> Answer {
        let response = try await client.executeRequest(uri: path, method: method, headers: headers, body: bytes)
        let data = Data(response.body.readableBytesView)
        return Answer(
            status: response.status.code,
            headers: response.headers,
            json: (try? JSONValue(text: data)) ?? .null,
            text: String(decoding: data, as: UTF8.self)
        )
    }

    /// Posts a form to the token endpoint.
    func token(
        _ fields: [(String, String)],
        path: String = "/oidc/token",
        headers: HTTPFields = [:]
    ) async throws -> Answer {
        var headers = headers
        headers[.contentType] = headers[.contentType] ?? "application/x-www-form-urlencoded"
        let form = fields.map { "\(PercentText.encode($0.0))=\(PercentText.encode($0.1))" }.joined(separator: "&")
        return try await send(.post, path, bytes: ByteBuffer(string: form), headers: headers)
    }

    /// A good token request's fields.
    func credentials() async throws -> [(String, String)] {
        let client = try await sandbox.client()
        return [("grant_type", "client_credentials"), ("client_id", client.clientID), ("client_secret", client.secret)]
    }

    /// A fresh client access token.
    func clientToken() async throws -> String {
        let answer = try await token(try await credentials())
        return try #require(answer["access_token"]?.string)
    }

    /// A bearer header.
    static func bearer(_ token: String) -> HTTPFields { [.authorization: "Bearer \(token)"] }

    /// A call with a fresh client token.
    func call(_ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil) async throws -> Answer {
        try await send(method, path, body, headers: Self.bearer(try await clientToken()))
    }

    /// A control request with the token it needs.
    func control(_ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil) async throws -> Answer {
        var headers = HTTPFields()
        headers[try #require(HTTPField.Name("X-Sandbox-Token"))] = sandbox.adminToken
        return try await send(method, "/_sandbox/\(path)", body, headers: headers)
    }

    /// Creates a user with a permanent password; returns its ID.
    @discardableResult
    func createUser(
        _ username: String = "ann",
        password: String = password,
        temporary: Bool = false,
        extra: [String: JSONValue] = [:]
    ) async throws -> String {
        var body: [String: JSONValue] = [
            "username": .string(username),
            "credentials": ["password": .string(password), "force_replace": .boolean(temporary)],
        ]
        body.merge(extra) { $1 }
        let answer = try await call(.post, "/cis/v1/users", .object(body))
        try #require(answer.status == 201, "\(answer.text)")
        return try #require(answer["result"]?["user_id"]?.string)
    }

    /// Tries a password at E17.
    func login(
        _ username: String = "ann",
        _ password: String = password,
        extra: [String: JSONValue] = [:],
        token: String? = nil
    ) async throws -> Answer {
        var body: [String: JSONValue] = ["username": .string(username), "password": .string(password)]
        body.merge(extra) { $1 }
        let bearer: String
        if let token { bearer = token } else { bearer = try await clientToken() }
        return try await send(
            .post,
            "/cis/v1/auth/password/authenticate",
            .object(body),
            headers: Self.bearer(bearer)
        )
    }

    /// Changes members of the password preferences.
    func setPreferences(_ members: [String: JSONValue]) async throws {
        let answer = try await control(.patch, "preferences", ["password": .object(members)])
        try #require(answer.status == 200, "\(answer.text)")
    }
}

/// Percent-encoding for test requests, written apart from the code under test.
enum PercentText {
    static func encode(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e: String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
