import Logging
import Secrets
import Synchronization
import TestSupport
import Testing

@testable import MosaicAPI

@Suite(.longTimeLimit)
struct `The Mosaic client` {
    let clock = TestClock()

    /// Runs a client beside the test and stops it afterwards.
    func withClient(
        _ transport: ScriptedTransport,
        random: @escaping @Sendable () -> Double = { 0 },
        _ body: (MosaicClient) async throws -> Void
    ) async throws {
        let configuration = MosaicClientConfiguration(
            name: "default",
            endpoints: MosaicEndpoints(region: .eu),
            clientID: "client.example",
            authentication: .clientSecretPost(Secret("client secret"))
        )
        let client = MosaicClient(
            configuration,
            transport: transport,
            clock: clock,
            wallClock: { 0 },
            random: random,
            logger: Logger(label: "test")
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            try await body(client)
            group.cancelAll()
        }
        await client.shutdown()
        #expect(transport.isShutDown)
    }

    var soon: ContinuousClock.Instant { clock.now + .seconds(10) }

    let request = PasswordAuthenticateOperation(username: Secret("ann"), password: Secret("pass word"))

    enum Verdict: Equatable {
        case granted
        case denied(DenialReason)
        case change(PasswordChangeCause)
        case failure(APIFailure.Kind, APIFailure.Outcome)
    }

    func login(
        _ client: MosaicClient,
        deadline: ContinuousClock.Instant? = nil,
        willSend: @escaping @Sendable () -> Bool = { true }
    ) async -> Verdict {
        do throws(APIFailure) {
            let call = UpstreamCall(deadline: deadline ?? soon, willSend: willSend)
            switch try await client.authenticatePassword(request, call: call) {
            case .granted: return .granted
            case .denied(let reason): return .denied(reason)
            case .passwordChangeRequired(let cause, _): return .change(cause)
            }
        } catch {
            return .failure(error.kind, error.outcome)
        }
    }

    @Test func `asks Mosaic with its token and brings the user's tokens`() async throws {
        let transport = ScriptedTransport { _, _ in .granted }
        try await withClient(transport) { client in
            let deadline = soon
            guard
                case .granted(let tokens) = try await client.authenticatePassword(
                    request,
                    call: UpstreamCall(deadline: deadline)
                )
            else {
                Issue.record("not granted")
                return
            }
            #expect(tokens.accessToken == Secret("user"))
            #expect(tokens.sessionID == Secret("s1"))
            let call = try #require(transport.calls.first)
            #expect(call.url == "https://api.eu.transmitsecurity.io/cis/v1/auth/password/authenticate")
            #expect(call.bearer == "t1")
            #expect(call.body == #"{"username":"ann","password":"pass word"}"#)
            #expect(call.deadline == deadline)
        }
    }

