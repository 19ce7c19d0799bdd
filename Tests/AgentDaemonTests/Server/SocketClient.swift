import Glibc
import NIOCore
import NIOPosix
import StrictJSON

@testable import AgentDaemon

/// A client that knows nothing of the protocol but that lines end with LF.
final class SocketClient {
    private let writer: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var buffer: [UInt8] = []
    private let channel: any Channel

    private init(
        channel: any Channel,
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        writer: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.channel = channel
        self.inbound = inbound.makeAsyncIterator()
        self.writer = writer
    }

    /// Runs `body` with a connection and closes that.
    ///
    /// - Parameter name: the name in the abstract namespace to connect from; nil for no address.
    static func connected<Result>(
        to path: String,
        from name: [UInt8]? = nil,
        _ body: (SocketClient) async throws -> Result
    ) async throws -> Result {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
        let wrap: @Sendable (any Channel) -> EventLoopFuture<NIOAsyncChannel<ByteBuffer, ByteBuffer>> = { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                    wrappingChannelSynchronously: channel,
                    configuration: .init(
                        backPressureStrategy: .init(lowWatermark: 1, highWatermark: 2),
                        isOutboundHalfClosureEnabled: true
                    )
                )
            }
        }
        let channel =
            if let name {
                try await bootstrap.withConnectedSocket(connect(to: path, from: name), channelInitializer: wrap)
            } else {
                try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: wrap)
            }
        return try await channel.executeThenClose { inbound, writer in
            try await body(SocketClient(channel: channel.channel, inbound: inbound, writer: writer))
        }
    }

    /// A connection from the address of that name, whose descriptor is the caller's to close.
    static func connect(to path: String, from name: [UInt8]) throws -> Int32 {
        guard let address = UnixAddress(path: path), let own = UnixAddress(abstractName: name) else {
            throw SocketError(.badPath, "a name or a path is too long")
        }
        let descriptor = try makeSocket(for: path)
        guard unsafe own.call(bind, on: descriptor.rawValue) == 0,
            unsafe address.call(Glibc.connect, on: descriptor.rawValue) == 0
        else { throw SocketError.system("bind or connect", path, errno: errno) }
        return descriptor.release()
    }

    /// Sends bytes as they are.
    func send(_ text: String) async throws {
        try await writer.write(ByteBuffer(string: text))
    }

    /// Sends a call with a string id.
    func call(_ id: String, _ method: String, params: String = "{}") async throws {
        try await send(Self.line(id, method, params: params))
    }

    /// The line of a call, with its LF.
    static func line(_ id: String, _ method: String, params: String = "{}") -> String {
        #"{"jsonrpc":"2.0","id":"\#(id)","method":"\#(method)","params":\#(params)}"# + "\n"
    }

    /// Sends `$/cancel`.
    func cancel(_ id: String) async throws {
        try await send(#"{"jsonrpc":"2.0","method":"$/cancel","params":{"id":"\#(id)"}}"# + "\n")
    }

    /// Ends the sending side only.
    func finish() {
        writer.finish()
    }

    /// The next line without its LF; nil at the end of the stream.
    func line() async throws -> String? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffer.removeFirst(end + 1) }
                return String(decoding: buffer[..<end], as: UTF8.self)
            }
            guard let chunk = try await inbound.next(isolation: #isolation) else { return nil }
            buffer.append(contentsOf: chunk.readableBytesView)
        }
    }

    /// All bytes until the end of the stream; those up to an error of the connection, if one ends it.
    func rest() async -> [UInt8] {
        while let chunk = try? await inbound.next(isolation: #isolation) {
            buffer.append(contentsOf: chunk.readableBytesView)
        }
        return buffer
    }

    /// The next answer, read.
    func answer() async throws -> Reply? {
        guard let line = try await line() else { return nil }
        return try Reply(reading: line)
    }

    /// The next so many answers.
    func answers(_ count: Int) async throws -> [Reply] {
        var answers: [Reply] = []
        while answers.count < count, let answer = try await answer() { answers.append(answer) }
        return answers
    }

    /// One answer line, as far as these tests look at it.
    struct Reply: Hashable {
        var id: String?
        var code: Int?
        var outcome: String?

        init(reading line: String) throws {
            let root = try JSONDocument(parsing: Array(line.utf8), maximumDepth: 16).root
            id = root["id"]?.string
            code = root["error"]?["code"]?.integer.map { Int($0) }
            outcome = root["error"]?["data"]?["outcome"]?.string
        }

        init(_ id: String?, code: Int? = nil, outcome: String? = nil) {
            self.id = id
            self.code = code
            self.outcome = outcome
        }
    }
}
