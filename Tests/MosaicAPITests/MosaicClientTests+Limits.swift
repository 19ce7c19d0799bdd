import Secrets
import Synchronization
import TestSupport
import Testing

@testable import MosaicAPI

/// Callers that share a Mosaic that fails or limits: none of them harms another.
@Suite(.longTimeLimit)
struct `A client with several callers` {
    enum Verdict: Equatable {
        case granted
        case denied
        case failure(APIFailure.Kind, APIFailure.Outcome)
    }

    private func login(
        _ fixture: ClientFixture,
        _ user: String = "ann",
        uid: UInt32 = 1000,
        within seconds: Int = 10
    ) async -> Verdict {
        do throws(APIFailure) {
            let request = PasswordAuthenticateOperation(username: Secret(user), password: Secret("pass word"))
            let call = UpstreamCall(deadline: fixture.clock.now + .seconds(seconds), uid: uid)
            switch try await fixture.client.authenticatePassword(request, call: call) {
            case .granted: return .granted
            case .denied, .passwordChangeRequired: return .denied
            }
        } catch {
            return .failure(error.kind, error.outcome)
        }
    }

    private func send(
        _ fixture: ClientFixture,
        to user: String,
        channel: OTPSendOperation.Channel = .email,
        uid: UInt32 = 1000
    ) async -> Result<String, APIFailure> {
        do throws(APIFailure) {
            let request = OTPSendOperation(channel: channel, identifierType: "email", identifier: Secret(user))
            let call = UpstreamCall(deadline: fixture.clock.now + .seconds(10), uid: uid)
            switch try await fixture.client.perform(request, call: call) {
            case .sent: return .success("sent")
            case .withheld(let reason): return .success(reason.rawValue)
            }
        } catch {
            return .failure(error)
        }
    }

    @Test func `stops calling a Mosaic that is down, and finds out when it is back`() async throws {
        let isDown = Flag(true)
        let transport = ScriptedTransport { _, _ in isDown.value ? .respond(500) : .granted }
        try await ClientFixture.with(transport) { (fixture) async throws in
            for user in ["a", "b", "c", "d", "e"] {
                #expect(await login(fixture, user) == .failure(.unavailable, .answered))
            }
            #expect(fixture.client.status.breaker == .open)
            #expect(await login(fixture) == .failure(.unavailable, .answered), "its probe")
            #expect(await login(fixture) == .failure(.unavailable, .notSent))
            #expect(await login(fixture, uid: 1001) == .failure(.unavailable, .answered), "another uid's probe")
            #expect(transport.calls.count == 7)
            isDown.set(false)
            fixture.clock.advance(by: .seconds(1))
            #expect(await login(fixture) == .granted)
            #expect(fixture.client.status.breaker == .closed)
        }
    }

    @Test func `a login that hangs after five failures keeps no one else's away`() async throws {
        let isDown = Flag(true)
        let hangs = AsyncStream<Void>.makeStream()
        let transport = ScriptedTransport { _, exchange in
            if exchange.body?.contains("slow") == true {
                for await _ in hangs.stream {}
                return .granted
            }
            return isDown.value ? .respond(503) : .granted
        }
        try await ClientFixture.with(transport) { (fixture) async throws in
            for user in ["a", "b", "c", "d", "e"] { _ = await login(fixture, user) }
            isDown.set(false)
            async let slow = login(fixture, "slow", uid: 1000, within: 600)
            while transport.calls.count < 6 { await Task.yield() }
            #expect(fixture.client.status.breaker == .halfOpen)
            #expect(await login(fixture, "ann", uid: 1001) == .granted)
            #expect(fixture.client.status.breaker == .closed)
            hangs.continuation.finish()
            #expect(await slow == .granted)
        }
    }

