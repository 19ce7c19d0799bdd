import Secrets
import Synchronization
import TestSupport
import Testing

@testable import MosaicAPI

/// What the client makes of 401 answers: which are about the user, which about the agent's own token.
extension `The Mosaic client` {
    private static let bearerChallenge = ["Bearer error=\"invalid_token\""]
    private static let plain = #"{"message":"Unauthorized","error_code":401}"#

    /// What came of an operation: its output, or the failure.
    private func outcome<Operation: APIOperation>(
        of operation: Operation,
        _ client: MosaicClient
    ) async -> Result<Operation.Output, APIFailure> {
        do throws(APIFailure) {
            return .success(try await client.perform(operation, call: UpstreamCall(deadline: soon)))
        } catch {
            return .failure(error)
        }
    }

    private func loginFailure(_ client: MosaicClient) async -> APIFailure? {
        await failure { [request, soon] in
            try await client.authenticatePassword(request, call: UpstreamCall(deadline: soon))
        }
    }

    @Test func `never sends a wrong password again while the token is young`() async throws {
        let transport = ScriptedTransport { _, _ in .respond(401, Self.plain) }
        try await withClient(transport) { client in
            #expect(await login(client) == .denied(.wrongCredentials))
            clock.advance(by: .seconds(60))
            #expect(await login(client) == .denied(.wrongCredentials))
            #expect(transport.calls.count == 2)
            #expect(transport.tokenRequests == 1)
        }
    }

    @Test func `repeats a plain 401 exactly once when the token is older, and says so`() async throws {
        let transport = ScriptedTransport { _, _ in .respond(401, Self.plain) }
        let repetitions = Counter()
        try await withClient(transport) { client in
            try await client.refreshToken(deadline: soon)
            clock.advance(by: .seconds(61))
            let call = UpstreamCall(deadline: soon, maybeDecided: { _ = repetitions.increment() })
            guard case .denied(.wrongCredentials) = try await client.authenticatePassword(request, call: call) else {
                Issue.record("not denied")
                return
            }
            #expect(transport.calls.count == 2)
            #expect(repetitions.value == 1)
            #expect(await login(client) == .denied(.wrongCredentials))
            #expect(transport.calls.count == 3, "the new token is young")
        }
    }

    @Test func `replaces a revoked token without the caller noticing`() async throws {
        let transport = ScriptedTransport { _, exchange in
            exchange.bearer == "t2" ? .respond(401, authenticate: Self.bearerChallenge) : .granted
        }
        let words = Counter()
        try await withClient(transport) { client in
            #expect(await login(client) == .granted)
            try await client.refreshToken(deadline: soon)
            let before = transport.tokenRequests
            #expect(await login(client, willSend: { words.increment() }) == .granted)
            #expect(transport.tokenRequests == before + 1)
            #expect(words.value == 2, "the repetition leaves too")
        }
    }

    @Test(arguments: [true, false], [TransportFailure.Reason.deadline, .shutDown, nil])
    func `tells of the request that Mosaic has refused when its repetition is not sent`(
        isCertain: Bool,
        reason: TransportFailure.Reason?
    ) async throws {
        let challenge = isCertain ? Self.bearerChallenge : []
        let transport = ScriptedTransport { number, _ in
            if number == 1 { return .respond(401, Self.plain, authenticate: challenge) }
            return reason.map { .fail(TransportFailure($0, mayHaveBeenSent: false)) } ?? .granted
        }
        let words = Counter()
        try await withClient(transport) { client in
            try await client.refreshToken(deadline: soon)
            clock.advance(by: .seconds(61))
            // Without a failure of the transport, it is the caller who stops the repetition.
            let call = UpstreamCall(
                deadline: soon,
                willSend: { words.increment() && (words.value == 1 || reason != nil) }
            )
            let failure = await failure { [request] in
                try await client.authenticatePassword(request, call: call)
            }
            #expect(transport.calls.count > 1)
            #expect(failure?.outcome == (isCertain ? .refused : .unknown))
        }
    }

    @Test func `takes two revocations within a minute for two fetches and no failed login`() async throws {
        let revoked = Mutex<Set<String>>([])
        let transport = ScriptedTransport { _, exchange in
            revoked.withLock { $0.contains(exchange.bearer ?? "") }
                ? .respond(401, authenticate: Self.bearerChallenge) : .granted
        }
        try await withClient(transport) { client in
            #expect(await login(client) == .granted)
            for token in ["t1", "t2"] {
                _ = revoked.withLock { $0.insert(token) }
                for _ in 1...3 {
                    #expect(await login(client) == .granted)
                    clock.advance(by: .seconds(5))
                }
            }
            #expect(transport.tokenRequests == 3)
        }
    }

