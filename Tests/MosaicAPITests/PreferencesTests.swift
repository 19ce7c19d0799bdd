import Logging
import Secrets
import StrictJSON
import TestSupport
import Testing

@testable import MosaicAPI

@Suite(.longTimeLimit)
struct `Login preferences` {
    private func json(_ text: String) throws -> JSONText { try JSONText(parsing: Array(text.utf8), maximumDepth: 16) }

    @Test func `E40 asks for the preferences of an application, whatever its name`() async throws {
        let (result, calls) = try await RecordingMosaic.carryOut(
            PreferencesGetOperation(appID: "a/b ü+"),
            answer: 200,
            #"{"result":{"auth_methods":{"password":{"passwordMinLength": 8}},"more":1}}"#
        )
        #expect(result.value?.json.description == #"{"password":{"passwordMinLength": 8}}"#)
        #expect(calls.map(\.line) == ["GET /cis/loginPreferences/a%2Fb%20%C3%BC%2B"])
        #expect(calls[0].headers["authorization"] == "Bearer t1" && calls[0].body.isEmpty)
    }

    @Test func `E41 sends the methods at the top level, as the same text`() async throws {
        let change = PreferencesUpdateOperation(
            appID: "app",
            methods: [
                .init(name: "password", settings: try json(#"{"passwordMinLength": 1e1}"#)),
                .init(name: "sms", settings: try json("{}")),
            ]
        )
        let (result, calls) = try await RecordingMosaic.carryOut(
            change,
            answer: 200,
            #"{"result":{"auth_methods":{}}}"#
        )
        #expect(result.value?.json.description == "{}")
        let call = try #require(calls.first)
        #expect(calls.count == 1 && call.line == "PUT /cis/loginPreferences/app/authMethods")
        #expect(call.headers["authorization"] == "Bearer t1")
        #expect(call.headers["content-type"] == "application/json")
        #expect(call.body == #"{"password":{"passwordMinLength": 1e1},"sms":{}}"#)
    }

    private static let refusals: [(Int, String, APIFailure.Kind)] = [
        (400, #"{"message":["passwordMinLength must not be less than 5"],"error_code":400}"#, .invalidInput),
        (400, "nonsense", .protocolViolation),
        (403, #"{"message":"Forbidden resource","error_code":403}"#, .forbidden),
        (404, #"{"message":"Application not found","error_code":404}"#, .notFound),
        (404, "<html>", .protocolViolation),
        (409, "{}", .protocolViolation),
        (500, #"{"message":"x","error_code":500}"#, .unavailable),
    ]

    @Test(arguments: refusals)
    func `a refusal says what was wrong`(status: Int, body: String, kind: APIFailure.Kind) async throws {
        let change = PreferencesUpdateOperation(appID: "app", methods: [.init(name: "sms", settings: try json("{}"))])
        let changed = try await RecordingMosaic.carryOut(change, answer: status, body)
        #expect(changed.result.failure?.kind == kind && changed.result.failure?.status == status)
        #expect(changed.calls.count == 1)
        let read = try await RecordingMosaic.carryOut(PreferencesGetOperation(appID: "app"), answer: status, body)
        #expect(read.result.failure?.kind == kind)
    }

    @Test(arguments: ["", "[]", "{}", #"{"result":{}}"#, #"{"result":{"auth_methods":[]}}"#, #"{"auth_methods":{}}"#])
    func `an answer without the methods breaks the contract`(body: String) {
        let response = UpstreamResponse(200, body)
        #expect(PreferencesGetOperation(appID: "a").output(of: response) == nil)
        #expect(PreferencesUpdateOperation(appID: "a", methods: []).output(of: response) == nil)
    }

    /// Tokens with the payloads `{"app_id":"a1"}`, `{"app_id":""}`, `{}`, and one that cannot be read.
    private static let tokens: [(String, String?)] = [
        ("e30.eyJhcHBfaWQiOiJhMSJ9.c2ln", "a1"), ("e30.eyJhcHBfaWQiOiIifQ.c2ln", nil), ("e30.e30.c2ln", nil),
        ("opaque", nil),
    ]

    @Test(arguments: tokens)
    func `the client's own application is the app_id of its token`(token: String, appID: String?) async throws {
        let clock = TestClock()
        let client = Self.client(clock) { _ in token }
        let result = await withTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            let result: Result<String?, APIFailure>
            do throws(APIFailure) {
                result = .success(try await client.applicationID(deadline: clock.now + .seconds(5)))
            } catch {
                result = .failure(error)
            }
            group.cancelAll()
            return result
        }
        #expect(result == .success(appID))
    }

    @Test func `what tokens say of the application is known without asking, from the first one on`() async throws {
        let clock = TestClock()
        let client = Self.client(clock) { number in
            number == 1 ? "e30.eyJhcHBfaWQiOiJhMSJ9.c2ln" : "e30.eyJhcHBfaWQiOiJhMiJ9.c2ln"
        }
        #expect(client.knownApplicationID == nil)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            _ = try await client.applicationID(deadline: clock.now + .seconds(5))
            #expect(client.knownApplicationID == "a1")
            try await client.refreshToken(deadline: clock.now + .seconds(5))
            #expect(client.knownApplicationID == "a2")
            group.cancelAll()
            try await group.waitForAll()
        }
        // The token is gone with the service; whose it was is not.
        #expect(client.heldToken == nil)
        #expect(client.knownApplicationID == "a2")
    }

    private static func client(_ clock: TestClock, token: @escaping @Sendable (Int) -> String) -> MosaicClient {
        MosaicClient(
            MosaicClientConfiguration(
                name: "default",
                endpoints: MosaicEndpoints(region: .eu),
                clientID: "c",
                authentication: .clientSecretPost(Secret("s"))
            ),
            transport: ScriptedTransport(token: { .token(token($0)) }, api: { _, _ in .respond(500) }),
            clock: clock,
            logger: Logger(label: "test")
        )
    }
}
