import Secrets
import Synchronization
import TestSupport
import Testing

@testable import MosaicAPI

/// A token endpoint that counts its requests and answers each when the test says so.
private final class TokenEndpoint: Sendable {
    private struct State {
        var requests = 0
        var pending: [CheckedContinuation<Result<ClientTokenGrant, APIFailure>, Never>] = []
        var observers: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var requests: Int { state.withLock { $0.requests } }

    func fetch() async -> Result<ClientTokenGrant, APIFailure> {
        await withCheckedContinuation { continuation in
            let observers = state.withLock { state in
                state.requests += 1
                state.pending.append(continuation)
                defer { state.observers = [] }
                return state.observers
            }
            for observer in observers { observer.resume() }
        }
    }

    /// Waits for a request and answers it.
    func answer(_ result: Result<ClientTokenGrant, APIFailure>) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                guard state.pending.isEmpty else { return true }
                state.observers.append(continuation)
                return false
            }
            if isThere { continuation.resume() }
        }
        let request = state.withLock { $0.pending.isEmpty ? nil : $0.pending.removeFirst() }
        request?.resume(returning: result)
    }

    func answer(token: String, lifetime: Duration = .seconds(3600)) async {
        await answer(.success(ClientTokenGrant(accessToken: Secret(token), lifetime: lifetime)))
    }
}

@Suite(.longTimeLimit)
struct `The token source` {
    private let clock = TestClock()
    private let endpoint = TokenEndpoint()
    private let outage = APIFailure(.unavailable, outcome: .unknown, transport: .connect)

    /// Runs a source beside the test and stops it afterwards.
    private func withSource(_ body: (ClientTokenSource) async throws -> Void) async throws {
        let source = ClientTokenSource(clock: clock, random: { 0.5 }, fetch: { [endpoint] in await endpoint.fetch() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await source.run() }
            try await body(source)
            group.cancelAll()
        }
    }

    private var soon: ContinuousClock.Instant { clock.now + .seconds(10) }

    @Test func `fetches before anybody asks`() async throws {
        try await withSource { source in
            await endpoint.answer(token: "first")
            let token = try await source.token(deadline: soon)
            #expect(token.value == Secret("first"))
            #expect(endpoint.requests == 1)
        }
    }

    @Test func `serves 10,000 waiting callers with one request`() async throws {
        try await withSource { source in
            let served = await withTaskGroup(of: Secret?.self) { group in
                for _ in 0..<10_000 {
                    group.addTask { [soon] in try? await source.token(deadline: soon).value }
                }
                // Every waiter has a timer of its own: when all have begun, all wait.
                for _ in 0..<10_000 { _ = await clock.nextTimerScheduled() }
                await endpoint.answer(token: "shared")
                return await group.reduce(into: 0) { $0 += $1 == Secret("shared") ? 1 : 0 }
            }
            #expect(served == 10_000)
            #expect(endpoint.requests == 1)
        }
    }

    @Test func `lets a caller's deadline pass without ending the fetch`() async throws {
        try await withSource { source in
            let patient = clock.now + .seconds(60)
            async let impatientResult = failure { try await source.token(deadline: soon) }
            async let patientToken = source.token(deadline: patient)
            _ = await clock.nextTimerScheduled()
            _ = await clock.nextTimerScheduled()
            clock.advance(by: .seconds(10))
            let impatient = await impatientResult
            #expect(impatient?.kind == .deadlineExceeded)
            #expect(impatient?.outcome == .notSent)
            await endpoint.answer(token: "late")
            let value1 = try await patientToken.value
            #expect(value1 == Secret("late"))
            #expect(endpoint.requests == 1)
        }
    }

    @Test func `lets a caller be cancelled without ending the fetch`() async throws {
        try await withSource { source in
            await withTaskGroup(of: APIFailure?.self) { group in
                group.addTask { [soon] in await failure { try await source.token(deadline: soon) } }
                _ = await clock.nextTimerScheduled()
                group.cancelAll()
                #expect(await group.next()??.kind == .cancelled)
            }
            await endpoint.answer(token: "still fetched")
            let value2 = try await source.token(deadline: soon).value
            #expect(value2 == Secret("still fetched"))
            #expect(endpoint.requests == 1)
        }
    }

    @Test func `replaces the token in the background`() async throws {
        try await withSource { source in
            await endpoint.answer(token: "first", lifetime: .seconds(1000))
            let due = await clock.nextTimerScheduled()
            #expect(clock.now.duration(to: due) == .seconds(750))
            clock.advance(to: due)
            await endpoint.answer(token: "second", lifetime: .seconds(1000))
            _ = await clock.nextTimerScheduled()
            let value3 = try await source.token(deadline: soon).value
            #expect(value3 == Secret("second"))
            #expect(endpoint.requests == 2)
        }
    }

    @Test func `tells all waiters when it gives up, and serves them again later`() async throws {
        try await withSource { source in
            async let waiting = failure { try await source.token(deadline: clock.now + .seconds(60)) }
            _ = await clock.nextTimerScheduled()
            await endpoint.answer(.failure(outage))
            clock.advance(to: await clock.nextTimerScheduled())
            await endpoint.answer(.failure(outage))
            clock.advance(to: await clock.nextTimerScheduled())
            await endpoint.answer(.failure(outage))
            let failed = await waiting
            #expect(failed?.kind == .unavailable)
            #expect(failed?.outcome == .notSent, "the caller's own request never left")
            #expect(endpoint.requests == 3)
            let held = await failure { try await source.token(deadline: soon) }
            #expect(held?.kind == .unavailable)
            #expect(endpoint.requests == 3, "no request while fetches are held off")
            clock.advance(by: .seconds(1))
            await endpoint.answer(token: "back")
            let value4 = try await source.token(deadline: soon).value
            #expect(value4 == Secret("back"))
        }
    }

    @Test func `fetches anew by hand`() async throws {
        try await withSource { source in
            await endpoint.answer(token: "first")
            _ = try await source.token(deadline: soon)
            async let refreshed: Void = source.refreshByHand(deadline: soon)
            await endpoint.answer(token: "second")
            try await refreshed
            let value5 = try await source.token(deadline: soon).value
            #expect(value5 == Secret("second"))
        }
    }

    @Test func `replaces a refused token for all who complain with one request`() async throws {
        try await withSource { source in
            await endpoint.answer(token: "first")
            let first = try await source.token(deadline: soon)
            clock.advance(by: .seconds(100))
            await withTaskGroup(of: Secret?.self) { group in
                for _ in 0..<100 {
                    group.addTask { [soon] in
                        try? await source.token(insteadOf: first.identity, deadline: soon).value
                    }
                }
                await endpoint.answer(token: "second")
                for await token in group { #expect(token == Secret("second")) }
            }
            #expect(endpoint.requests == 2)
        }
    }

    @Test func `fails everybody who waits when it is stopped`() async throws {
        let source = ClientTokenSource(clock: clock, random: { 0.5 }, fetch: { [outage] in .failure(outage) })
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await source.run() }
            group.cancelAll()
        }
        #expect(await failure { try await source.token(deadline: soon) }?.kind == .shuttingDown)
    }
}

/// The failure that a call throws; `nil` when it throws none.
func failure<Value: Sendable>(_ body: @Sendable () async throws -> Value) async -> APIFailure? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? APIFailure
    }
}