    @Test func `tells of the answer that decides, not of the one after which it repeats`() async throws {
        let transport = ScriptedTransport { _, exchange in
            exchange.bearer == "t2" ? .respond(401, authenticate: Self.bearerChallenge) : .respond(403)
        }
        let statuses = Mutex<[Int]>([])
        try await withClient(transport) { client in
            _ = await login(client)
            try await client.refreshToken(deadline: soon)
            let call = UpstreamCall(deadline: soon, didAnswer: { status in statuses.withLock { $0.append(status) } })
            await #expect(throws: APIFailure.self) { try await client.authenticatePassword(request, call: call) }
            #expect(transport.calls.count == 3)
            #expect(statuses.withLock { $0 } == [403])
        }
    }

    @Test(
        arguments: [
            ["Bearer"], ["Basic realm=\"x\"", "bearer realm=\"api\""], ["Negotiate, Bearer"],
        ],
        ["", plain, "<html>"]
    )
    func `never takes a refused bearer for a wrong password, however often it is refused`(
        challenges: [String],
        body: String
    ) async throws {
        let isRefused = Flag(true)
        let transport = ScriptedTransport { _, _ in
            isRefused.value ? .respond(401, body, authenticate: challenges) : .granted
        }
        try await withClient(transport) { client in
            try await client.refreshToken(deadline: soon)
            clock.advance(by: .seconds(61))
            let fetched = transport.tokenRequests
            for fetch in 1...3 {
                let failure = await loginFailure(client)
                #expect(failure?.kind == .credentialRejected)
                #expect(failure?.outcome == .refused)
                #expect(failure?.concernsBearer == true)
                #expect(transport.tokenRequests == fetched + fetch)
            }
            let held = await loginFailure(client)
            #expect(held?.kind == .unavailable)
            #expect(held?.outcome == .refused)
            #expect(held?.retryAfter == .seconds(20))
            #expect(held?.status == 401)
            #expect(transport.tokenRequests == fetched + 3)
            #expect(transport.calls.count == 7)
            #expect(client.status.token == .valid)
            #expect(client.status.tokenFailure == nil)
            isRefused.set(false)
            #expect(await login(client) == .granted, "at once, with the token it has")
        }
    }

    @Test func `lets no endpoint's dislike of the token stop calls to others, nor blame the credential`() async throws {
        let transport = ScriptedTransport { _, exchange in
            exchange.url.hasSuffix("/session/logout") ? .respond(401, authenticate: ["Bearer"]) : .granted
        }
        try await withClient(transport) { client in
            for _ in 1...5 {
                let refused = await outcome(of: SessionLogoutOperation(sessionID: Secret("s")), client).failure
                #expect([.credentialRejected, .unavailable].contains(refused?.kind))
                #expect(refused?.outcome == .refused)
                let advice = client.status.callFailure?.advice ?? ""
                #expect(!advice.contains("secret"))
                #expect(client.status.token == .valid)
                #expect(client.status.tokenFailure == nil)
                #expect(await login(client) == .granted)
                #expect(client.status.callFailure == nil)
            }
        }
    }

