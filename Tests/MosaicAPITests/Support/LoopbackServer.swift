import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A TCP server on loopback that reads whole HTTP/1.1 requests and answers each with scripted bytes.
///
/// It writes bytes, not responses, so that a test can break off anywhere.
final class LoopbackServer: Sendable {
    /// What to do on a connection after a request.
    enum Step: Sendable {
        /// Writes text as it is.
        case write(String)
        /// Closes the connection in an orderly way.
        case close
        /// Resets the connection.
        case reset
    }

    /// A request as it arrived.
    struct Request: Sendable {
        /// The number of the connection, from zero.
        let connection: Int
        /// Request line and headers.
        let head: String
        /// The body.
        let body: String
    }

    private struct State {
        var connections = 0
        var requests: [Request] = []
        var bytes = ""
        var channels: [any Channel] = []
        var observers: [(requests: Int, bytes: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())
    private let script: @Sendable (Request) -> [Step]
    private let closesOnAccept: Bool
    private let tls: NIOSSLContext?

    /// - Parameters:
    ///   - closesOnAccept: Closes every connection as soon as it is there.
    ///   - tls: Speaks TLS in this context.
    ///   - script: What to do after a whole request.
    init(
        closesOnAccept: Bool = false,
        tls: NIOSSLContext? = nil,
        script: @escaping @Sendable (Request) -> [Step]
    ) {
        self.closesOnAccept = closesOnAccept
        self.tls = tls
        self.script = script
    }

    /// The requests that have arrived whole.
    var requests: [Request] { state.withLock { $0.requests } }

    /// The number of connections accepted.
    var connections: Int { state.withLock { $0.connections } }

    /// Everything that has arrived, whole requests or not.
    var received: String { state.withLock { $0.bytes } }

    /// Waits until a whole request has arrived.
    func requestArrived() async { await arrival(requests: 1, bytes: 0) }

    /// Waits until anything has arrived.
    func bytesArrived() async { await arrival(requests: 0, bytes: 1) }

    private func arrival(requests: Int, bytes: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                guard state.requests.count < requests || state.bytes.utf8.count < bytes else { return true }
                state.observers.append((requests, bytes, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// Runs `body` with the port of the listening server and stops it afterwards.
    func run<Value>(_ body: (Int) async throws -> Value) async throws -> Value {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let number = self.accepted(channel)
                    if let tls = self.tls {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                    }
                    try channel.pipeline.syncOperations.addHandler(Handler(server: self, connection: number))
                    if self.closesOnAccept { channel.close(promise: nil) }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(channel.localAddress?.port ?? 0))
        } catch {
            result = .failure(error)
        }
        try await channel.close()
        return try result.get()
    }

    /// Closes every connection that is still open.
    func closeConnections() async {
        for channel in state.withLock({ $0.channels }) { try? await channel.close() }
    }

    private func accepted(_ channel: any Channel) -> Int {
        state.withLock { state in
            state.channels.append(channel)
            defer { state.connections += 1 }
            return state.connections
        }
    }

    fileprivate func arrived(_ bytes: String, _ request: Request?) -> [Step] {
        let satisfied = state.withLock { state in
            state.bytes += bytes
            if let request { state.requests.append(request) }
            let (requests, bytes) = (state.requests.count, state.bytes.utf8.count)
            defer { state.observers.removeAll { requests >= $0.requests && bytes >= $0.bytes } }
            return state.observers.filter { requests >= $0.requests && bytes >= $0.bytes }
        }
        for observer in satisfied { observer.continuation.resume() }
        return request.map(script) ?? []
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let server: LoopbackServer
        private let connection: Int
        private var buffered = ""

        init(server: LoopbackServer, connection: Int) {
            self.server = server
            self.connection = connection
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: unwrapInboundIn(data))
            buffered += text
            let steps = server.arrived(text, takeRequest())
            for step in steps {
                switch step {
                case .write(let text): context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
                case .close: context.close(promise: nil)
                case .reset:
                    // A close with unsent time zero to linger sends RST (socket(7)).
                    let hard = linger(l_onoff: 1, l_linger: 0)
                    _ = (context.channel as? any SocketOptionProvider)?.setSoLinger(hard)
                    context.close(promise: nil)
                }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }

        private func takeRequest() -> Request? {
            guard let end = buffered.range(ofFirst: "\r\n\r\n") else { return nil }
            let head = String(buffered[..<end.lowerBound])
            let length =
                head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
                .flatMap { Int($0.drop { $0 != ":" }.dropFirst().filter { $0 != " " }) } ?? 0
            let rest = buffered[end.upperBound...]
            guard rest.utf8.count >= length else { return nil }
            let body = String(decoding: rest.utf8.prefix(length), as: UTF8.self)
            buffered = String(decoding: rest.utf8.dropFirst(length), as: UTF8.self)
            return Request(connection: connection, head: head, body: body)
        }
    }
}

extension String {
    fileprivate func range(ofFirst text: String) -> Range<String.Index>? { firstRange(of: text) }
}

extension LoopbackServer.Step {
    /// A whole response.
    static func respond(_ status: Int, _ body: String = "", headers: [String] = []) -> LoopbackServer.Step {
        let lines = ["HTTP/1.1 \(status) X", "Content-Length: \(body.utf8.count)"] + headers
        return .write(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }
}
