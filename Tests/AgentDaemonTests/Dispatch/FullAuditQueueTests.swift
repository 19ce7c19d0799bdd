import AgentProtocol
import MosaicAPI
import StrictJSON
import TestSupport
import Testing

@testable import AgentDaemon

/// What happens to calls when the audit queue has no place left.
@Suite(.patient) struct FullAuditQueueTests {
    @Test func `with refuse a login is turned away before it acts, and the count is recorded`() async throws {
        let service = FakeMosaicService(.answer(.granted(DispatcherTests.tokens)))
        try await DispatcherFixture.with(service, auditCapacity: 1) { fixture in
            let place = fixture.queue.reserve()
            let outcome = try await fixture.send(Line.login())
            #expect(outcome.kind == "overloaded")
            #expect(outcome.data?["outcome"]?.string == "not_sent")
            #expect(outcome.data?["retryable"]?.boolean == true)
            #expect(service.requests.isEmpty)
            #expect(outcome.records.isEmpty)
            #expect(fixture.sink.entries == [.lost(refused: 1, dropped: 0)])
            place?.submit(delivered: false)
            let later = try await fixture.send(Line.login())
            #expect(later.result?["verdict"]?.string == "granted")
            #expect(later.records.count == 1)
        }
    }

    @Test func `with refuse the agent can still be asked what is wrong`() async throws {
        try await DispatcherFixture.with(FakeMosaicService(.hang), auditCapacity: 1) { fixture in
            let place = fixture.queue.reserve()
            let ping = try await fixture.send(Line.method("system.ping"))
            #expect(ping.result != nil)
            let health = try await fixture.send(Line.method("daemon.health"), on: .control, uid: 0)
            #expect(health.result?["status"]?.string == "unhealthy")
            #expect(fixture.queue.load.dropped == 2)
            place?.submit(delivered: false)
        }
    }

    @Test func `with drop a login is served and its lost record counted`() async throws {
        let service = FakeMosaicService(.answer(.granted(DispatcherTests.tokens)))
        try await DispatcherFixture.with(service, auditCapacity: 1, overflow: .drop) { fixture in
            let place = fixture.queue.reserve()
            let outcome = try await fixture.send(Line.login())
            #expect(outcome.result?["verdict"]?.string == "granted")
            #expect(outcome.records.isEmpty)
            #expect(fixture.sink.entries == [.lost(refused: 0, dropped: 1)])
            place?.submit(delivered: false)
        }
    }
}