    @Test(arguments: [
        (403, "<html>Forbidden</html>", "upstream_forbidden.4xx", "roles"),
        (200, #"{"access_token":[]}"#, "upstream_protocol.2xx", "BaseURL="),
        (404, "<html>Not Found</html>", "upstream_protocol.4xx", "BaseURL="),
    ])
    func `tells in its status of answers that no login can have`(
        status: Int,
        body: String,
        label: String,
        advice: String
    ) async throws {
        let isWell = Flag(false)
        let transport = ScriptedTransport { _, _ in isWell.value ? .granted : .respond(status, body) }
        try await withClient(transport) { client in
            for _ in 1...2 { #expect(await login(client) != .granted) }
            #expect(client.status.callFailure?.label == label)
            #expect(client.status.callFailure?.advice?.contains(advice) == true)
            isWell.set(true)
            #expect(await login(client) == .granted)
            #expect(client.status.callFailure == nil)
        }
    }

    @Test func `takes a plain 401 of an endpoint that does not decide for that endpoint's own`() async throws {
        let transport = ScriptedTransport { _, exchange in
            exchange.url.hasSuffix("/session/logout") ? .respond(401, Self.plain) : .granted
        }
        try await withClient(transport) { client in
            for _ in 1...2 {
                let refused = await outcome(of: SessionLogoutOperation(sessionID: Secret("s")), client).failure
                #expect(refused?.kind == .invalidToken)
                #expect(await login(client) == .granted)
            }
            #expect(transport.tokenRequests == 1)
            clock.advance(by: .seconds(61))
            #expect(
                await outcome(of: SessionLogoutOperation(sessionID: Secret("s")), client).failure?.kind == .invalidToken
            )
            #expect(transport.tokenRequests == 2, "an old token may be the reason")
            #expect(await login(client) == .granted)
        }
    }

    @Test func `takes a 401 with a code of the contract for the decision at any age`() async throws {
        let transport = ScriptedTransport { _, _ in
            .respond(401, #"{"error_code":"auth_invalid_credentials"}"#, authenticate: ["Bearer"])
        }
        try await withClient(transport) { client in
            try await client.refreshToken(deadline: soon)
            clock.advance(by: .seconds(1000))
            #expect(await login(client) == .denied(.wrongCredentials))
            #expect(transport.calls.count == 1)
        }
    }

    @Test(arguments: ["", "<html>", "Unauthorized", #"{"message":"Unautho"#, "[]", "null"])
    func `takes a 401 without a JSON object for a broken contract, with a young token at once`(
        body: String
    ) async throws {
        let transport = ScriptedTransport { _, _ in .respond(401, body) }
        try await withClient(transport) { client in
            #expect(await login(client) == .failure(.protocolViolation, .answered))
            #expect(transport.calls.count == 1)
            clock.advance(by: .seconds(61))
            #expect(await login(client) == .failure(.protocolViolation, .answered))
            #expect(transport.calls.count == 3)
            #expect(transport.tokenRequests == 2)
        }
    }

    @Test func `takes the challenge of a proxy for a broken contract, and fetches nothing for it`() async throws {
        let transport = ScriptedTransport { _, _ in .respond(401, Self.plain, authenticate: ["Basic realm=\"proxy\""]) }
        try await withClient(transport) { client in
            _ = await login(client)
            clock.advance(by: .seconds(61))
            #expect(await login(client) == .failure(.protocolViolation, .answered))
            #expect(transport.tokenRequests == 1)
            let browser = PasswordLoginOperation(
                kind: .email,
                identifier: Secret("e"),
                password: Secret("p"),
                clientID: "c",
                redirectURI: "u"
            )
            #expect(await outcome(of: browser, client).failure?.kind == .protocolViolation)
        }
    }

    @Test(arguments: [401, 403, 404, 500])
    func `does not turn a failed fetch into a denied login, and is well within a second of the cloud`(
        status: Int
    ) async throws {
        let isBroken = Flag(true)
        let transport = ScriptedTransport(
            token: { $0 == 1 || !isBroken.value ? .token("t\($0)") : .respond(status, "<html>") },
            api: { _, exchange in exchange.bearer == "t1" ? .respond(401, Self.plain) : .granted }
        )
        let longestWaits: @Sendable () -> Double = { 1 }
        try await withClient(transport, random: longestWaits) { client in
            #expect(await login(client) == .denied(.wrongCredentials))
            clock.advance(by: .seconds(61))
            for _ in 1...2 {
                let failure = await loginFailure(client)
                #expect(failure?.kind == .unavailable)
                #expect(failure?.outcome == .refused)
                #expect(failure?.retryAfter == .seconds(1))
            }
            #expect(transport.tokenRequests == 2)
            isBroken.set(false)
            clock.advance(by: .seconds(1))
            #expect(await login(client) == .granted)
        }
    }

    @Test func `says that the client is rejected when the token service says so`() async throws {
        let transport = ScriptedTransport(
            token: { $0 == 1 ? .token("t1") : .respond(401, #"{"error":"invalid_client"}"#) },
            api: { _, _ in .respond(401, authenticate: Self.bearerChallenge) }
        )
        try await withClient(transport) { client in
            for _ in 1...2 {
                let failure = await loginFailure(client)
                #expect(failure?.kind == .credentialRejected)
                #expect(failure?.outcome == .refused)
                #expect(failure?.concernsBearer == false)
            }
            #expect(transport.tokenRequests == 2, "no hammering")
            #expect(client.status.token == .credentialRejected)
            #expect(client.status.tokenFailure?.advice?.contains("client secret") == true)
        }
    }
}
