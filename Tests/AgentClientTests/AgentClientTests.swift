import AgentProtocol
import Secrets
import StrictJSON
import Synchronization
import TestSupport
import Testing

@testable import AgentClient

/// The client against a scripted server on a real socket.
@Suite(.longTimeLimit) struct AgentClientTests {
    private static let login = PasswordAuthenticate.Parameters(
        username: "alice",
        password: Secret(copying: "correct horse".utf8)
    )

    private static let error =
        #""error":{"code":1101,"message":"down","data":{"kind":"upstream_unavailable","outcome":"unknown"}}"#

    /// The error that `body` throws.
    private func failure(_ body: () async throws -> Void) async throws -> AgentError {
        do {
            try await body()
        } catch let error as AgentError {
            return error
        }
        return try #require(nil, "nothing was thrown")
    }

    @Test func `a typed call sends its parameters and reads its result`() async throws {
        let request = Mutex("")
        let result = try await FakeAgent.answering {
            let text = $0.rawText.description
            request.withLock { $0 = text }
            return #""result":{"verdict":"denied","reason":"wrong","added_later":[1]}"#
        } _: { path in
            try await AgentClient.withConnection(path: path) { client in
                try await client.call(
                    PasswordAuthenticate.self,
                    Self.login,
                    metadata: CallMetadata(deadlineMilliseconds: 300_000, client: "shop")
                )
            }
        }
        #expect(result.verdict == .denied)
        #expect(
            request.withLock { $0 } == #"{"jsonrpc":"2.0","id":1,"method":"password.authenticate","params":"#
                + #"{"username":"alice","password":"correct horse","meta":{"deadline_ms":300000,"client":"shop"}}}"#
        )
    }

    @Test func `sixty-four concurrent calls get their own answers although they come in reverse`() async throws {
        let sums = try await FakeAgent.listening { connection in
            var requests: [JSONValue] = []
            while requests.count < 64, let request = try await connection.request() { requests.append(request) }
            for request in requests.reversed() {
                try await connection.answer(request, #""result":\#(request["params"]?.rawText.description ?? "0")"#)
            }
            _ = try await connection.line()
        } _: { path in
            try await AgentClient.withConnection(path: path) { client in
                try await withThrowingTaskGroup(of: (Int64, Int64?).self) { group in
                    for number in Int64(0)..<64 {
                        group.addTask {
                            let params = JSONText { writer in
                                writer.beginObject()
                                writer.member("n", number)
                                writer.endObject()
                            }
                            let result = try await client.call(method: "test.echo", paramsJSON: params)
                            return (number, result.value["n"]?.integer)
                        }
                    }
                    var matching = 0
                    for try await (sent, received) in group where sent == received { matching += 1 }
                    return matching
                }
            }
        }
        #expect(sums == 64)
    }

    @Test func `an error of the agent keeps its code, kind and data`() async throws {
        let error = try await failure {
            try await FakeAgent.answering { _ in
                Self.error
            } _: { path in
                _ = try await AgentClient.withConnection(path: path) { client in
                    try await client.call(PasswordAuthenticate.self, Self.login)
                }
            }
        }
        #expect(error.code == .refused && error.outcome == .unknown)
        #expect(error.refusal?.code == 1101 && error.refusal?.kind == .upstreamUnavailable)
        #expect(error.description == "upstream_unavailable: down (outcome unknown)")
    }

    @Test(arguments: [true, false])
    func `a connection that ends in the middle of a call leaves its effect unknown`(inMiddleOfLine: Bool) async throws {
        let error = try await failure {
            try await FakeAgent.listening { connection in
                _ = try await connection.request()
                if inMiddleOfLine { try await connection.send(#"{"jsonrpc":"2.0","id":1,"result":{"verdict":"gra"#) }
            } _: { path in
                _ = try await AgentClient.withConnection(path: path) { client in
                    try await client.call(PasswordAuthenticate.self, Self.login)
                }
            }
        }
        #expect(error.code == .closed && error.outcome == .unknown)
    }

    @Test func `a ping that is not answered cannot have had an effect`() async throws {
        let error = try await failure {
            try await FakeAgent.listening { connection in
                _ = try await connection.request()
            } _: { path in
                _ = try await AgentClient.withConnection(path: path) { client in try await client.call(SystemPing.self)
                }
            }
        }
        #expect(error.code == .closed && error.outcome == .notSent)
    }

    @Test(arguments: [
        "garbage", "[]", "17", "{}", #"{"jsonrpc":"2.0"}"#, #"{"jsonrpc":"1.0","id":1,"result":{}}"#,
        #"{"jsonrpc":"2.0","id":1}"#, #"{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}"#,
        #"{"jsonrpc":"2.0","id":1.5,"result":{}}"#, #"{"jsonrpc":"2.0","id":null,"result":{}}"#,
        #"{"jsonrpc":"2.0","id":2,"result":{}}"#, #"{"jsonrpc":"2.0","id":"1","result":{}}"#,
        #"{"jsonrpc":"2.0","id":1,"error":{}}"#, #"{"jsonrpc":"2.0","id":1,"result":{"a":1,"a":2}}"#,
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"\u{1}\"}",
        String(repeating: "[", count: 100) + String(repeating: "]", count: 100),
    ])
    func `what is no answer closes the connection with an error`(line: String) async throws {
        let error = try await failure {
            try await FakeAgent.listening { connection in
                _ = try await connection.request()
                try await connection.send(line + "\n")
                // The client must close by itself: the script waits for that.
                _ = try await connection.line()
            } _: { path in
                _ = try await AgentClient.withConnection(path: path) { client in
                    try await client.call(PasswordAuthenticate.self, Self.login)
                }
            }
        }
        #expect(error.code == .protocolViolation && error.outcome == .unknown)
    }

    @Test func `a result that is not one of the method is an error`() async throws {
        let error = try await failure {
            try await FakeAgent.answering { _ in
                #""result":{"verdict":"perhaps"}"#
            } _: { path in
                _ = try await AgentClient.withConnection(path: path) { client in
                    try await client.call(PasswordAuthenticate.self, Self.login)
                }
            }
        }
        #expect(error.code == .protocolViolation && error.outcome == .unknown)
    }

    @Test func `the largest result is read, a longer line is refused`() async throws {
        let largest = try await FakeAgent.answering { _ in
            #""result":{"x":"\#(String(repeating: "y", count: ProtocolLimits.maximumResultBytes - 8))"}"#
        } _: { path in
            try await AgentClient.withConnection(path: path) { try await $0.call(method: "test.large").bytes.count }
        }
        #expect(largest == ProtocolLimits.maximumResultBytes)
        let error = try await failure {
            try await FakeAgent.answering { _ in
                #""result":{"x":"\#(String(repeating: "y", count: AnswerLine.maximumBytes))"}"#
            } _: { path in
                _ = try await AgentClient.withConnection(path: path) { try await $0.call(method: "test.large") }
            }
        }
        #expect(error.code == .protocolViolation)
    }

    @Test func `cancelling the task sends a cancel and hands on the agent's answer`() async throws {
        let (received, continuation) = AsyncStream.makeStream(of: Void.self)
        let cancel = Mutex("")
        let error = try await failure {
            try await FakeAgent.listening { connection in
                guard let request = try await connection.request() else { return }
                continuation.yield()
                let line = try await connection.line() ?? ""
                cancel.withLock { $0 = line }
                try await connection.answer(
                    request,
                    #""error":{"code":-32800,"message":"cancelled","data":{"kind":"cancelled","outcome":"not_sent"}}"#
                )
                _ = try await connection.line()
            } _: { path in
                // However long this machine takes to answer: the grace is another test's concern.
                let configuration = AgentClient.Configuration(cancellationGrace: .seconds(300))
                try await AgentClient.withConnection(path: path, configuration: configuration) { client in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { _ = try await client.call(PasswordAuthenticate.self, Self.login) }
                        for await _ in received { break }
                        group.cancelAll()
                        try await group.waitForAll()
                    }
                }
            }
        }
        #expect(cancel.withLock { $0 } == #"{"jsonrpc":"2.0","method":"$/cancel","params":{"id":1}}"#)
        #expect(error.refusal?.kind == .cancelled && error.outcome == .notSent)
    }

    @Test func `a cancelled call whose end the agent does not confirm ends all the same`() async throws {
        let (received, continuation) = AsyncStream.makeStream(of: Void.self)
        let error = try await failure {
            try await FakeAgent.listening { connection in
                _ = try await connection.request()
                continuation.yield()
                while try await connection.line() != nil {}
            } _: { path in
                let configuration = AgentClient.Configuration(cancellationGrace: .milliseconds(1))
                try await AgentClient.withConnection(path: path, configuration: configuration) { client in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { _ = try await client.call(PasswordAuthenticate.self, Self.login) }
                        for await _ in received { break }
                        group.cancelAll()
                        try await group.waitForAll()
                    }
                }
            }
        }
        #expect(error.code == .cancelled && error.outcome == .unknown)
    }

    @Test func `a call of a task that is cancelled already is not sent`() async throws {
        let error = try await failure {
            try await FakeAgent.answering { _ in
                #""result":{}"#
            } _: { path in
                try await AgentClient.withConnection(path: path) { client in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.cancelAll()
                        group.addTask { _ = try await client.call(PasswordAuthenticate.self, Self.login) }
                        try await group.waitForAll()
                    }
                }
            }
        }
        #expect(error.code == .cancelled && error.outcome == .notSent)
    }

    @Test func `an agent that says nothing is given up a little after the deadline`() async throws {
        let error = try await failure {
            try await FakeAgent.listening { connection in
                while try await connection.line() != nil {}
            } _: { path in
                let configuration = AgentClient.Configuration(deadlineGrace: .zero)
                _ = try await AgentClient.withConnection(path: path, configuration: configuration) { client in
                    try await client.call(
                        PasswordAuthenticate.self,
                        Self.login,
                        metadata: CallMetadata(deadlineMilliseconds: 1)
                    )
                }
            }
        }
        #expect(error.code == .noAnswer && error.outcome == .unknown)
    }

    @Test func `no socket, and a socket without a listener, mean that the agent is not running`() async throws {
        let stale = try await FakeAgent.inScratchDirectory { directory in
            for path in ["\(directory)/nothing", "\(directory)/nothing/below"] {
                let error = try await failure { try await AgentClient.withConnection(path: path) { _ in } }
                #expect(error.code == .notRunning && error.outcome == .notSent && error.message.contains(path))
            }
            return directory
        }
        let error = try await failure { try await AgentClient.withConnection(path: "/dev/null") { _ in } }
        #expect(error.code == .notRunning, "\(stale)")
        let long = "/tmp/" + String(repeating: "x", count: 200)
        #expect(try await failure { try await AgentClient.withConnection(path: long) { _ in } }.code == .cannotConnect)
    }

    @Test func `the connection is closed when the body throws, and useless afterwards`() async throws {
        struct Stop: Error {}
        let (closed, continuation) = AsyncStream.makeStream(of: Void.self)
        try await FakeAgent.listening { connection in
            while try await connection.line() != nil {}
            continuation.yield()
        } _: { path in
            let kept = Mutex<AgentClient?>(nil)
            await #expect(throws: Stop.self) {
                try await AgentClient.withConnection(path: path) { client in
                    kept.withLock { $0 = client }
                    throw Stop()
                }
            }
            for await _ in closed { break }
            let client = try #require(kept.withLock { $0 })
            let error = try await failure { _ = try await client.call(SystemPing.self) }
            #expect(error.code == .closed && error.outcome == .notSent)
        }
    }
}
