import AgentProtocol
import MosaicAPI
import StrictJSON
import TestSupport
import Testing

@testable import AgentDaemon

/// What happens to calls when the audit queue has no place left.
@Suite(.longTimeLimit) struct FullAuditQueueTests {
    @Test func `with refuse a login is turned away before it acts, and the count is recorded`() async throws {
        let service = FakeMosaicService(.answer(.granted(DispatcherTests.tokens)))
        try await DispatcherFixture.with(service, auditCapacity: 1) { fixture in
            let place = fixture.queue.reserve(for: .other)
            let outcome = try await fixture.send(Line.login())
            #expect(outcome.kind == "overloaded")
            #expect(outcome.data?["outcome"]?.string == "not_sent")
            #expect(outcome.data?["retryable"]?.boolean == true)
            #expect(service.requests.isEmpty)
            #expect(outcome.records.isEmpty)
            #expect(fixture.sink.entries == [.lost(uid: DispatcherFixture.plainUID, refused: 1, dropped: 0)])
            place?.submit(delivered: false)
            let later = try await fixture.send(Line.login())
            #expect(later.result?["verdict"]?.string == "granted")
            #expect(later.records.count == 1)
        }
    }

    @Test func `with refuse the agent can still be asked what is wrong`() async throws {
        try await DispatcherFixture.with(FakeMosaicService(.hang), auditCapacity: 1, auditLane: 1) { fixture in
            fixture.sink.fail("no space")
            let stuck = fixture.queue.reserve(for: .other)
            stuck?.fill(.sample(callID: "stuck"))
            stuck?.submit(delivered: true)
            while fixture.queue.load.failure == nil, !Task.isCancelled { await Task.yield() }
            let login = await fixture.dispatcher.dispatch(try fixture.call(Line.login()))
            #expect(String(decoding: login.line, as: UTF8.self).contains("overloaded"))
            fixture.clock.advance(by: .seconds(3))
            let ping = await fixture.dispatcher.dispatch(try fixture.call(Line.method("system.ping")))
            #expect(String(decoding: ping.line, as: UTF8.self).contains("result"))
            ping.audit?.submit(delivered: true)
            // There was no place for its record, so the call is only counted.
            #expect(fixture.queue.load.summed == 1)
            let health = await fixture.dispatcher.dispatch(
                try fixture.call(Line.method("daemon.health"), on: .control, uid: 0)
            )
            let text = String(decoding: health.line, as: UTF8.self)
            #expect(text.contains(#""status":"unhealthy""#) && text.contains("calls are refused"), "\(text)")
            fixture.sink.fail(nil)
            fixture.queue.end()
        }
    }

    @Test func `with drop a login is served and its lost record counted`() async throws {
        let service = FakeMosaicService(.answer(.granted(DispatcherTests.tokens)))
        try await DispatcherFixture.with(service, auditCapacity: 1, overflow: .drop) { fixture in
            let place = fixture.queue.reserve(for: .other)
            let outcome = try await fixture.send(Line.login())
            #expect(outcome.result?["verdict"]?.string == "granted")
            #expect(outcome.records.isEmpty)
            #expect(fixture.sink.entries == [.lost(uid: DispatcherFixture.plainUID, refused: 0, dropped: 1)])
            place?.submit(delivered: false)
        }
    }
}
