import Secrets
import Synchronization
import TestSupport
import Testing

@testable import MosaicAPI

/// Lets answers out when the test says so, and tells when a request has come in.
private final class Gate: Sendable {
    private let open = AsyncStream.makeStream(of: Void.self)
    private let reached = AsyncStream.makeStream(of: Void.self)

    func pass() async {
        reached.continuation.yield()
        for await _ in open.stream { return }
    }

    func release() { open.continuation.yield() }

    func untilReached() async {
        for await _ in reached.stream { return }
    }
}

@Suite(.longTimeLimit)
struct `Concurrent refreshes` {
    private static let tokens = `Requests about sessions and tokens`.tokens
    private static let refresh = UserTokenRefresh(refreshToken: Secret("rt"), kind: .backend)

    private static func outcome(_ operation: () async throws -> Int) async -> APIFailure.Outcome? {
        do {
            _ = try await operation()
            return nil
        } catch {
            return (error as? APIFailure)?.outcome
        }
    }

    /// Returns when so many callers wait for a refresh.
    private func waiting(_ count: Int, on client: MosaicClient) async {
        while client.refreshes.waitingCount < count { await Task.yield() }
    }

    @Test func `with one token are one request, and all get its answer`() async throws {
        let gate = Gate()
        let transport = ScriptedTransport { _, _ in
            await gate.pass()
            return .respond(200, Self.tokens)
        }
        let sent = Counter()
        let answered = Counter()
        try await ClientFixture.with(transport) { (fixture) async throws in
            let call = UpstreamCall(
                deadline: fixture.call.deadline,
                willSend: { sent.increment() },
                didAnswer: { _ in _ = answered.increment() }
            )
            let tokens = try await withThrowingTaskGroup(of: Secret?.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await fixture.client.refresh(Self.refresh, call: call).refreshToken }
                }
                await gate.untilReached()
                await waiting(20, on: fixture.client)
                gate.release()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(tokens == Array(repeating: Secret("rt2"), count: 20))
            #expect(transport.calls.count == 1)
            #expect(sent.value == 20 && answered.value == 20)
        }
    }

    @Test func `with different tokens, or of different kinds, are requests of their own`() async throws {
        let transport = ScriptedTransport { _, _ in .respond(200, Self.tokens) }
        try await ClientFixture.with(transport) { (fixture) async throws in
            for refresh in [
                Self.refresh, UserTokenRefresh(refreshToken: Secret("rt"), kind: .oidc),
                UserTokenRefresh(refreshToken: Secret("other"), kind: .backend),
            ] {
                _ = try await fixture.client.refresh(refresh, call: fixture.call)
            }
            #expect(transport.calls.count == 3)
        }
    }

    @Test func `go on for those who wait when the first caller gives up`() async throws {
        let gate = Gate()
        let transport = ScriptedTransport { _, _ in
            await gate.pass()
            return .respond(200, Self.tokens)
        }
        try await ClientFixture.with(transport) { (fixture) async throws in
            let first = UpstreamCall(deadline: fixture.clock.now + .seconds(1))
            async let impatient = failureKind {
                try await fixture.client.refresh(Self.refresh, call: first)
            }
            await gate.untilReached()
            let call = fixture.call
            async let patient = fixture.client.refresh(Self.refresh, call: call)
            await waiting(2, on: fixture.client)
            while await fixture.clock.nextTimerScheduled() != first.deadline {}
            fixture.clock.advance(by: .seconds(1))
            let end = try await impatient
            #expect(end == .deadlineExceeded)
            gate.release()
            let tokens = try await patient
            #expect(tokens.refreshToken == Secret("rt2"))
            #expect(transport.calls.count == 1)
        }
    }

    @Test func `are not sent when nobody wants them any more`() async throws {
        let transport = ScriptedTransport { _, _ in .respond(200, Self.tokens) }
        try await ClientFixture.with(transport) { (fixture) async throws in
            let call = UpstreamCall(deadline: fixture.call.deadline, willSend: { false })
            do throws(APIFailure) {
                _ = try await fixture.client.refresh(Self.refresh, call: call)
                Issue.record("sent")
            } catch {
                #expect(error.outcome == .notSent)
            }
            // The token is not blocked by that.
            let tokens = try await fixture.client.refresh(Self.refresh, call: fixture.call)
            #expect(tokens.accessToken == Secret("at"))
        }
    }

    @Test func `fail with what the one request failed with`() async throws {
        let transport = ScriptedTransport { _, _ in .respond(400, #"{"message":"Invalid refresh token"}"#) }
        try await ClientFixture.with(transport) { (fixture) async throws in
            let kind = try await failureKind {
                try await fixture.client.refresh(Self.refresh, call: fixture.call)
            }
            #expect(kind == .invalidToken)
        }
    }

    @Test func `tell a caller who joins late that the request has left`() async throws {
        let gate = Gate()
        let background = BackgroundWork()
        let clock = TestClock()
        let shared = SingleFlight<String, Int>(clock: clock, background: background, timeLimit: .seconds(30))
        let late = Counter()
        try await withThrowingTaskGroup(of: Void.self) { (group) async throws -> Void in
            group.addTask { await background.run() }
            let work: SingleFlight<String, Int>.Work = { call in
                guard call.willSend() else { return .failure(APIFailure(.cancelled, outcome: .notSent)) }
                await gate.pass()
                return .success(7)
            }
            let deadline = clock.now + .seconds(5)
            async let first = shared.result(for: "k", call: UpstreamCall(deadline: deadline), work: work)
            await gate.untilReached()
            let call = UpstreamCall(deadline: clock.now + .seconds(1), willSend: { late.increment() })
            async let outcome = Self.outcome { try await shared.result(for: "k", call: call, work: work) }
            while await clock.nextTimerScheduled() != call.deadline {}
            while late.value == 0 { await Task.yield() }
            clock.advance(by: .seconds(1))
            let end = await outcome
            #expect(end == .unknown)
            gate.release()
            let value = try await first
            #expect(value == 7)
            group.cancelAll()
        }
    }

    @Test func `end with the client`() async throws {
        let gate = Gate()
        let transport = ScriptedTransport { _, _ in
            await gate.pass()
            return .brokenConnection
        }
        let client = Mutex<MosaicClient?>(nil)
        try await ClientFixture.with(transport) { (fixture) async throws in client.withLock { $0 = fixture.client } }
        let stopped = try #require(client.withLock { $0 })
        let kind = try await failureKind {
            try await stopped.refresh(Self.refresh, call: UpstreamCall(deadline: .now + .seconds(1)))
        }
        #expect(kind == .shuttingDown)
    }
}
