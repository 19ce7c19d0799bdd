import AgentProtocol
import Secrets
import StrictJSON
import TestSupport
import Testing

@testable import AgentDaemon
@testable import MosaicAPI

/// Sends to users through the dispatcher.
@Suite(.longTimeLimit) struct SendGateTests {
    typealias Codes = SendDecision<OTPSendOperation.Receipt>

    static let sent = FakeMosaicService.Step.output(Codes.sent(.init()))

    static func code(to user: String = "ada@example.com", more: String = "") -> String {
        Line.method(
            "otp.send",
            params: #"{"channel":"email","identifier_type":"email","identifier":"\#(user)"\#(more)}"#
        )
    }

    static func keyed(_ key: String) -> String { code(more: #","meta":{"idempotency_key":"\#(key)"}"#) }

    @Test func `two messages to one user have half a minute between them, and an hour has five`() async throws {
        let service = FakeMosaicService(Self.sent)
        try await DispatcherFixture.with(service, throttle: .init()) { (fixture: DispatcherFixture) async throws in
            for number in 1...5 {
                #expect(try await fixture.send(Self.code()).result?["verdict"]?.string == "accepted")
                let refused = try await fixture.send(Self.code())
                #expect(refused.kind == "throttled" && refused.data?["outcome"]?.string == "not_sent")
                #expect(refused.records.map(\.event) == [.throttled])
                #expect(refused.records.map(\.reason) == ["sends"])
                #expect(refused.data?["retry_after_ms"]?.integer == (number < 5 ? 30_001 : 3_480_001))
                fixture.clock.advance(by: .milliseconds(30_000))
            }
            #expect(try await fixture.send(Self.code()).data?["retry_after_ms"]?.integer == 3_450_001)
            #expect(service.operations.count == 5)
            // To others, and by others, it makes no difference.
            #expect(try await fixture.send(Self.code(to: "bob@example.com")).kind == nil)
            #expect(try await fixture.send(Self.code(), uid: DispatcherFixture.detailsUID).kind == nil)
            fixture.clock.advance(by: .milliseconds(3_450_001))
            #expect(try await fixture.send(Self.code()).kind == nil)
        }
    }

    /// A message of each kind to one user.
    static let kinds: [String] = {
        let named = #""identifier_type":"email","identifier":"ada@example.com""#
        return [
            code(),
            Line.method("otp.send", params: #"{"channel":"direct",\#(named)}"#),
            Line.method("link.send", params: #"{\#(named),"redirect_uri":"https://a"}"#),
            Line.method("link.send", params: #"{"channel":"direct",\#(named),"redirect_uri":"https://a"}"#),
            Line.method("reset.send_email_otp", params: #"{"email":"ada@example.com"}"#),
            Line.method("reset.send_email_link", params: #"{"email":"ada@example.com","redirect_uri":"https://a"}"#),
            Line.method("reset.create_link", params: #"{"email":"ada@example.com","redirect_uri":"https://a"}"#),
        ]
    }()

    static let rights = ["login", "reset", "otp-direct", "link-direct", "reset-direct"]

    @Test func `each method and channel has an interval of its own`() async throws {
        let service = FakeMosaicService(.failAfterSending(APIFailure(.unavailable, outcome: .unknown)))
        try await DispatcherFixture.with(service, rights: Self.rights, throttle: ThrottleLimits(sendBudget: 100)) {
            (fixture: DispatcherFixture) async throws in
            for line in Self.kinds { #expect(try await fixture.send(line).kind != "throttled", "\(line)") }
            for line in Self.kinds { #expect(try await fixture.send(line).kind == "throttled", "\(line)") }
            // A mail is what a link is sent by unless it is said.
            let mailed = Self.kinds[2].replacing("{\"identifier_type", with: "{\"channel\":\"email\",\"identifier_type")
            #expect(mailed != Self.kinds[2])
            #expect(try await fixture.send(mailed).kind == "throttled")
        }
    }

    @Test func `all ways to have something sent share the budget of the hour, those that answer it too`() async throws {
        for line in Self.kinds {
            let service = FakeMosaicService(Self.sent)
            try await DispatcherFixture.with(service, rights: Self.rights, throttle: ThrottleLimits(sendBudget: 1)) {
                (fixture: DispatcherFixture) async throws in
                #expect(try await fixture.send(Self.code()).kind == nil)
                #expect(try await fixture.send(line).data?["retry_after_ms"]?.integer == 3_600_001, "\(line)")
                service.become(.output(SendDecision<Void>.sent(())))
                let texted = Line.method("reset.send_sms_otp", params: #"{"phone_number":"+1"}"#)
                #expect(try await fixture.send(texted).kind == nil)
                #expect(try await fixture.send(texted).kind == "throttled")
            }
        }
    }

    @Test func `spellings of one address share its budget`() async throws {
        let service = FakeMosaicService(Self.sent)
        try await DispatcherFixture.with(service, throttle: .init()) { (fixture: DispatcherFixture) async throws in
            #expect(try await fixture.send(Self.code()).kind == nil)
            for user in ["ADA@example.com", "Ada@Example.com"] {
                #expect(try await fixture.send(Self.code(to: user)).kind == "throttled")
            }
        }
    }

    @Test func `a send before the client's first token counts for the application that it tells`() async throws {
        let service = FakeMosaicService(Self.sent)
        service.know(applicationID: nil)
        try await DispatcherFixture.with(service, throttle: .init()) { (fixture: DispatcherFixture) async throws in
            #expect(try await fixture.send(Self.code()).kind == nil)
            service.know(applicationID: "app-of-token")
            #expect(try await fixture.send(Self.code()).kind == "throttled")
        }
    }

    @Test func `known and unknown users meet the same throttle`() async throws {
        var answers: [String] = []
        for decision in [Codes.sent(.init()), .withheld(.unknownUser)] {
            let service = FakeMosaicService(.output(decision))
            try await DispatcherFixture.with(service, throttle: .init()) { (fixture: DispatcherFixture) async throws in
                _ = try await fixture.send(Self.code())
                let refused = try await fixture.send(Self.code())
                let id = try #require(refused.data?["call_id"]?.string)
                answers.append(refused.line.replacing(id, with: "-"))
            }
        }
        #expect(answers[0] == answers[1] && answers[0].contains("1002"))
    }

    @Test(arguments: [
        (APIFailure(.unavailable, outcome: .notSent, transport: .connect), true),
        (APIFailure(.unavailable, outcome: .unknown, transport: .reset), false),
        (APIFailure(.rateLimited, outcome: .answered), false),
        (APIFailure(.notConfigured, outcome: .refused), true),
    ])
    func `only what the caller is told was not sent is given back`(failure: APIFailure, isGivenBack: Bool) async throws
    {
        let service = FakeMosaicService(.failAfterSending(failure))
        // The rate over all users gets it back as well: only one of them goes at once.
        let limits = ThrottleLimits(callerSendBudget: 1)
        try await DispatcherFixture.with(service, throttle: limits) { (fixture: DispatcherFixture) async throws in
            _ = try await fixture.send(Self.code())
            service.become(Self.sent)
            #expect((try await fixture.send(Self.code()).kind == nil) == isGivenBack)
        }
    }

    @Test func `a message that was accepted and went nowhere uses the budget like any other`() async throws {
        let service = FakeMosaicService(.output(Codes.withheld(.unknownUser)))
        try await DispatcherFixture.with(service, throttle: .init()) { (fixture: DispatcherFixture) async throws in
            #expect(try await fixture.send(Self.code()).result?["verdict"]?.string == "accepted")
            #expect(try await fixture.send(Self.code()).kind == "throttled")
        }
    }

    @Test func `a caller's messages to all users together have a rate`() async throws {
        let service = FakeMosaicService(Self.sent)
        let limits = ThrottleLimits(sendWindow: .seconds(3600), callerSendBudget: 2)
        try await DispatcherFixture.with(service, throttle: limits) { (fixture: DispatcherFixture) async throws in
            for user in ["a", "b"] { #expect(try await fixture.send(Self.code(to: user)).kind == nil) }
            let refused = try await fixture.send(Self.code(to: "c"))
            #expect(refused.kind == "throttled")
            #expect(refused.records.map(\.reason) == ["caller_sends"])
            #expect(try await fixture.send(Self.code(to: "c"), uid: DispatcherFixture.detailsUID).kind == nil)
            // Every half an hour there is room for another.
            fixture.clock.advance(by: .seconds(1801))
            #expect(try await fixture.send(Self.code(to: "c")).kind == nil)
            #expect(try await fixture.send(Self.code(to: "d")).kind == "throttled")
        }
    }

    @Test func `a repeat under the same key uses no budget, and a throttled send is not remembered`() async throws {
        let service = FakeMosaicService(Self.sent)
        try await DispatcherFixture.with(service, throttle: .init()) { (fixture: DispatcherFixture) async throws in
            #expect(try await fixture.send(Self.keyed("1")).kind == nil)
            for _ in 1...3 {
                let replay = try await fixture.send(Self.keyed("1"))
                #expect(replay.result?["verdict"]?.string == "accepted")
                #expect(replay.records.map(\.replay) == [true])
                #expect(replay.result?["replayed"]?.boolean == true)
            }
            #expect(try await fixture.send(Self.keyed("2")).kind == "throttled")
            fixture.clock.advance(by: .milliseconds(30_001))
            let second = try await fixture.send(Self.keyed("2"))
            #expect(second.result?["verdict"]?.string == "accepted" && second.records.map(\.replay) == [false])
            #expect(service.operations.count == 2)
            // Two sends, not five, are counted.
            let report = fixture.throttle.report(.all, limit: 8)
            #expect(report.sends.map(\.count) == [2])
        }
    }

    @Test func `who joins a send under way uses no budget`() async throws {
        let service = FakeMosaicService(.hang)
        try await DispatcherFixture.with(service, throttle: ThrottleLimits(sendInterval: .zero)) {
            (fixture: DispatcherFixture) async throws in
            let controls = [CallLifecycle(), CallLifecycle()]
            let dispatcher = fixture.dispatcher
            let calls = try controls.map { try fixture.call(Self.keyed("1"), control: $0) }
            await withDiscardingTaskGroup { group in
                group.addTask { _ = await controls[0].run(on: nil) { await dispatcher.dispatch(calls[0]) } }
                await service.untilHanging()
                group.addTask {
                    _ = await controls[1].run(on: nil) { await dispatcher.dispatch(calls[1]) }
                    controls[0].end(.deadline)
                }
                controls[1].end(.cancelled)
            }
            #expect(fixture.throttle.report(.all, limit: 8).sends.map(\.count) == [1])
        }
    }
}
