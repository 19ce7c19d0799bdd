import AgentProtocol
import Secrets
import StrictJSON
import TestSupport
import Testing

@testable import AgentDaemon
@testable import MosaicAPI

/// Attempts on users through the dispatcher.
@Suite(.longTimeLimit) struct AttemptGateTests {
    static let denied = FakeMosaicService.Step.answer(.denied(.wrongCredentials))
    static let budget = ThrottleLimits().attemptBudget

    /// The rules of callers whose word on addresses counts, and of one whose does not.
    static let trustingUID: UInt32 = 1002
    static var trusting: AccessRule {
        AccessRule(
            name: "trusting",
            conditions: [.uid(trustingUID)],
            clients: ["default"],
            grants: AccessGrants(["login"], in: .main),
            trustsClientIP: true
        )
    }

    /// Sends `line` and says whether the throttle let it through.
    static func passes(
        _ line: String,
        _ fixture: DispatcherFixture,
        uid: UInt32 = DispatcherFixture.plainUID
    ) async throws -> Bool {
        try await fixture.send(line, uid: uid).kind != "throttled"
    }

    @Test func `guessing ends at the budget, at once and with nothing sent`() async throws {
        let service = FakeMosaicService(Self.denied)
        let grid = ResponseTimeQuantizer(step: .milliseconds(400), maximumJitter: .zero)
        try await DispatcherFixture.with(
            service,
            grid: ResponseTimeQuantizer(step: .zero, maximumJitter: .zero),
            throttle: .init()
        ) { (fixture: DispatcherFixture) async throws in
            for _ in 0..<Self.budget { #expect(try await fixture.send(Line.login()).kind == nil) }
            fixture.clock.advance(by: .seconds(60))
            let refused = try await fixture.send(Line.login())
            #expect(service.requests.count == Self.budget)
            #expect(refused.kind == "throttled")
            #expect(refused.json["error"]?["code"]?.integer == 1002)
            #expect(refused.data?["outcome"]?.string == "not_sent")
            #expect(refused.data?["retryable"]?.boolean == true)
            // The oldest failure is a minute old, and the window a quarter of an hour; never a moment too early.
            #expect(refused.data?["retry_after_ms"]?.integer == 840_001)
            let record = try #require(refused.records.first)
            #expect(record.event == .throttled && record.error == "throttled" && record.reason == "attempts")
            let target = try #require(record.target)
            #expect(target == DispatcherFixture.digest.text(kind: "username", identifier: "alice".utf8))
            // The caller was allowed to, so the record says by what rule and as which client.
            #expect(record.rule == "plain" && record.client == "default")

            fixture.clock.advance(by: .milliseconds(840_001))
            #expect(try await Self.passes(Line.login(), fixture))
        }
        // Where verdicts wait for the grid, this answer does not.
        try await DispatcherFixture.with(service, grid: grid, throttle: ThrottleLimits(attemptBudget: 1)) {
            (fixture: DispatcherFixture) async throws in
            let client = ThrottleTarget(
                application: "app-of-token",
                digest: DispatcherFixture.digest.value(of: Target(kind: .username, identifier: "alice"))
            )
            let caller = ThrottleCaller(uid: DispatcherFixture.plainUID)
            fixture.throttle.release(try fixture.throttle.beginAttempt(at: client, by: caller), at: client, .failed)
            #expect(try await fixture.send(Line.login()).kind == "throttled")
            #expect(fixture.clock.pendingTimers == 0)
        }
    }

    @Test func `a denied attempt that was repeated counts two, a granted one none`() async throws {
        let service = FakeMosaicService(.answerTheRepeat(.denied(.wrongCredentials)))
        try await DispatcherFixture.with(service, throttle: ThrottleLimits(attemptBudget: 4)) {
            (fixture: DispatcherFixture) async throws in
            #expect(try await Self.passes(Line.login(), fixture))
            service.become(.answerTheRepeat(.granted(DispatcherTests.tokens)))
            #expect(try await Self.passes(Line.login(), fixture))
            service.become(.answerTheRepeat(.denied(.wrongCredentials)))
            for _ in 1...2 { #expect(try await Self.passes(Line.login(), fixture)) }
            #expect(!(try await Self.passes(Line.login(), fixture)))
            #expect(service.requests.count == 4)
        }
    }

    @Test func `all methods that check something of a user share the budget, and no other does`() async throws {
        let service = FakeMosaicService(Self.denied)
        try await DispatcherFixture.with(service, throttle: ThrottleLimits(attemptBudget: 1)) {
            (fixture: DispatcherFixture) async throws in
            _ = try await fixture.send(Line.login(username: "ada@example.com", extra: #","username_type":"email""#))
            let lines = [
                Line.login(username: "ada@example.com", extra: #","username_type":"email""#),
                Line.method(
                    "password.login",
                    params: #"{"email":"ada@example.com","password":"p","redirect_uri":"https://app/cb"}"#
                ),
                Line.method(
                    "otp.authenticate",
                    params: #"{"identifier_type":"email","identifier":"ada@example.com","passcode":"1"}"#
                ),
                Line.method("reset.verify_email_otp", params: #"{"email":"ada@example.com","passcode":"1"}"#),
                Line.method("reset.verify_password", params: #"{"email":"ada@example.com","password":"p"}"#),
                Line.method("password.check", params: #"{"email":"ada@example.com","password":"p"}"#),
            ]
            for line in lines { #expect(!(try await Self.passes(line, fixture)), "\(line)") }
            service.become(.output(AuthenticationDecision.denied(.expired)))
            for _ in 1...3 {
                #expect(try await Self.passes(Line.method("link.authenticate", params: #"{"code":"c"}"#), fixture))
            }
            service.become(.output(ResetDecision.denied(.wrongCredentials)))
            let texted = Line.method("reset.verify_sms_otp", params: #"{"phone_number":"+1","passcode":"1"}"#)
            #expect(try await Self.passes(texted, fixture))
            #expect(!(try await Self.passes(texted, fixture)))
            // Another kind of identifier is another user, as far as can be known here.
            service.become(Self.denied)
            #expect(try await Self.passes(Line.login(username: "ada@example.com"), fixture))
        }
    }

    @Test func `the right password forgives the caller's own failures, and nobody else's`() async throws {
        let grants: [FakeMosaicService.Step] = [
            .answer(.granted(DispatcherTests.tokens)), .answer(.passwordChangeRequired(.expired, resetToken: nil)),
        ]
        for grant in grants {
            let service = FakeMosaicService(Self.denied)
            try await DispatcherFixture.with(service, throttle: ThrottleLimits(attemptBudget: 3)) {
                (fixture: DispatcherFixture) async throws in
                let other = DispatcherFixture.detailsUID
                _ = try await fixture.send(Line.login(), uid: other)
                _ = try await fixture.send(Line.login())
                service.become(grant)
                #expect(try await Self.passes(Line.login(), fixture))
                service.become(Self.denied)
                // One failure of the other is left: two more, and the budget is used up for both.
                for _ in 1...2 { #expect(try await Self.passes(Line.login(), fixture)) }
                #expect(!(try await Self.passes(Line.login(), fixture)))
                #expect(!(try await Self.passes(Line.login(), fixture, uid: other)))
            }
        }
    }

    @Test func `a password that is right in the browser forgives too`() async throws {
        let line = Line.method(
            "password.login",
            params: #"{"username":"alice","password":"p","redirect_uri":"https://app/cb"}"#
        )
        let service = FakeMosaicService(Self.denied)
        try await DispatcherFixture.with(service, throttle: ThrottleLimits(attemptBudget: 2)) {
            (fixture: DispatcherFixture) async throws in
            _ = try await fixture.send(Line.login())
            service.become(.output(BrowserPasswordDecision.continue(url: Secret(copying: "https://m/go".utf8))))
            #expect(try await fixture.send(line).result?["verdict"]?.string == "continue")
            service.become(Self.denied)
            for _ in 1...2 { #expect(try await Self.passes(Line.login(), fixture)) }
            #expect(!(try await Self.passes(Line.login(), fixture)))
        }
    }

    @Test(arguments: [
        APIFailure(.unavailable, outcome: .unknown, transport: .reset),
        APIFailure(.unavailable, outcome: .notSent, transport: .connect),
        APIFailure(.rateLimited, outcome: .refused),
        APIFailure(.protocolViolation, outcome: .answered),
        APIFailure(.deadlineExceeded, outcome: .unknown, transport: .deadline),
        APIFailure(.notFound, outcome: .refused),
    ])
    func `an outage throttles nobody`(failure: APIFailure) async throws {
        let service = FakeMosaicService(.failAfterSending(failure))
        try await DispatcherFixture.with(service, throttle: ThrottleLimits(attemptBudget: 1)) {
            (fixture: DispatcherFixture) async throws in
            for _ in 1...3 { #expect(try await Self.passes(Line.login(), fixture)) }
            // Not even those who ask for more time than usual.
            let patient = Line.login(extra: #","meta":{"deadline_ms":10000}"#)
            for _ in 1...2 { #expect(try await Self.passes(patient, fixture)) }
        }
    }

    struct EndedCase: Sendable, CustomTestStringConvertible {
        var ending: CallLifecycle.EndReason
        var step: FakeMosaicService.Step
        var meta = ""
        var counts: Bool

        var testDescription: String { "\(ending) \(step) \(meta): \(counts ? "counts" : "does not count")" }
    }

    @Test(arguments: [
        EndedCase(ending: .cancelled, step: .hang, counts: true),
        EndedCase(ending: .cancelled, step: .hangBeforeSending, counts: false),
        EndedCase(ending: .deadline, step: .hang, meta: #","meta":{"deadline_ms":9999}"#, counts: true),
        EndedCase(ending: .deadline, step: .hangBeforeSending, meta: #","meta":{"deadline_ms":9999}"#, counts: false),
        EndedCase(ending: .deadline, step: .hang, counts: false),
        EndedCase(ending: .deadline, step: .hang, meta: #","meta":{"deadline_ms":20000}"#, counts: false),
        EndedCase(ending: .shuttingDown, step: .hang, counts: false),
        EndedCase(ending: .peerGone, step: .hangBeforeSending, counts: false),
    ])
    func `a call that its caller ends counts once it has been sent`(row: EndedCase) async throws {
        let service = FakeMosaicService(row.step)
        try await DispatcherFixture.with(service, throttle: ThrottleLimits(attemptBudget: 1)) {
            (fixture: DispatcherFixture) async throws in
            let call = try fixture.call(Line.login(extra: row.meta))
            async let answer = call.control.run(on: nil) { await fixture.dispatcher.dispatch(call) }
            await service.untilHanging()
            #expect(call.control.end(row.ending))
            _ = try await fixture.outcome(of: await answer)
            service.become(Self.denied)
            #expect(try await Self.passes(Line.login(), fixture) != row.counts)
        }
    }

    @Test func `an own short deadline that Mosaic's answer misses counts, too`() async throws {
        let failure = APIFailure(.deadlineExceeded, outcome: .unknown, transport: .deadline)
        let service = FakeMosaicService(.failAfterSending(failure))
        try await DispatcherFixture.with(service, throttle: ThrottleLimits(attemptBudget: 1)) {
            (fixture: DispatcherFixture) async throws in
            let hasty = Line.login(extra: #","meta":{"deadline_ms":200}"#)
            #expect(try await Self.passes(hasty, fixture))
            #expect(!(try await Self.passes(hasty, fixture)))
        }
    }

    @Test func `an attempt that may have no room waits for the caller's own, and for nobody else's`() async throws {
        let service = FakeMosaicService(Self.denied)
        try await DispatcherFixture.with(service, throttle: ThrottleLimits(attemptBudget: 2)) {
            (fixture: DispatcherFixture) async throws in
            _ = try await fixture.send(Line.login())
            service.become(.hang)
            let call = try fixture.call(Line.login())
            async let first = call.control.run(on: nil) { await fixture.dispatcher.dispatch(call) }
            await service.untilHanging()
            service.become(Self.denied)
            let second = try fixture.call(Line.login(id: 2))
            async let answer = second.control.run(on: nil) { await fixture.dispatcher.dispatch(second) }
            await fixture.untilWaiting(1)
            #expect(service.requests.count == 2)
            // Who has not failed there is let through all the same.
            #expect(try await Self.passes(Line.login(), fixture, uid: DispatcherFixture.detailsUID))
            call.control.end(.shuttingDown)
            _ = try await fixture.outcome(of: await first)
            // With that of the other, the budget is used up now.
            let refused = try await fixture.outcome(of: await answer)
            #expect(refused.kind == "throttled" && refused.records.map(\.reason) == ["attempts"])
            #expect(service.requests.count == 3)
        }
    }

    @Test func `eight right logins of one user at once all pass`() async throws {
        let service = FakeMosaicService(.answer(.granted(DispatcherTests.tokens)))
        try await DispatcherFixture.with(service, throttle: .init()) { (fixture: DispatcherFixture) async throws in
            let verdicts = try await withThrowingTaskGroup(of: String?.self) { group in
                for id in 1...8 {
                    group.addTask { try await fixture.send(Line.login(id: id)).result?["verdict"]?.string }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(verdicts == Array(repeating: "granted", count: 8))
            #expect(service.requests.count == 8)
            #expect(fixture.throttle.totals.refused.isEmpty && fixture.throttle.totals.attemptsInFlight == 0)
        }
    }

    @Test func `what an attempt changes is seen when its answer is released, and not before`() async throws {
        let service = FakeMosaicService(Self.denied)
        let grid = ResponseTimeQuantizer(step: .milliseconds(400), maximumJitter: .zero)
        try await DispatcherFixture.with(service, grid: grid, throttle: ThrottleLimits(attemptBudget: 1)) {
            (fixture: DispatcherFixture) async throws in
            let calls = try (1...2).map { try fixture.call(Line.login(id: $0)) }
            async let first = calls[0].control.run(on: nil) { await fixture.dispatcher.dispatch(calls[0]) }
            _ = await fixture.clock.nextTimerScheduled()
            // Mosaic has decided, and neither a call nor root can see what.
            let report = fixture.throttle.report(.all, limit: 1).attempts
            #expect(report.map(\.failures) == [0] && report.map(\.inFlight) == [1])
            async let second = calls[1].control.run(on: nil) { await fixture.dispatcher.dispatch(calls[1]) }
            await fixture.untilWaiting(1)
            fixture.clock.advance(by: .milliseconds(400))
            #expect(try await fixture.outcome(of: await first).result?["verdict"]?.string == "denied")
            // It is refused at once then, not on the grid.
            #expect(try await fixture.outcome(of: await second).kind == "throttled")
            #expect(service.requests.count == 1)
        }
    }

    @Test(arguments: [
        (CallLifecycle.EndReason.cancelled, "cancelled"), (.deadline, "deadline_exceeded"), (.peerGone, "cancelled"),
        (.shuttingDown, "shutting_down"),
    ])
    func `a call that ends while it waits was not sent, and leaves the queue`(
        ending: CallLifecycle.EndReason,
        kind: String
    ) async throws {
        let service = FakeMosaicService(.hang)
        try await DispatcherFixture.with(service, throttle: ThrottleLimits(attemptBudget: 1)) {
            (fixture: DispatcherFixture) async throws in
            let calls = try (1...3).map { try fixture.call(Line.login(id: $0)) }
            async let first = calls[0].control.run(on: nil) { await fixture.dispatcher.dispatch(calls[0]) }
            await service.untilHanging()
            service.become(.answer(.granted(DispatcherTests.tokens)))
            async let second = calls[1].control.run(on: nil) { await fixture.dispatcher.dispatch(calls[1]) }
            await fixture.untilWaiting(1)
            async let third = calls[2].control.run(on: nil) { await fixture.dispatcher.dispatch(calls[2]) }
            await fixture.untilWaiting(2)
            #expect(calls[1].control.end(ending))
            let ended = try await fixture.outcome(of: await second)
            #expect(ended.kind == kind && ended.data?["outcome"]?.string == "not_sent")
            #expect(fixture.throttle.totals.attemptsWaiting == 1)
            calls[0].control.end(.shuttingDown)
            _ = try await fixture.outcome(of: await first)
            #expect(try await fixture.outcome(of: await third).result?["verdict"]?.string == "granted")
            #expect(service.requests.count == 2)
        }
    }

    @Test func `more than sixteen that wait are refused at once, and told that earlier ones are under way`()
        async throws
    {
        let service = FakeMosaicService(.hang)
        try await DispatcherFixture.with(service, throttle: ThrottleLimits(attemptBudget: 1)) {
            (fixture: DispatcherFixture) async throws in
            let calls = try (1...17).map { try fixture.call(Line.login(id: $0)) }
            try await withThrowingDiscardingTaskGroup { group in
                for call in calls {
                    group.addTask { _ = await call.control.run(on: nil) { await fixture.dispatcher.dispatch(call) } }
                }
                await fixture.untilWaiting(16)
                let refused = try await fixture.send(Line.login())
                #expect(refused.kind == "throttled" && refused.data?["retry_after_ms"]?.integer == 1_001)
                #expect(refused.records.map(\.reason) == ["in_flight"])
                for call in calls { call.control.end(.shuttingDown) }
            }
            #expect(service.requests.count == 1 && fixture.throttle.totals.attemptsInFlight == 0)
        }
    }

    @Test func `sixteen answers that may have been decisions hold the caller, though no token came to ask again with`()
        async throws
    {
        let failure = APIFailure(.unavailable, outcome: .refused)
        let service = FakeMosaicService(.failAfterOpenAnswer(failure))
        try await DispatcherFixture.with(service, throttle: .init()) { (fixture: DispatcherFixture) async throws in
            for _ in 1...16 { #expect(try await fixture.send(Line.login()).kind == "upstream_unavailable") }
            let held = try await fixture.send(Line.login())
            #expect(held.kind == "throttled" && held.records.map(\.reason) == ["undecided"])
            #expect(service.requests.count == 16)
        }
    }

    struct Rejection: Sendable, CustomTestStringConvertible {
        let failure: APIFailure
        let status: Int
        let holds: Bool

        var testDescription: String { "\(failure.kind) \(status)" }
    }

    @Test(arguments: [
        Rejection(failure: APIFailure(.protocolViolation, outcome: .answered), status: 400, holds: true),
        Rejection(failure: APIFailure(.forbidden, outcome: .answered), status: 403, holds: true),
        Rejection(failure: APIFailure(.notConfigured, outcome: .refused), status: 404, holds: true),
        Rejection(failure: APIFailure(.protocolViolation, outcome: .answered), status: 200, holds: false),
        Rejection(failure: APIFailure(.unavailable, outcome: .answered), status: 503, holds: false),
        // Neither says anything of the user: Mosaic wants less, or another token.
        Rejection(failure: APIFailure(.rateLimited, outcome: .answered), status: 429, holds: false),
        Rejection(failure: APIFailure(.unavailable, outcome: .refused), status: 401, holds: false),
        Rejection(failure: APIFailure(.credentialRejected, outcome: .answered), status: 401, holds: false),
    ])
    func `sixteen refusals that decide nothing hold the caller up at that user`(row: Rejection) async throws {
        let service = FakeMosaicService(.refuse(row.failure, status: row.status))
        try await DispatcherFixture.with(service, throttle: .init()) { (fixture: DispatcherFixture) async throws in
            for _ in 1...16 { #expect(try await Self.passes(Line.login(), fixture)) }
            let last = try await fixture.send(Line.login())
            #expect((last.kind == "throttled") == row.holds)
            #expect((last.records.map(\.reason) == ["undecided"]) == row.holds)
            #expect(try await Self.passes(Line.login(username: "bob"), fixture))
            #expect(fixture.throttle.totals.failures.count == 0)
            if row.holds {
                let alice = #"{"kind":"username","value":"Alice"}"#
                let list = try await fixture.send(Line.method("throttle.list", params: alice), on: .control, uid: 0)
                #expect(list.result?["attempts"]?[0]?["undecided"]?.integer == 16)
                #expect(try await Self.passes(Line.login(), fixture, uid: DispatcherFixture.detailsUID))
                let cleared = try await fixture.send(Line.method("throttle.clear", params: alice), on: .control, uid: 0)
                #expect(cleared.result?["failures"]?.integer == 17)
                #expect(try await Self.passes(Line.login(), fixture))
            }
        }
    }

    @Test func `spellings of one name share its budget, and Mosaic gets each as it was sent`() async throws {
        let spellings: [(type: String, names: [String], other: String)] = [
            ("email", ["alice@example.com", "Alice@Example.COM", "ALICE@EXAMPLE.COM"], "\u{e5}lice@example.com"),
            ("username", ["zo\u{eb}", "ZO\u{eb}", "Zo\u{eb}"], "ZO\u{cb}"),
            ("phone_number", ["+15550100", "+1 (555) 01-00", "1.555.01.00"], "+15550101"),
        ]
        for (type, names, other) in spellings {
            let service = FakeMosaicService(Self.denied)
            try await DispatcherFixture.with(service, throttle: ThrottleLimits(attemptBudget: 2)) {
                (fixture: DispatcherFixture) async throws in
                func login(_ name: String) -> String {
                    Line.login(username: name, extra: #","username_type":"\#(type)""#)
                }
                for name in names.prefix(2) { #expect(try await Self.passes(login(name), fixture), "\(name)") }
                let refused = try await fixture.send(login(names[2]))
                #expect(refused.kind == "throttled")
                #expect(try await Self.passes(login(other), fixture), "\(other)")
                let first = DispatcherFixture.digest.text(kind: type, identifier: names[0].utf8)
                #expect(refused.records.map(\.target) == [first], "the trail ties them together, too")
                let sent = service.requests.map { request in
                    request.username.withBytes { bytes in bytes.indices.map { bytes[$0] } }
                }
                #expect(sent == [names[0], names[1], other].map { Array($0.utf8) })
            }
        }
    }

    @Test func `what is told about passwords in use counts whatever it says, and where nobody is named never`()
        async throws
    {
        let steps: [FakeMosaicService.Step] = [
            .output(PasswordAssessment(isValid: true)), .output(PasswordAssessment(isValid: false)),
            .failAfterSending(APIFailure(.notFound, outcome: .refused)),
        ]
        for step in steps {
            let service = FakeMosaicService(step)
            try await DispatcherFixture.with(service, throttle: ThrottleLimits(attemptBudget: 1)) {
                (fixture: DispatcherFixture) async throws in
                let about = Line.method("password.check", params: #"{"username":"alice","password":"p"}"#)
                let anybody = Line.method("password.check", params: #"{"password":"p"}"#)
                for _ in 1...2 { #expect(try await Self.passes(anybody, fixture)) }
                #expect(try await Self.passes(about, fixture))
                #expect(!(try await Self.passes(about, fixture)))
                #expect(try await Self.passes(anybody, fixture))
                #expect(!(try await Self.passes(Line.login(), fixture)))
            }
        }
    }

    @Test func `known and unknown users meet the same throttle`() async throws {
        var answers: [String] = []
        for reason in [DenialReason.wrongCredentials, .unknownUser, .locked] {
            let service = FakeMosaicService(.answer(.denied(reason)))
            try await DispatcherFixture.with(service, throttle: .init()) { (fixture: DispatcherFixture) async throws in
                for _ in 0..<Self.budget { _ = try await fixture.send(Line.login()) }
                let refused = try await fixture.send(Line.login())
                let id = try #require(refused.data?["call_id"]?.string)
                answers.append(refused.line.replacing(id, with: "-"))
            }
        }
        #expect(Set(answers).count == 1 && answers[0].contains("1002"))
    }
}
