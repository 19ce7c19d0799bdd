import TestSupport
import Testing

extension EndToEnd {
    /// How often a request goes out when it does not go well.
    @Suite struct UpstreamRepetitions {
        @Test func `what may have acted is not sent again, and the caller learns that nobody knows`() async throws {
            try await UpstreamTestBed.with { world in
                for call in UpstreamCase.all where !call.isRead {
                    // The request has been read whole; no byte of an answer comes.
                    world.mosaic.answer(.respond(call.status, call.answer))
                    world.mosaic.answerNext([.reset])
                    let broken = try world.agent.ask(call.method, call.params)
                    #expect(broken["error"]?["code"]?.integer == 1101, "\(call.method) \(broken)")
                    #expect(broken["error"]?["data"]?["outcome"]?.string == "unknown", "\(call.method)")
                    #expect(broken["error"]?["data"]?["retryable"]?.boolean == call.isQuestion, "\(call.method)")
                    #expect(world.mosaic.takeCalls().count == 1, "\(call.method)")
                    // The next call goes out and comes through, on a new connection.
                    let next = try world.agent.ask(call.method, call.params)
                    #expect(next["error"] == nil, "\(call.method)")
                    #expect(world.mosaic.takeCalls().count == 1, "\(call.method)")
                }
            }
        }

        @Test func `a server that is not available is asked again only with a GET`() async throws {
            try await UpstreamTestBed.with { world in
                for call in UpstreamCase.all {
                    world.mosaic.answer(.respond(call.status, call.answer))
                    world.mosaic.answerNext([.respond(503, "", headers: ["Retry-After: 0"])])
                    let answer = try world.agent.ask(call.method, call.params)
                    let requests = world.mosaic.takeCalls()
                    #expect(requests.count == (call.isRead ? 2 : 1), "\(call.method)")
                    #expect(Set(requests.map(\.line)).count == 1, "\(call.method)")
                    #expect((answer["error"]?["code"]?.integer == 1101) == !call.isRead, "\(call.method) \(answer)")
                    let next = try world.agent.ask(call.method, call.params)
                    #expect(next["error"] == nil, "\(call.method)")
                    _ = world.mosaic.takeCalls()
                }
            }
        }

        @Test func `a GET on a connection that breaks is asked again`() async throws {
            try await UpstreamTestBed.with { world in
                for call in UpstreamCase.all where call.isRead {
                    world.mosaic.answer(.respond(call.status, call.answer))
                    world.mosaic.answerNext([.reset])
                    let answer = try world.agent.ask(call.method, call.params)
                    #expect(answer["error"] == nil, "\(call.method)")
                    #expect(world.mosaic.takeCalls().count == 2, "\(call.method)")
                }
            }
        }
    }
}
