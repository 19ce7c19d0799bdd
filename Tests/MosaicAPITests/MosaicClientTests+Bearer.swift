import Secrets
import Synchronization
import TestSupport
import Testing

@testable import MosaicAPI

/// The rule for 401 answers: which are about the user, which about the agent's own token.
extension `The Mosaic client` {
    @Test func `never sends a wrong password again while the token is young`() async throws {
        let transport = ScriptedTransport { _, _ in .respond(401) }
        try await withClient(transport) { client in
            #expect(await login(client) == .denied(.wrongCredentials))
            clock.advance(by: .seconds(60))
            #expect(await login(client) == .denied(.wrongCredentials))
            #expect(transport.calls.count == 2)
            #expect(transport.tokenRequests == 1)
        }
    }

    @Test func `repeats a bare 401 exactly once when the token is older`() async throws {
        let transport = ScriptedTransport { _, _ in .respond(401, #"{"message":"Unauthorized","error_code":401}"#) }
        try await withClient(transport) { client in
            try await client.refreshToken(deadline: soon)
            clock.advance(by: .seconds(61))
            #expect(await login(client) == .denied(.wrongCredentials))
            #expect(transport.calls.count == 2)
            #expect(await login(client) == .denied(.wrongCredentials))
            #expect(transport.calls.count == 3, "the new token is young")
        }
    }

    @Test func `replaces a revoked token without the caller noticing`() async throws {
        let transport = ScriptedTransport { _, exchange in
            exchange.bearer == "t2" ? .respond(401, authenticate: ["Bearer error=\"invalid_token\""]) : .granted
        }
        let words = Counter()
        try await withClient(transport) { client in
            #expect(await login(client) == .granted)
            try await client.refreshToken(deadline: soon)
            let before = transport.tokenRequests
            #expect(
                await login(
                    client,
                    willSend: {
                        words.increment()
                    }
                ) == .granted
            )
            #expect(transport.tokenRequests == before + 1)
            #expect(words.value == 2, "the repetition leaves too")
        }
    }

    @Test func `tells of the answer that decides, not of the one after which it repeats`() async throws {
        let transport = ScriptedTransport { _, exchange in
            exchange.bearer == "t2" ? .respond(401, authenticate: ["Bearer error=\"invalid_token\""]) : .respond(403)
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

    @Test func `takes a second 401 for the decision`() async throws {
        let transport = ScriptedTransport { _, _ in .respond(401, authenticate: ["Bearer"]) }
        try await withClient(transport) { client in
            #expect(await login(client) == .denied(.wrongCredentials))
            #expect(transport.calls.count == 2)
            #expect(transport.tokenRequests == 2)
            #expect(await login(client) == .failure(.credentialRejected, .answered), "no second fetch within 60 s")
            #expect(transport.tokenRequests == 2)
            #expect(client.status.token == .credentialRejected)
        }
    }

    @Test func `takes a 401 with a code about the user for the decision at any age`() async throws {
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

    @Test func `does not turn a failed fetch into a denied login`() async throws {
        let transport = ScriptedTransport(
            token: { $0 == 1 ? .token("t1") : .respond(500) },
            api: { _, _ in .respond(401) }
        )
        try await withClient(transport) { client in
            #expect(await login(client) == .denied(.wrongCredentials))
            clock.advance(by: .seconds(61))
            #expect(await login(client) == .failure(.unavailable, .unknown))
            #expect(transport.calls.count == 2)
        }
    }
}
