import AgentProtocol
import StrictJSON
import TestSupport
import Testing

@testable import AgentDaemon
@testable import MosaicAPI

/// Calls that are cancelled, run out of time, lose their caller or meet the end of the agent.
@Suite(.longTimeLimit) struct CallEndReasonTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var ending: CallLifecycle.EndReason
        var step: FakeMosaicService.Step
        var kind: String
        var outcome: String
        var retryable: Bool

        var testDescription: String { "\(ending) while \(step): \(kind), \(outcome)" }
    }

    @Test(arguments: [
        Row(ending: .cancelled, step: .hang, kind: "cancelled", outcome: "unknown", retryable: false),
        Row(ending: .cancelled, step: .hangBeforeSending, kind: "cancelled", outcome: "not_sent", retryable: true),
        Row(ending: .deadline, step: .hang, kind: "deadline_exceeded", outcome: "unknown", retryable: false),
        Row(
            ending: .deadline,
            step: .hangBeforeSending,
            kind: "deadline_exceeded",
            outcome: "not_sent",
            retryable: true
        ),
        Row(ending: .shuttingDown, step: .hang, kind: "shutting_down", outcome: "unknown", retryable: false),
        Row(
            ending: .shuttingDown,
            step: .hangBeforeSending,
            kind: "shutting_down",
            outcome: "not_sent",
            retryable: true
        ),
        Row(ending: .peerGone, step: .hangBeforeSending, kind: "cancelled", outcome: "not_sent", retryable: true),
    ])
    func `a call ended on its way says how far it had come`(row: Row) async throws {
        let service = FakeMosaicService(row.step)
        try await DispatcherFixture.with(service) { fixture in
            let call = try fixture.call(Line.login())
            async let answer = call.control.run(on: nil) { await fixture.dispatcher.dispatch(call) }
            await service.untilHanging()
            #expect(call.control.end(row.ending))
            let outcome = try await fixture.outcome(of: await answer)
            #expect(outcome.kind == row.kind)
            #expect(outcome.data?["outcome"]?.string == row.outcome)
            #expect(outcome.data?["retryable"]?.boolean == row.retryable)
            #expect(outcome.records.count == 1)
            #expect(outcome.records.map(\.outcome) == [row.outcome])
        }
    }

    @Test(arguments: [
        (CallLifecycle.EndReason.cancelled, "cancelled"), (.deadline, "deadline_exceeded"), (.peerGone, "cancelled"),
        (.shuttingDown, "shutting_down"),
    ])
    func `a call that ended before its turn has no effect`(ending: CallLifecycle.EndReason, kind: String) async throws {
        let service = FakeMosaicService(.hang)
        try await DispatcherFixture.with(service) { fixture in
            let control = CallLifecycle()
            control.end(ending)
            let outcome = try await fixture.send(Line.login(), control: control)
            #expect(outcome.kind == kind)
            #expect(service.requests.isEmpty)
            #expect(outcome.records.count == 1)
        }
    }

    @Test(arguments: [(CallLifecycle.EndReason.cancelled, "cancelled"), (.deadline, "deadline_exceeded")])
    func `a held answer does not show that Mosaic has answered`(
        ending: CallLifecycle.EndReason,
        kind: String
    ) async throws {
        let grid = ResponseTimeQuantizer(step: .milliseconds(400), maximumJitter: .zero)
        try await DispatcherFixture.with(FakeMosaicService(.answer(.denied(.locked))), grid: grid) { fixture in
            let call = try fixture.call(Line.login())
            async let answer = call.control.run(on: nil) { await fixture.dispatcher.dispatch(call) }
            let release = await fixture.clock.nextTimerScheduled()
            #expect(release == call.arrival + .milliseconds(400))
            #expect(call.control.end(ending))
            let outcome = try await fixture.outcome(of: await answer)
            #expect(outcome.kind == kind)
            #expect(outcome.data?["outcome"]?.string == "unknown")
            #expect(outcome.data?["retryable"]?.boolean == false)
            // What was decided is on record, and that the caller was not told.
            #expect(outcome.records.map(\.event) == [.denied])
            #expect(outcome.records.map(\.reason) == ["locked"])
            #expect(outcome.records.map(\.error) == [kind])
        }
    }

    @Test func `a denied leaves on the grid, whatever the caller does at other times`() async throws {
        let grid = ResponseTimeQuantizer(step: .milliseconds(400), maximumJitter: .zero)
        try await DispatcherFixture.with(FakeMosaicService(.answer(.denied(.locked))), grid: grid) { fixture in
            let call = try fixture.call(Line.login())
            async let answer = call.control.run(on: nil) { await fixture.dispatcher.dispatch(call) }
            let release = await fixture.clock.nextTimerScheduled()
            #expect(!call.control.end(.peerGone))
            fixture.clock.advance(to: release)
            let outcome = try await fixture.outcome(of: await answer)
            #expect(outcome.result?["verdict"]?.string == "denied")
            #expect(outcome.records.map(\.event) == [.denied])
            #expect(outcome.records.map(\.error) == [nil])
            // The wait does not count as the call's duration.
            #expect(outcome.records.map(\.duration) == [.zero])
        }
    }

    @Test func `a deadline before the grid's first point learns nothing`() async throws {
        let grid = ResponseTimeQuantizer(step: .milliseconds(400), maximumJitter: .zero)
        try await DispatcherFixture.with(FakeMosaicService(.answer(.denied(.locked))), grid: grid) { fixture in
            let call = try fixture.call(Line.login(), deadline: .milliseconds(150))
            async let answer = fixture.dispatcher.dispatch(call)
            let release = await fixture.clock.nextTimerScheduled()
            #expect(release == call.arrival + .milliseconds(150))
            fixture.clock.advance(to: release)
            let outcome = try await fixture.outcome(of: await answer)
            #expect(outcome.kind == "deadline_exceeded")
            #expect(outcome.data?["outcome"]?.string == "unknown")
            #expect(outcome.records.map(\.event) == [.denied])
        }
    }

    @Test func `only denied waits for the grid`() async throws {
        let grid = ResponseTimeQuantizer(step: .milliseconds(400), maximumJitter: .zero)
        let steps: [FakeMosaicService.Step] = [
            .answer(.granted(DispatcherTests.tokens)), .answer(.passwordChangeRequired(.expired, resetToken: nil)),
            .failAfterSending(APIFailure(.unavailable, outcome: .unknown)),
        ]
        for step in steps {
            try await DispatcherFixture.with(FakeMosaicService(step), grid: grid) { fixture in
                _ = try await fixture.send(Line.login())
                #expect(fixture.clock.pendingTimers == 0)
            }
        }
    }

    @Test func `a stop does not wait for the grid`() async throws {
        let grid = ResponseTimeQuantizer(step: .milliseconds(400), maximumJitter: .zero)
        try await DispatcherFixture.with(FakeMosaicService(.answer(.denied(.locked))), grid: grid) { fixture in
            let call = try fixture.call(Line.login())
            async let answer = call.control.run(on: nil) { await fixture.dispatcher.dispatch(call) }
            _ = await fixture.clock.nextTimerScheduled()
            call.control.end(.shuttingDown)
            let outcome = try await fixture.outcome(of: await answer)
            #expect(outcome.result?["verdict"]?.string == "denied")
        }
    }
}
