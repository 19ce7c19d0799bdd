import AgentProtocol
import NIOPosix
import TestSupport
import Testing

@testable import AgentDaemon

@Suite(.longTimeLimit) struct SocketProbeTests {
    func outcome(of path: String, timeout: Duration = .seconds(10)) async throws -> SocketProbe.Outcome {
        let probe = SocketProbe(.main, at: try #require(UnixAddress(path: path)), timeout: timeout)
        return try await NIOThreadPool.singleton.runIfActive { probe.ask() }
    }

    @Test(arguments: [
        (#""result":{}"#, SocketProbe.Outcome.answered),
        (#""error":{"code":1003,"message":"busy"}"#, .answered),
    ])
    func `any answer to its call is a sign of life`(member: String, expected: SocketProbe.Outcome) async throws {
        try await FakeAgent.answering { _ in
            member
        } _: { path in
            let found = try await outcome(of: path)
            #expect(found == expected)
        }
    }

    @Test func `a connection that is turned away or closed is none`() async throws {
        try await FakeAgent.listening { connection in
            try await connection.send(#"{"jsonrpc":"2.0","id":null,"error":{"code":1003,"message":"full"}}"# + "\n")
        } _: { path in
            let found = try await outcome(of: path)
            #expect(found == .silent("the connection is refused"))
        }
        try await FakeAgent.listening { connection in
            _ = try await connection.line()
        } _: { path in
            let found = try await outcome(of: path)
            #expect(found == .silent("the connection is closed without an answer"))
        }
    }

    @Test func `nor is silence`() async throws {
        try await FakeAgent.listening { connection in
            while try await connection.line() != nil {}
        } _: { path in
            let outcome = try await outcome(of: path, timeout: .milliseconds(50))
            #expect(outcome == .silent("no answer comes: Resource temporarily unavailable"))
        }
    }

    @Test func `a socket that is not there cannot be reached`() async throws {
        let directory = try ScratchDirectory()
        #expect(try await outcome(of: directory["none"]) == .unreachable("connect: No such file or directory"))
    }
}
