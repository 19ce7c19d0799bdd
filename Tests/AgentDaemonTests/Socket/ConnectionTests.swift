import AgentProtocol
import TestSupport
import Testing

@testable import AgentDaemon

/// The rules of one connection over a real Unix socket.
@Suite(.patient) struct ConnectionTests {
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

    @Test func `a request split at every byte is answered like a whole one`() async throws {
        let line = SocketClient.line("a", "echo")
        try await SocketFixture.serving { fixture in
            for position in 0...line.utf8.count {
                try await fixture.connected { client in
                    let split = line.utf8.index(line.startIndex, offsetBy: position)
                    try await client.send(String(line[..<split]))
                    try await client.send(String(line[split...]))
                    #expect(try await client.answer() == Reply("a"))
                }
            }
        }
    }

    @Test func `a request sent byte by byte is answered`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { client in
                for byte in SocketClient.line("a", "echo") { try await client.send(String(byte)) }
                #expect(try await client.answer() == Reply("a"))
            }
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

    @Test(arguments: [
        #"{"jsonrpc":"2.0","method":"$/cancel"}"#, #"{"jsonrpc":"2.0","method":"$/cancel","params":{"id":null}}"#,
        #"{"jsonrpc":"2.0","method":"$/other","params":{}}"#, "[]", "1",
    ]) func `a malformed cancel and every other line without an id is an invalid request`(line: String) async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { client in
                try await client.send(line + "\n")
                #expect(try await client.answer() == Reply(nil, code: -32600))
                try await client.call("a", "echo")
                #expect(try await client.answer() == Reply("a"))
            }
        }
    }

    @Test func `an id in flight is refused under no id, even on a line that is bad itself, and the first goes on`()
        async throws
    {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { client in
                try await client.call("a", "hold")
                try await client.call("a", "echo")
                #expect(try await client.answer() == Reply(nil, code: -32600))
                try await client.send(#"{"jsonrpc":"1.0","id":"a","method":"echo"}"# + "\n")
                #expect(try await client.answer() == Reply(nil, code: -32600))
                fixture.dispatcher.release(#""a""#)
                #expect(try await client.answer() == Reply("a"))
            }
        }
    }

    @Test func `empty lines and a CR before the LF are no matter`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { client in
                try await client.send("\n\r\n" + SocketClient.line("a", "echo").dropLast() + "\r\n\n")
                #expect(try await client.answer() == Reply("a"))
            }
        }
    }

    @Test func `an over-long line is refused before its end; what runs is answered, nothing behind is read`()
        async throws
    {
        try await SocketFixture.serving(.setting(\.maximumLineBytes, to: 200)) { fixture in
            try await fixture.connected { client in
                try await client.call("a", "hold")
                try await client.send(String(repeating: "x", count: 202))
                #expect(try await client.answer() == Reply(nil, code: -32600))
                try? await client.send("\n" + SocketClient.line("b", "echo"))
                fixture.dispatcher.release(#""a""#)
                #expect(try await client.answer() == Reply("a"))
                // The peer may learn of the close as an end or as a reset, as it has sent what nobody read.
                let end = try? await client.answer()
                #expect(end == nil)
            }
            #expect(fixture.dispatcher.calls.count == 1)
        }
    }

    @Test func `a line that is not complete in 5 seconds ends the connection, after what runs is answered`()
        async throws
    {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { client in
                try await client.call("a", "hold")
                // In one piece, so that the answer tells that the line behind has begun, too.
                try await client.send(SocketClient.line("b", "system.echo") + "{")
                #expect(try await client.answer() == Reply("b"))
                fixture.advance(by: .seconds(5))
                #expect(try await client.answer() == Reply(nil, code: -32600))
                fixture.dispatcher.release(#""a""#)
                #expect(try await client.answer() == Reply("a"))
                #expect(try await client.line() == nil)
            }
        }
    }

    @Test func `a connection that sends no line in 30 seconds is closed without a word`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { client in
                try await client.send("\n\n")
                try await fixture.untilAccepted()
                try await fixture.barrier()
                fixture.advance(by: .seconds(30))
                // A reset, if the empty lines had not been read yet.
                let line = try? await client.line()
                #expect(line == nil)
            }
        }
    }

    @Test func `an unterminated last line is a parse error, then the connection closes`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { client in
                try await client.send(String(SocketClient.line("a", "echo").dropLast()))
                client.finish()
                #expect(try await client.answer() == Reply(nil, code: -32700))
                #expect(try await client.line() == nil)
            }
            #expect(fixture.dispatcher.calls.isEmpty)
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

    @Test func `garbage on one connection does not disturb another`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { good in
                try await good.call("a", "hold")
                try await fixture.connected { bad in
                    try await bad.send(
                        "\u{0}\u{1}}{\n[[[[[[[[[[[[[[[[[[[[[\n\"\n" + String(repeating: "y", count: 70_000)
                    )
                    for code in [-32700, -32700, -32700, -32600] {
                        #expect(try await bad.answer() == Reply(nil, code: code))
                    }
                    #expect((try? await bad.answer()) == nil)
                }
                fixture.dispatcher.release(#""a""#)
                #expect(try await good.answer() == Reply("a"))
            }
        }
    }

    @Test func `a peer that leaves more than the limit unread is cut off, its calls are audited as not delivered`()
        async throws
    {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { client in
                try await client.send((1...8).map { SocketClient.line("\($0)", "big") }.joined())
                try await fixture.dispatcher.wait { $0.count { $0.isAuditedUndelivered } >= 5 }
            }
            #expect(fixture.server.statistics.connectionsBroken == 1)
        }
    }

    @Test func `a peer that leaves an answer unread for 30 seconds is cut off`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { client in
                try await client.call("a", "big")
                try await fixture.dispatcher.wait(for: .ended(#""a""#, nil))
                try await fixture.barrier()
                fixture.advance(by: .seconds(29))
                try await fixture.barrier()
                #expect(fixture.server.statistics.connectionsBroken == 0)
                fixture.advance(by: .seconds(1))
                try await fixture.dispatcher.wait(for: .audited(#""a""#, delivered: false))
            }
        }
    }

    @Test func `a slow reader gets everything in the end`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { client in
                try await client.send((1...3).map { SocketClient.line("\($0)", "big") }.joined())
                try await fixture.dispatcher.wait { $0.count { $0.isEnded } == 3 }
                let answers = try await client.answers(3)
                #expect(Set(answers.map(\.id)) == ["1", "2", "3"])
            }
            try await fixture.dispatcher.wait { $0.count { $0.isAudited } == 3 }
            #expect(!fixture.dispatcher.events.contains { $0.isAuditedUndelivered })
        }
    }

    @Test func `unread answers of all connections of one uid together have a limit`() async throws {
        try await SocketFixture.serving(.setting(\.unreadBytesPerUser, to: 1_500_000)) { fixture in
            try await fixture.connected { first in
                try await first.call("a", "big")
                try await fixture.dispatcher.wait(for: .ended(#""a""#, nil))
                try await fixture.barrier()
                try await fixture.connected { second in
                    try await second.call("b", "big")
                    try await fixture.dispatcher.wait(for: .audited(#""b""#, delivered: false))
                }
                #expect(try await first.answer() == Reply("a"))
                #expect(fixture.server.shared.unreadBudget.holders == 0)
            }
        }
    }

    @Test func `a peer that goes with answers unread gives their place back`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { client in
                try await client.call("a", "big")
                try await fixture.dispatcher.wait(for: .ended(#""a""#, nil))
                try await fixture.barrier()
                #expect(fixture.server.shared.unreadBudget.holders == 1)
            }
            try await fixture.dispatcher.wait(for: .audited(#""a""#, delivered: false))
            try await fixture.barrier()
            #expect(fixture.server.shared.unreadBudget.holders == 0)
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

extension ScriptedDispatcher.Event {
    var isEnded: Bool { if case .ended = self { true } else { false } }
    var isAudited: Bool { if case .audited = self { true } else { false } }
    var isAuditedUndelivered: Bool { if case .audited(_, delivered: false) = self { true } else { false } }
}
