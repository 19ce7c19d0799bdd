import AgentProtocol
import Secrets
import StrictJSON
import TestSupport
import Testing

@testable import AgentDaemon
@testable import MosaicAPI

/// Sends with keys through the dispatcher.
@Suite(.longTimeLimit) struct IdempotencyCacheTests {
    typealias Decision = SendDecision<OTPSendOperation.Receipt>

    static func send(id: Int = 1, key: String = "k", extra: String = "", to user: String = "ada") -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"otp.send","params":{"channel":"email","identifier_type":"username","#
            + #""identifier":"\#(user)"\#(extra),"meta":{"idempotency_key":"\#(key)"}}}"#
    }

    static let sent = FakeMosaicService.Step.output(Decision.sent(.init(requestID: "r1")))

    @Test func `a repeat is answered from memory under its own id and audited as a replay`() async throws {
        let service = FakeMosaicService(Self.sent)
        try await DispatcherFixture.with(service) { fixture in
            let extra = #","generate_request_id":true"#
            let first = try await fixture.send(Self.send(id: 1, extra: extra))
            let second = try await fixture.send(Self.send(id: 2, extra: extra))
            #expect(first.line == #"{"jsonrpc":"2.0","id":1,"result":{"verdict":"accepted","request_id":"r1"}}"#)
            #expect(
                second.line
                    == #"{"jsonrpc":"2.0","id":2,"result":{"verdict":"accepted","request_id":"r1","replayed":true}}"#
            )
            #expect(service.operations.count == 1)
            #expect(first.records.map(\.replay) == [false])
            #expect(second.records.map(\.replay) == [true])
            // The same members in another order are the same parameters.
            let reordered = try await fixture.send(
                #"{"jsonrpc":"2.0","id":3,"method":"otp.send","params":{"meta":{"idempotency_key":"k","trace_id":"t"},"#
                    + #""generate_request_id":true,"identifier":"\u0061da","channel":"email","identifier_type":"username"}}"#
            )
            #expect(reordered.records.map(\.replay) == [true])
        }
    }

    @Test func `other parameters, another user and no key are told apart`() async throws {
        let service = FakeMosaicService(Self.sent)
        try await DispatcherFixture.with(service) { fixture in
            _ = try await fixture.send(Self.send())
            let other = try await fixture.send(Self.send(to: "bob"))
            #expect(other.kind == "invalid_params")
            #expect(other.data?["param"]?.string == "meta.idempotency_key")
            #expect(other.data?["outcome"]?.string == "not_sent")
            #expect(service.operations.count == 1)
            _ = try await fixture.send(Self.send(to: "bob"), uid: DispatcherFixture.detailsUID)
            #expect(service.operations.count == 2)
            for _ in 1...2 { _ = try await fixture.send(Self.send().replacing(#""idempotency_key":"k""#, with: "")) }
            #expect(service.operations.count == 4)
        }
    }

    @Test(
        arguments: [
            (APIFailure(.unavailable, outcome: .unknown, transport: .reset), false, true),
            (APIFailure(.unavailable, outcome: .notSent, transport: .connect), true, false),
            (APIFailure(.rateLimited, outcome: .refused, retryAfter: .seconds(1)), false, false),
            (APIFailure(.notConfigured, outcome: .refused), false, false),
            (APIFailure(.protocolViolation, outcome: .answered), false, true),
            (APIFailure(.notConfigured, outcome: .refused), false, false),
        ] as [(APIFailure, Bool, Bool)]
    )
    func `a failure is remembered only if it may have had an effect and must not be repeated`(
        failure: APIFailure,
        isNotSent: Bool,
        isRemembered: Bool
    ) async throws {
        let service = FakeMosaicService(isNotSent ? .failBeforeSending(failure) : .failAfterSending(failure))
        try await DispatcherFixture.with(service) { fixture in
            let first = try await fixture.send(Self.send())
            service.become(Self.sent)
            let second = try await fixture.send(Self.send(id: 2))
            #expect((second.kind == first.kind) == isRemembered)
            #expect((second.result == nil) == isRemembered)
            #expect(second.records.first?.replay == isRemembered)
            #expect(first.data?["replayed"] == nil)
            #expect((second.data?["replayed"]?.boolean == true) == isRemembered)
            #expect(second.result?["replayed"] == nil, "it was sent, then")
            #expect(service.operations.count == (isRemembered ? 1 : 2))
        }
    }

    @Test func `a repeat joins the send under way, and one whose own end comes says that it does not know`()
        async throws
    {
        let service = FakeMosaicService(.hang)
        try await DispatcherFixture.with(service) { fixture in
            let controls = [CallLifecycle(), CallLifecycle()]
            let dispatcher = fixture.dispatcher
            let calls = [
                try fixture.call(Self.send(id: 1), control: controls[0]),
                try fixture.call(Self.send(id: 2), control: controls[1]),
            ]
            let lines = await withTaskGroup(of: (Int, String).self, returning: [Int: String].self) { group in
                group.addTask {
                    let answer = await controls[0].run(on: nil) { await dispatcher.dispatch(calls[0]) }
                    return (1, String(decoding: answer.line, as: UTF8.self))
                }
                await service.untilHanging()
                group.addTask {
                    let answer = await controls[1].run(on: nil) { await dispatcher.dispatch(calls[1]) }
                    return (2, String(decoding: answer.line, as: UTF8.self))
                }
                controls[1].end(.cancelled)
                var lines: [Int: String] = [:]
                if let (number, line) = await group.next() { lines[number] = line }
                controls[0].end(.deadline)
                if let (number, line) = await group.next() { lines[number] = line }
                return lines
            }
            #expect(lines[2]?.contains(#""kind":"cancelled""#) == true)
            #expect(lines[1]?.contains(#""kind":"deadline_exceeded""#) == true)
            #expect(lines[1]?.contains(#""outcome":"unknown""#) == true)
            #expect(service.operations.count == 1)
            service.become(Self.sent)
            let later = try await fixture.send(Self.send(id: 3))
            #expect(later.kind == "deadline_exceeded")
            #expect(later.data?["outcome"]?.string == "unknown")
            #expect(service.operations.count == 1)
        }
    }
}
