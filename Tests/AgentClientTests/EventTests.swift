import AgentProtocol
import StrictJSON
import TestSupport
import Testing

@testable import AgentClient

/// Watching the agent with the client, against a scripted server on a real socket.
@Suite(.longTimeLimit) struct EventTests {
    private static func event(_ watch: String, _ kind: String, dropped: Int = 0) -> String {
        #"{"jsonrpc":"2.0","method":"daemon.event","params":{"watch":\#(watch),"time":"t","kind":"\#(kind)""#
            + (dropped > 0 ? #","dropped":\#(dropped)"# : "") + "}}\n"
    }

    private static let stopping = #""error":{"code":1005,"message":"bye","data":{"kind":"shutting_down"}}"#
    private static let cancelled = #""error":{"code":-32800,"message":"c","data":{"kind":"cancelled"}}"#

    @Test func `events come in order, beside the answers to calls, and the end says why`() async throws {
        try await FakeAgent.listening { connection in
            guard let watch = try await connection.request(), let id = watch["id"]?.rawText.description else { return }
            #expect(watch["method"]?.string == "daemon.watch")
            #expect(watch["params"]?.rawText.description == #"{"events":["token_failed"]}"#)
            try await connection.send(Self.event(id, "watch_started") + Self.event("77", "not_ours"))
            guard let ping = try await connection.request() else { return }
            try await connection.send(Self.event(id, "token_failed", dropped: 3))
            try await connection.answer(ping, #""result":{}"#)
            try await connection.answer(watch, Self.stopping)
            _ = try await connection.line()
        } _: { path in
            try await AgentClient.withConnection(path: path) { client in
                var iterator = client.events([.tokenFailed]).makeAsyncIterator()
                let kind1 = try await iterator.next()?.kind
                #expect(kind1 == .watchStarted)
                _ = try await client.call(SystemPing.self)
                let event = try await iterator.next()
                #expect(event?.kind == .tokenFailed && event?.dropped == 3)
                let error = await #expect(throws: AgentError.self) { try await iterator.next() }
                #expect(error?.refusal?.kind == .shuttingDown)
            }
        }
    }

    @Test func `a task that is cancelled ends its watch at the agent`() async throws {
        try await FakeAgent.listening { connection in
            guard let watch = try await connection.request(), let id = watch["id"]?.rawText.description else { return }
            try await connection.send(Self.event(id, "watch_started"))
            let cancel = try await connection.request()
            #expect(cancel?["method"]?.string == "$/cancel" && cancel?["params"]?["id"]?.rawText.description == id)
            // What is still on its way is for nobody.
            try await connection.send(Self.event(id, "token_failed"))
            try await connection.answer(watch, Self.cancelled)
            guard let ping = try await connection.request() else { return }
            try await connection.answer(ping, #""result":{}"#)
        } _: { path in
            try await AgentClient.withConnection(path: path) { client in
                let (started, starts) = AsyncStream.makeStream(of: Void.self)
                try await withThrowingTaskGroup(of: Int.self) { group in
                    group.addTask {
                        var count = 0
                        for try await _ in client.events() {
                            count += 1
                            starts.yield()
                        }
                        return count
                    }
                    _ = await started.first { _ in true }
                    group.cancelAll()
                    let count = try await group.next()
                    #expect(count == 1)
                }
                // The connection serves on.
                _ = try await client.call(SystemPing.self)
            }
        }
    }

    @Test(arguments: [false, true])
    func `a watch that its task has ended gets no event and no error any more`(isDismissed: Bool) async throws {
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: DaemonEvent.self, throwing: (any Error).self)
        let sink = EventSink(continuation)
        if isDismissed { sink.dismiss() }
        let line = Self.event("1", "token_failed")
        guard case .event(let event) = try AnswerLine(parsing: Array(line.utf8.dropLast())) else {
            Issue.record("it should be an event")
            return
        }
        sink.take(event)
        sink.end(AgentError(.cancelled, "ended"))
        var kinds: [EventKind] = []
        var error: AgentError?
        do {
            for try await event in stream { kinds.append(event.kind) }
        } catch let failure as AgentError {
            error = failure
        }
        #expect(kinds == (isDismissed ? [] : [.tokenFailed]))
        #expect(error?.code == (isDismissed ? nil : .cancelled))
    }

    @Test func `what there is no room for is left out and counted`() async throws {
        try await FakeAgent.listening { connection in
            guard let watch = try await connection.request(), let id = watch["id"]?.rawText.description else { return }
            for number in 0..<5 {
                try await connection.send(Self.event(id, "e\(number)", dropped: number == 3 ? 2 : 0))
            }
            guard let ping = try await connection.request() else { return }
            try await connection.answer(ping, #""result":{}"#)
            guard let second = try await connection.request() else { return }
            try await connection.send(Self.event(id, "late"))
            try await connection.answer(second, #""result":{}"#)
            try await connection.answer(watch, Self.stopping)
            _ = try await connection.line()
        } _: { path in
            try await AgentClient.withConnection(path: path) { client in
                var iterator = client.events(buffer: 2).makeAsyncIterator()
                _ = try await client.call(SystemPing.self)
                let kind2 = try await iterator.next()?.kind.name
                #expect(kind2 == "e0")
                let kind3 = try await iterator.next()?.kind.name
                #expect(kind3 == "e1")
                _ = try await client.call(SystemPing.self)
                let late = try await iterator.next()
                // Three of ours, and the two that the agent had counted in one of them.
                #expect(late?.kind.name == "late" && late?.dropped == 5)
            }
        }
    }

    @Test func `without an agent that goes on, the events end with an error`() async throws {
        try await FakeAgent.listening { connection in
            guard let watch = try await connection.request(), let id = watch["id"]?.rawText.description else { return }
            try await connection.send(Self.event(id, "watch_started"))
        } _: { path in
            try await AgentClient.withConnection(path: path) { client in
                var iterator = client.events().makeAsyncIterator()
                let kind4 = try await iterator.next()?.kind
                #expect(kind4 == .watchStarted)
                let error = await #expect(throws: AgentError.self) { try await iterator.next() }
                #expect(error?.code == .closed)
            }
        }
    }
}
