import AgentProtocol
import TestSupport
import Testing

@testable import AgentDaemon

/// The rules of one connection over a real Unix socket: what is a line, and what becomes of one that is wrong.
@Suite(.longTimeLimit) struct ConnectionLineTests {
    typealias Reply = SocketClient.Reply

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

    @Test func `a connection that sends no line in 30 seconds is told so and closed`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { client in
                try await client.send("\n\n")
                try await fixture.untilAccepted()
                try await fixture.barrier()
                fixture.advance(by: .seconds(30))
                #expect(try await client.answer() == Reply(nil, code: -32600))
                #expect(try await client.line() == nil)
            }
        }
    }

    @Test(
        arguments: [
            (String(SocketClient.line("a", "echo").dropLast()), "a"), (#"{"id":"b","method":"#, "b"),
            (#"{"id":"c"}"# + "\r", "c"), (#"{"id":"d""#, nil), (#"{"id":12"#, nil), ("x", nil),
        ] as [(String, String?)]
    )
    func `an unterminated last line is a parse error under its id, then the connection closes`(
        line: String,
        id: String?
    ) async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { client in
                try await client.send(line)
                client.finish()
                #expect(try await client.answer() == Reply(id, code: -32700))
                #expect(try await client.line() == nil)
            }
            #expect(fixture.dispatcher.calls.isEmpty)
        }
    }

    @Test func `an unterminated last line under an id in flight gets no id`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { client in
                try await client.call("a", "hold")
                try await client.send(String(SocketClient.line("a", "echo").dropLast()))
                client.finish()
                #expect(try await client.answer() == Reply(nil, code: -32700))
                fixture.dispatcher.release(#""a""#)
                #expect(try await client.answer() == Reply("a"))
                #expect(try await client.line() == nil)
            }
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
}
