import AgentProtocol
import TestSupport
import Testing

@testable import AgentDaemon

/// The rules of one connection over a real Unix socket: its calls, from their arrival to their answers.
@Suite(.longTimeLimit) struct ConnectionTests {
    typealias Reply = SocketClient.Reply

    @Test func `a call gets its answer, and its audit record says that it was delivered`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { client in
                try await client.call("a", "echo")
                #expect(try await client.line() == #"{"jsonrpc":"2.0","id":"a","result":"xxxx"}"#)
            }
            try await fixture.dispatcher.wait(for: .audited(#""a""#, delivered: true))
            let call = try #require(fixture.dispatcher.calls.first)
            #expect(call.socket == .main)
            #expect(call.deadline == call.arrival + .seconds(10))
            #expect(call.caller.uid == geteuidForTests())
        }
    }

    @Test func `the deadline of a call comes from its meta`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { client in
                try await client.call("a", "echo", params: #"{"meta":{"deadline_ms":250}}"#)
                _ = try await client.line()
            }
            let call = try #require(fixture.dispatcher.calls.first)
            #expect(call.deadline == call.arrival + .milliseconds(250))
        }
    }

    @Test func `a hundred pipelined requests are answered exactly once each`() async throws {
        try await SocketFixture.serving { fixture in
            let ids = (1...100).map { "\($0)" }
            try await fixture.connected { client in
                try await client.send(ids.map { SocketClient.line($0, "echo") }.joined())
                client.finish()
                var answered: [String?] = []
                while let answer = try await client.answer() { answered.append(answer.id) }
                #expect(answered.count == 100)
                #expect(Set(answered) == Set(ids))
            }
            #expect(fixture.dispatcher.calls.count == 100)
        }
    }

    @Test func `the 65th call waits unread while pings, cancels and errors behind the 64th are served`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { client in
                for id in 1...64 { try await client.call("\(id)", "hold") }
                try await client.call("ping", "system.echo")
                #expect(try await client.answer() == Reply("ping"))
                try await client.send("garbage\n")
                #expect(try await client.answer() == Reply(nil, code: -32700))
                try await client.call("40", "echo")
                #expect(try await client.answer() == Reply(nil, code: -32600))
                try await client.cancel("64")
                #expect(try await client.answer() == Reply("64", code: -32800, outcome: "not_sent"))
                // Now 63 are there; two more fill the queue and stop the reading.
                try await client.call("65", "hold")
                try await client.call("66", "hold")
                try await client.call("late", "system.echo")
                #expect(fixture.dispatcher.calls.count == 32 + 2)
                fixture.dispatcher.release(#""1""#)
                #expect(try await client.answers(2).map(\.id) == ["1", "late"])
            }
        }
    }

    @Test func `a parked call is answered at its deadline, a running one is told of it`() async throws {
        try await SocketFixture.serving(.setting(\.limits.callsInFlight, to: 1)) { fixture in
            try await fixture.connected { client in
                try await client.call("a", "send", params: #"{"meta":{"deadline_ms":2000}}"#)
                try await client.call("b", "hold", params: #"{"meta":{"deadline_ms":1000}}"#)
                try await client.call("c", "system.echo")
                #expect(try await client.answer() == Reply("c"))
                fixture.advance(by: .seconds(1))
                #expect(try await client.answer() == Reply("b", code: 1004, outcome: "not_sent"))
                fixture.advance(by: .seconds(1))
                #expect(try await client.answer() == Reply("a", code: 1004, outcome: "unknown"))
            }
        }
    }

    @Test func `a cancelled call says whether it was sent; cancels of unknown calls are ignored`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { client in
                try await client.call("held", "hold")
                try await client.call("sent", "send")
                try await fixture.dispatcher.wait(for: .began(#""sent""#))
                try await client.cancel("nobody")
                try await client.cancel("held")
                #expect(try await client.answer() == Reply("held", code: -32800, outcome: "not_sent"))
                try await client.cancel("sent")
                #expect(try await client.answer() == Reply("sent", code: -32800, outcome: "unknown"))
                try await client.cancel("sent")
                try await client.call("next", "echo")
                #expect(try await client.answer() == Reply("next"))
            }
        }
    }

    @Test func `after the end of the peer's sending everything in flight is answered, parked calls too`() async throws {
        try await SocketFixture.serving(.setting(\.limits.callsInFlight, to: 1)) { fixture in
            try await fixture.connected { client in
                for id in ["a", "b", "c"] { try await client.call(id, "hold") }
                client.finish()
                for id in ["a", "b", "c"] {
                    fixture.dispatcher.release(#""\#(id)""#)
                    #expect(try await client.answer() == Reply(id))
                }
                #expect(try await client.line() == nil)
            }
        }
    }

    @Test func `when the peer goes, unsent calls are dropped, sent ones end, all are audited as not delivered`()
        async throws
    {
        try await SocketFixture.serving(.setting(\.limits.callsInFlight, to: 2)) { fixture in
            try await fixture.connected { client in
                for (id, method) in [("held", "hold"), ("sent", "send"), ("parked", "hold")] {
                    try await client.call(id, method)
                }
                try await client.call("ping", "system.echo")
                _ = try await client.line()
            }
            try await fixture.dispatcher.wait(for: .audited(#""held""#, delivered: false))
            try await fixture.dispatcher.wait(for: .audited(#""parked""#, delivered: false))
            #expect(!fixture.dispatcher.events.contains(.audited(#""sent""#, delivered: false)))
            fixture.dispatcher.release(#""sent""#)
            try await fixture.dispatcher.wait(for: .audited(#""sent""#, delivered: false))
            #expect(fixture.dispatcher.events.contains(.ended(#""held""#, .peerGone)))
            #expect(fixture.dispatcher.events.contains(.ended(#""parked""#, .peerGone)))
            #expect(fixture.dispatcher.events.contains(.ended(#""sent""#, nil)))
            #expect(fixture.server.statistics.answersUndelivered == 3)
            #expect(fixture.server.statistics.callsInFlight == 0)
        }
    }

    @Test func `calls behind the 65th are answered too when the peer has ended its sending`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { client in
                let ids = (1...200).map { "\($0)" }
                try await client.send(ids.map { SocketClient.line($0, "hold") }.joined())
                client.finish()
                try await fixture.dispatcher.wait { $0.count == 32 }
                for id in ids { fixture.dispatcher.release("\"\(id)\"") }
                var answered: [String?] = []
                while let answer = try await client.answer() { answered.append(answer.id) }
                #expect(answered.count == 200)
                #expect(Set(answered) == Set(ids))
            }
        }
    }
}
