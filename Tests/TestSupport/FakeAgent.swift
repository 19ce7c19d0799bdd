import Foundation
import NIOCore
import NIOPosix
package import StrictJSON
import Synchronization

/// A server on a real Unix socket in a directory of its own that says exactly what a test tells it to, right or wrong.
package enum FakeAgent {
    /// Where the scripts run.
    private static let scriptThreads = MultiThreadedEventLoopGroup(numberOfThreads: 2)

    /// Listens, runs `body` with the path of the socket, then stops and removes it.
    ///
    /// - Parameter script: runs once per connection; the connection closes when it returns.
    package static func listening<Success>(
        _ script: @escaping @Sendable (FakeConnection) async throws -> Void,
        _ body: (String) async throws -> Success
    ) async throws -> Success {
        try await inScratchDirectory { directory in
            let path = directory + "/agent.sock"
            let accepted = AcceptedConnections()
            let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                // As the agent does: a client that has said all it wants to say still waits for its answers.
                .childChannelOption(.allowRemoteHalfClosure, value: true)
                .bind(unixDomainSocketPath: path) { channel in
                    channel.eventLoop.makeCompletedFuture { try accepted.add(channel) }
                }
            let result: Result<Success, any Error> = await withTaskGroup(of: Void.self) { group in
                // On threads of its own: a client gives up after some seconds, and those that all tests share may be busy with
                // one test for longer than that.
                let executor = LoopExecutor(eventLoop: scriptThreads.next())
                group.addTask(executorPreference: executor) { try? await serve(server, accepted, script) }
                defer { group.cancelAll() }
                do { return .success(try await body(path)) } catch { return .failure(error) }
            }
            await accepted.end()
            return try result.get()
        }
    }

    /// Answers every request with what `answer` makes of it: `"result": …` or `"error": …`.
    package static func answering<Success>(
        _ answer: @escaping @Sendable (JSONValue) -> String,
        _ body: (String) async throws -> Success
    ) async throws -> Success {
        try await listening(
            { connection in
                while let request = try await connection.request() {
                    try await connection.answer(request, answer(request))
                }
            },
            body
        )
    }

    /// Makes an empty directory for `body` and removes it and its content afterwards.
    package static func inScratchDirectory<Success>(_ body: (String) async throws -> Success) async throws -> Success {
        // Short, because the path of a Unix socket may have 107 bytes only.
        let directory = "/tmp/mosaic-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        return try await body(directory)
    }

    private static func serve(
        _ server: NIOAsyncChannel<Void, Never>,
        _ accepted: AcceptedConnections,
        _ script: @escaping @Sendable (FakeConnection) async throws -> Void
    ) async throws {
        try await server.executeThenClose { news in
            await withDiscardingTaskGroup { group in
                var news = news.makeAsyncIterator()
                while (try? await news.next()) != nil {
                    for connection in accepted.take() {
                        group.addTask {
                            // A client that goes away in the middle is what some tests are about.
                            try? await connection.executeThenClose { inbound, outbound in
                                try await script(FakeConnection(inbound.makeAsyncIterator(), outbound))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Runs tasks on an event loop: one after the other, on its own thread.
private final class LoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// The connections that nobody has taken yet. An asynchronous channel must be closed by whoever has it, so none may get
/// lost between the server and its end.
private final class AcceptedConnections: Sendable {
    typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private struct State {
        var waiting: [Connection] = []
        var isOver = false
    }

    private let state = Mutex(State())

    /// Keeps a new connection; one that comes after the end is closed.
    func add(_ channel: any Channel) throws {
        try state.withLock { state in
            guard !state.isOver else { return channel.close(promise: nil) }
            state.waiting.append(try Connection(wrappingChannelSynchronously: channel))
        }
    }

    /// Those that have come since the last time.
    func take() -> [Connection] {
        state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    /// Closes those that wait, and all that come later.
    func end() async {
        let waiting = state.withLock { state in
            defer { state = State(isOver: true) }
            return state.waiting
        }
        for connection in waiting { try? await connection.executeThenClose { _, _ in } }
    }
}

/// One connection to a ``FakeAgent``, in the hands of its script.
package final class FakeConnection {
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var received = ByteBuffer()

    init(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.inbound = inbound
        self.outbound = outbound
    }

    /// The next line without its LF; nil when the client has closed.
    package func line() async throws -> String? {
        while true {
            if let end = received.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) {
                let line = received.readString(length: end - received.readerIndex)
                received.moveReaderIndex(forwardBy: 1)
                return line
            }
            guard var more = try await inbound.next(isolation: #isolation) else { return nil }
            received.writeBuffer(&more)
        }
    }

    /// The next line as JSON; nil when the client has closed.
    package func request() async throws -> JSONValue? {
        guard let line = try await line() else { return nil }
        return try JSONDocument(parsing: Array(line.utf8), maximumDepth: 64).root
    }

    /// Writes text as it is.
    package func send(_ text: String) async throws {
        try await outbound.write(ByteBuffer(string: text))
    }

    /// Writes the answer to a request, whose one member beside `jsonrpc` and `id` is given as JSON text.
    package func answer(_ request: JSONValue, _ member: String) async throws {
        let id = request["id"]?.rawText.description ?? "null"
        try await send(#"{"jsonrpc":"2.0","id":\#(id),\#(member)}"# + "\n")
    }
}