    @Test func `serves 1,000 concurrent first calls with one token request`() async throws {
        let transport = ScriptedTransport { _, _ in .granted }
        try await withClient(transport) { client in
            let verdicts = await withTaskGroup(of: Verdict.self) { group in
                for _ in 0..<1000 { group.addTask { await login(client) } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(verdicts == Array(repeating: .granted, count: 1000))
            #expect(transport.tokenRequests == 1)
            #expect(transport.calls.count == 1000)
        }
    }

    @Test func `says the last word once, and sends nothing when it is no`() async throws {
        let transport = ScriptedTransport { _, _ in .granted }
        let words = Counter()
        try await withClient(transport) { client in
            #expect(
                await login(
                    client,
                    willSend: {
                        words.increment()
                    }
                ) == .granted
            )
            #expect(words.value == 1, "the token request does not ask the caller")
            #expect(await login(client, willSend: { false }) == .failure(.cancelled, .notSent))
        }
    }

    // MARK: Failures

    @Test func `repeats what provably was not sent, up to three times`() async throws {
        let transport = ScriptedTransport { number, _ in number < 3 ? .refusedConnection : .granted }
        try await withClient(transport) { client in
            #expect(await login(client) == .granted)
            #expect(transport.calls.count == 3)
        }
        let dead = ScriptedTransport { _, _ in .refusedConnection }
        try await withClient(dead) { client in
            #expect(await login(client) == .failure(.unavailable, .notSent))
            #expect(dead.calls.count == 3)
        }
    }

    @Test(arguments: [429, 500, 502, 503, 504])
    func `sends nothing twice after an answer of trouble`(status: Int) async throws {
        let transport = ScriptedTransport { _, _ in .respond(status) }
        try await withClient(transport) { client in
            let expected: Verdict = status == 429 ? .failure(.rateLimited, .refused) : .failure(.unavailable, .answered)
            #expect(await login(client) == expected)
            #expect(transport.calls.count == 1)
        }
    }

    /// A read; this client has none of its own yet, but the rules for them are there.
    private func read(_ client: MosaicClient) async -> APIFailure? {
        let apiCall = MosaicClient.APICall(
            endpoint: PasswordAuthenticateOperation.endpoint,
            method: .get,
            url: client.endpoints.baseURL,
            body: nil,
            safety: .repeatable
        )
        return await failure { [soon] in try await client.perform(apiCall, call: UpstreamCall(deadline: soon)) }
    }

    @Test(arguments: [502, 503, 504])
    func `repeats a read after an answer of passing trouble`(status: Int) async throws {
        let transport = ScriptedTransport { number, _ in number < 3 ? .respond(status) : .granted }
        try await withClient(transport) { client in
            #expect(await read(client) == nil)
            #expect(transport.calls.count == 3)
        }
        let dead = ScriptedTransport { _, _ in .respond(status) }
        try await withClient(dead) { client in
            #expect(await read(client)?.status == status)
            #expect(dead.calls.count == 3)
        }
    }

    @Test func `repeats a read when the time that a 429 asked for is over`() async throws {
        let transport = ScriptedTransport { number, _ in number == 1 ? .respond(429, retryAfter: "3") : .granted }
        try await withClient(transport) { client in
            try await client.refreshToken(deadline: soon)
            async let failed = read(client)
            let asked = clock.now + .seconds(3)
            while await clock.nextTimerScheduled() != asked {}
            clock.advance(to: asked)
            #expect(await failed == nil)
            #expect(transport.calls.count == 2)
        }
    }

    @Test func `a read that is cancelled before its repetition is not repeated`() async throws {
        let transport = ScriptedTransport { _, _ in .respond(429, retryAfter: "3") }
        try await withClient(transport) { client in
            try await client.refreshToken(deadline: soon)
            let asked = clock.now + .seconds(3)
            let failed = await withTaskGroup(of: APIFailure?.self) { group in
                group.addTask { await read(client) }
                while await clock.nextTimerScheduled() != asked {}
                group.cancelAll()
                return await group.next() ?? nil
            }
            #expect(failed?.kind == .cancelled)
            #expect(failed?.status == 429)
            clock.advance(to: asked)
            #expect(transport.calls.count == 1)
        }
    }

    @Test func `repeats a read on a connection that broke`() async throws {
        let transport = ScriptedTransport { number, _ in number == 1 ? .brokenConnection : .granted }
        try await withClient(transport) { client in
            #expect(await read(client) == nil)
            #expect(transport.calls.count == 2)
        }
    }

    @Test func `sends nothing twice that may have been sent`() async throws {
        let transport = ScriptedTransport { _, _ in .brokenConnection }
        try await withClient(transport) { client in
            #expect(await login(client) == .failure(.unavailable, .unknown))
            #expect(transport.calls.count == 1)
        }
    }

    @Test func `takes a 2xx answer without tokens for a broken contract`() async throws {
        let transport = ScriptedTransport { _, _ in .respond(200, #"{"message":"fine"}"#) }
        try await withClient(transport) { client in
            #expect(await login(client) == .failure(.protocolViolation, .answered))
        }
    }

    @Test func `does not call while it was asked to wait`() async throws {
        let transport = ScriptedTransport { number, _ in number == 1 ? .respond(429, retryAfter: "30") : .granted }
        try await withClient(transport) { client in
            #expect(await login(client) == .failure(.rateLimited, .refused))
            #expect(await login(client) == .failure(.rateLimited, .notSent))
            #expect(transport.calls.count == 1)
            clock.advance(by: .seconds(30))
            #expect(await login(client) == .granted)
        }
    }

    @Test func `reports a refused credential at once, with what to do`() async throws {
        let isFixed = Flag(false)
        let transport = ScriptedTransport(
            token: { _ in isFixed.value ? .token("t") : .respond(401, #"{"error":"invalid_client"}"#) },
            api: { _, _ in .granted }
        )
        try await withClient(transport) { client in
            #expect(await login(client) == .failure(.credentialRejected, .notSent))
            #expect(await login(client) == .failure(.credentialRejected, .notSent))
            #expect(transport.tokenRequests == 1)
            #expect(client.status.token == .credentialRejected)
            #expect(client.status.tokenFailure?.label == "credential_rejected.4xx")
            #expect(client.status.tokenFailure?.advice?.contains("client secret") == true)
            isFixed.set(true)
            try await client.refreshToken(deadline: soon)
            #expect(await login(client) == .granted)
            #expect(client.status.token == .valid)
            #expect(client.status.tokenFailure == nil)
        }
    }

    @Test func `shows ages and lifetimes in its status`() async throws {
        let transport = ScriptedTransport { _, _ in .granted }
        try await withClient(transport) { client in
            #expect(await login(client) == .granted)
            clock.advance(by: .seconds(5))
            let status = client.status
            #expect(status.token == .valid)
            #expect(status.tokenAge == .seconds(5))
            #expect(status.tokenRemaining == .seconds(3590))
            #expect(status.lastSuccessAge == .seconds(5))
            #expect(status.callFailure == nil)
            #expect(!status.isFetching)
        }
    }
}