    /// Runs `body` while the breaker is open and a probe of uid 1000, `probe`, is on its way; it ends with `answer`.
    private func whileProbing(
        answer: @escaping @Sendable () -> ScriptedTransport.Outcome,
        _ body: (_ fixture: ClientFixture, _ transport: ScriptedTransport, _ end: () -> Void) async throws -> Void
    ) async throws {
        let isDown = Flag(true)
        let held = AsyncStream<Void>.makeStream()
        let transport = ScriptedTransport { _, exchange in
            if exchange.body?.contains("probe") == true {
                for await _ in held.stream {}
                return answer()
            }
            return isDown.value ? .respond(503) : .granted
        }
        try await ClientFixture.with(transport) { (fixture) async throws in
            for user in ["a", "b", "c", "d", "e"] { _ = await login(fixture, user, uid: 1) }
            isDown.set(false)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = await login(fixture, "probe", within: 600) }
                while transport.calls.count < 6 { await Task.yield() }
                try await body(fixture, transport) { held.continuation.finish() }
                held.continuation.finish()
            }
        }
    }

    @Test func `a login waits for the probe of its uid, and passes when that succeeds`() async throws {
        try await whileProbing {
            .granted
        } _: { fixture, transport, end in
            async let second = login(fixture, "second")
            async let third = login(fixture, "third")
            while fixture.client.traffic.waitingCount < 2 { await Task.yield() }
            #expect(transport.calls.count == 6)
            end()
            #expect(await second == .granted)
            #expect(await third == .granted)
            #expect(fixture.client.traffic.waitingCount == 0)
        }
    }

    @Test func `a login that waits for a probe passes when any other call succeeds`() async throws {
        try await whileProbing {
            .respond(503)
        } _: { fixture, _, _ in
            async let second = login(fixture, "second")
            while fixture.client.traffic.waitingCount < 1 { await Task.yield() }
            #expect(await login(fixture, uid: 1001) == .granted, "another uid is not held up")
            #expect(await second == .granted)
        }
    }

    @Test func `a login that waits for a probe is refused when that fails`() async throws {
        try await whileProbing {
            .respond(503)
        } _: { fixture, transport, end in
            async let second = login(fixture, "second")
            while fixture.client.traffic.waitingCount < 1 { await Task.yield() }
            end()
            #expect(await second == .failure(.unavailable, .notSent))
            #expect(transport.calls.count == 6)
        }
    }

    @Test(arguments: [
        (10, 5, Verdict.failure(.unavailable, .notSent)), (2, 2, .failure(.deadlineExceeded, .notSent)),
    ])
    func `a login waits for a probe until its place ends, and until its own deadline`(
        deadline: Int,
        end: Int,
        verdict: Verdict
    ) async throws {
        try await whileProbing {
            .granted
        } _: { fixture, transport, _ in
            let start = fixture.clock.now
            async let second = login(fixture, "second", within: deadline)
            while fixture.client.traffic.waitingCount < 1 { await Task.yield() }
            while await fixture.clock.nextTimerScheduled() != start + .seconds(end) {}
            fixture.clock.advance(by: .seconds(end))
            #expect(await second == verdict)
            #expect(fixture.client.traffic.waitingCount == 0)
            #expect(transport.calls.count == 6)
        }
    }

    @Test func `a login that waits for a probe can be cancelled`() async throws {
        try await whileProbing {
            .granted
        } _: { fixture, transport, _ in
            let verdict = await withTaskGroup(of: Verdict.self) { group in
                group.addTask { await login(fixture, "second") }
                while fixture.client.traffic.waitingCount < 1 { await Task.yield() }
                group.cancelAll()
                return await group.next()
            }
            #expect(verdict == .failure(.cancelled, .notSent))
            #expect(transport.calls.count == 6)
        }
    }

    @Test func `sixteen logins of a uid wait for its probe, and a further one is refused at once`() async throws {
        try await whileProbing {
            .granted
        } _: { fixture, _, end in
            let granted = await withTaskGroup(of: Verdict.self) { group in
                for number in 0..<16 { group.addTask { await login(fixture, "waits\(number)") } }
                while fixture.client.traffic.waitingCount < 16 { await Task.yield() }
                let further = await login(fixture, "further")
                #expect(further == .failure(.unavailable, .notSent))
                end()
                return await group.reduce(into: 0) { $0 += $1 == .granted ? 1 : 0 }
            }
            #expect(granted == 16)
        }
    }

    @Test(arguments: [(600, Duration.seconds(30)), (10, .seconds(10))])
    func `no exchange takes more than 30 s, whatever its caller would wait`(seconds: Int, end: Duration) async throws {
        let deadlines = Mutex<[ContinuousClock.Instant]>([])
        let transport = ScriptedTransport { _, exchange in
            deadlines.withLock { $0.append(exchange.deadline) }
            return .fail(TransportFailure(.deadline, mayHaveBeenSent: true))
        }
        try await ClientFixture.with(transport) { (fixture) async throws in
            let kind: APIFailure.Kind = seconds > 30 ? .unavailable : .deadlineExceeded
            #expect(await login(fixture, within: seconds) == .failure(kind, .unknown))
            #expect(deadlines.withLock { $0 } == [fixture.clock.now + end])
        }
    }

    @Test func `three 429s of one caller's sends stop no one's login`() async throws {
        let transport = ScriptedTransport { _, exchange in
            exchange.url.contains("password/authenticate") ? .granted : .respond(429, retryAfter: "60")
        }
        try await ClientFixture.with(transport) { (fixture) async throws in
            for user in ["a", "b", "c", "d"] { _ = await send(fixture, to: user) }
            let link = LinkSendOperation(identifierType: "email", identifier: Secret("a"), redirectURI: "https://r")
            _ = try? await fixture.client.perform(link, call: fixture.call)
            let reset = ResetSendOTPOperation<EmailResetChannel>(ResetRequest(kind: .email, identifier: Secret("a")))
            _ = try? await fixture.client.perform(reset, call: fixture.call)
            #expect(transport.calls.count == 6)
            #expect(await login(fixture, "a", uid: 1001) == .granted)
        }
    }

    @Test func `a 429 of an attempt binds that user's attempts, and no one else's`() async throws {
        let transport = ScriptedTransport { _, exchange in
            exchange.body?.contains("eve") == true ? .respond(429, retryAfter: "30") : .granted
        }
        try await ClientFixture.with(transport) { (fixture) async throws in
            #expect(await login(fixture, "eve") == .failure(.rateLimited, .refused))
            #expect(await login(fixture, "eve", uid: 1001) == .failure(.rateLimited, .notSent))
            #expect(await login(fixture, "ann") == .granted)
            fixture.clock.advance(by: .seconds(30))
            #expect(await login(fixture, "eve") == .failure(.rateLimited, .refused), "Mosaic was asked")
        }
    }

    @Test func `5xx answers count among the answers of an endpoint that limits`() async throws {
        let transport = ScriptedTransport { _, exchange in
            if exchange.body?.contains("down") == true {
                return .respond(503, #"{"error_code":"system_service_unavailable"}"#)
            }
            return exchange.body?.contains("much") == true ? .respond(429, retryAfter: "30") : .respond(200, "{}")
        }
        try await ClientFixture.with(transport) { (fixture) async throws in
            for number in 0..<11 { _ = await send(fixture, to: "down\(number)") }
            for number in 0..<11 { _ = await send(fixture, to: "much\(number)") }
            // Eleven of 22 are not over half, so nothing slows the endpoint down.
            for user in ["ada", "bob", "cyd"] { #expect(try await send(fixture, to: user).get() == "sent") }
        }
    }

    @Test func `some failures among many answers hold back nothing`() async throws {
        let transport = ScriptedTransport { number, _ in
            switch number % 100 {
            case 0, 20, 40, 60, 80: .respond(401, #"{"error_code":"auth_invalid_credentials"}"#)
            case 30, 70: .respond(429)
            case 50: .respond(503)
            default: .granted
            }
        }
        try await ClientFixture.with(transport) { (fixture) async throws in
            var verdicts: [Verdict] = []
            for number in 1...1000 { verdicts.append(await login(fixture, "user\(number)", uid: UInt32(number % 7))) }
            #expect(transport.calls.count == 1000)
            #expect(verdicts.count { $0 == .granted } == 920)
            #expect(verdicts.count { $0 == .denied } == 50)
            #expect(verdicts.count { $0 == .failure(.rateLimited, .refused) } == 20)
            #expect(verdicts.count { $0 == .failure(.unavailable, .answered) } == 10)
        }
    }

    // MARK: Uniform answers

    @Test func `a limit of one user is not told to who sends, while others get through`() async throws {
        let transport = ScriptedTransport { _, exchange in
            exchange.body?.contains("ada") == true ? .respond(429, retryAfter: "30") : .respond(200, "{}")
        }
        try await ClientFixture.with(transport) { (fixture) async throws in
            // Nothing is known of others yet: the limit may be all of the endpoint's.
            #expect(await send(fixture, to: "ada").failure?.kind == .rateLimited)
            #expect(await send(fixture, to: "bob").value == "sent")
            #expect(fixture.client.status.withheldAge == nil)
            // Refused locally.
            #expect(await send(fixture, to: "ada").value == "rate_limited")
            #expect(transport.calls.count == 2)
            fixture.clock.advance(by: .seconds(30))
            // Refused by Mosaic.
            #expect(await send(fixture, to: "ada").value == "rate_limited")
            #expect(transport.calls.count == 3)
            #expect(fixture.client.status.withheldAge == .zero)
            // Who asks for the code itself learns of the user anyway.
            #expect(await send(fixture, to: "ada", channel: .direct).failure?.kind == .rateLimited)
            // A limit that others meet as well is told.
            for user in ["ada1", "ada2", "ada3"] { _ = await send(fixture, to: user) }
            #expect(await send(fixture, to: "ada").failure?.kind == .rateLimited)
        }
    }

    @Test func `the status of an answer that is not told is noted all the same`() async throws {
        let transport = ScriptedTransport { _, exchange in
            exchange.body?.contains("ada") == true ? .respond(429, retryAfter: "30") : .respond(200, "{}")
        }
        try await ClientFixture.with(transport) { (fixture) async throws in
            #expect(await send(fixture, to: "bob").value == "sent")
            let noted = Mutex<[Int]>([])
            let call = UpstreamCall(
                deadline: fixture.clock.now + .seconds(10),
                didAnswer: { status in noted.withLock { $0.append(status) } }
            )
            let reset = ResetSendOTPOperation<EmailResetChannel>(ResetRequest(kind: .email, identifier: Secret("bob")))
            _ = try await fixture.client.perform(reset, call: call)
            let limited = ResetSendOTPOperation<EmailResetChannel>(
                ResetRequest(kind: .email, identifier: Secret("ada"))
            )
            guard case .withheld(.rateLimited) = try await fixture.client.perform(limited, call: call) else {
                Issue.record("told")
                return
            }
            #expect(noted.withLock { $0 } == [200, 429])
        }
    }
}
