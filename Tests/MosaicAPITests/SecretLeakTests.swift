import InMemoryLogging
import Logging
import Secrets
import TestSupport
import Testing

@testable import MosaicAPI

/// Plants recognisable texts wherever a secret can be, and looks for them wherever text comes out.
@Suite(.longTimeLimit)
struct `No secret` {
    static let canaries = [
        "canary-secret", "canary-client-token", "canary-password", "canary-user", "canary-session", "canary-access",
        "canary-id", "canary-refresh", "canary-reset", "canary-message",
    ]

    private func expectNoSecretLeak(in texts: [String], _ location: SourceLocation = #_sourceLocation) {
        for text in texts {
            for canary in Self.canaries {
                #expect(!text.contains(canary), "\(canary) in \(text)", sourceLocation: location)
            }
        }
    }

    /// Everything that a value shows of itself.
    private func views(_ value: Any) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        return [String(describing: value), String(reflecting: value), dumped, "\(value)"]
    }

    @Test func `shows in any type's description, dump or mirror`() throws {
        var request = PasswordAuthenticateOperation(
            username: Secret("canary-user"),
            password: Secret("canary-password")
        )
        request.sessionID = Secret("canary-session")
        let authentications: [ClientAuthentication] = [
            .clientSecretPost(Secret("canary-secret")), .clientSecretBasic(Secret("canary-secret")),
        ]
        let url = MosaicEndpoints(region: .eu).tokenURL
        let tokenRequests = try authentications.map { try $0.tokenRequest(to: url, clientID: "id", resource: nil) }
        let grant = ClientTokenGrant(accessToken: Secret("canary-client-token"), lifetime: .seconds(60))
        let token = ClientToken(
            grant,
            identity: 1,
            requestedAt: ContinuousClock.now,
            receivedAt: ContinuousClock.now,
            random: 0
        )
        var machine = ClientTokenStateMachine()
        _ = machine.start()
        _ = machine.fetchSucceeded(grant, requestedAt: ContinuousClock.now, at: ContinuousClock.now, random: 0)
        let body =
            #"{"access_token":"canary-access","token_type":"Bearer","expires_in":1,"session_id":"canary-session","#
            + #""id_token":"canary-id","refresh_token":"canary-refresh"}"#
        let response = UpstreamResponse(200, body)
        let refused = UpstreamResponse(403, #"{"message":"canary-message","reset_token":"canary-reset"}"#)
        let failure = UpstreamError(refused, wallClock: 0).failure(.forbidden)
        let values: [Any] = [
            request, request.body as Any, authentications, tokenRequests, grant, token, machine, response, refused,
            UserTokens(parsing: response.body, requiresSession: true) as Any, failure, failure.label,
            failure.advice as Any,
            PasswordAuthenticationResult.passwordChangeRequired(.expired, resetToken: failure.resetToken),
        ]
        for value in values { expectNoSecretLeak(in: views(value)) }
    }

    @Test func `reaches the log`() async {
        let transport = ScriptedTransport(
            token: { number in
                number == 2 ? .respond(500, #"{"message":"canary-message"}"#) : .token("canary-client-token")
            },
            api: { number, _ in
                switch number {
                case 1:
                    .respond(
                        200,
                        #"{"access_token":"canary-access","token_type":"Bearer","expires_in":9,"session_id":"canary-session"}"#
                    )
                case 2: .respond(403, #"{"message":"canary-message","reset_token":"canary-reset"}"#)
                case 3: .respond(500, #"{"message":"canary-message"}"#)
                default: .respond(401, #"{"message":"canary-message"}"#, authenticate: ["Bearer canary-message"])
                }
            }
        )
        let handler = InMemoryLogHandler()
        var logger = Logger(label: "test") { _ in handler }
        logger.logLevel = .trace
        let clock = TestClock()
        let client = MosaicClient(
            MosaicClientConfiguration(
                name: "default",
                endpoints: MosaicEndpoints(region: .eu),
                clientID: "id",
                authentication: .clientSecretPost(Secret("canary-secret"))
            ),
            transport: transport,
            clock: clock,
            logger: logger
        )
        let request = PasswordAuthenticateOperation(
            username: Secret("canary-user"),
            password: Secret("canary-password")
        )
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            for _ in 0..<4 {
                _ = try? await client.authenticatePassword(
                    request,
                    call: UpstreamCall(deadline: clock.now + .seconds(600))
                )
            }
            group.cancelAll()
        }
        #expect(handler.entries.count >= 3)
        expectNoSecretLeak(in: handler.entries.map { "\($0)" } + views(client.status))
    }
}
