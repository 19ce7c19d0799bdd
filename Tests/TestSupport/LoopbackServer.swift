import NIOCore
import NIOPosix
package import NIOSSL
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
/// It keeps and writes bytes, without an HTTP library: nothing that a client sent is decoded or put right, and a test can
/// break off anywhere.
package final class LoopbackServer: Sendable {
    /// What to do on a connection after a request.
    package enum Step: Sendable {
        /// Writes text as it is.
        case write(String)
        /// Closes the connection in an orderly way.
        case close
        /// Resets the connection.
        case reset
    }

    /// A request as it arrived.
    package struct Request: Sendable {
        /// The number of the connection, from zero.
        package let connection: Int
        /// Request line and headers.
        package let head: String
        /// The body.
        package let bodyBytes: [UInt8]

        /// The body as text.
        package var body: String { String(decoding: bodyBytes, as: UTF8.self) }

        /// The request line, such as `GET /a%20b HTTP/1.1`.
        package var line: String { String(head.prefix { $0 != "\r\n" }) }

        /// The header fields in their order, names in lower case.
        package var fields: [(name: String, value: String)] {
            head.split(separator: "\r\n").dropFirst().map { field in
                let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                let value = parts.count == 2 ? parts[1].drop { $0 == " " } : ""
                return (name: parts[0].lowercased(), value: String(value))
            }
        }
    }

    private struct State {
        var connections = 0
        var requests: [Request] = []
        var bytes: [UInt8] = []
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
    package init(
        closesOnAccept: Bool = false,
        tls: NIOSSLContext? = nil,
        script: @escaping @Sendable (Request) -> [Step]
    ) {
        self.closesOnAccept = closesOnAccept
        self.tls = tls
        self.script = script
    }

    /// The requests that have arrived whole.
    package var requests: [Request] { state.withLock { $0.requests } }

    /// The number of connections accepted.
    package var connections: Int { state.withLock { $0.connections } }

    /// Everything that has arrived, whole requests or not.
    package var received: String { String(decoding: state.withLock { $0.bytes }, as: UTF8.self) }

    /// Waits until a whole request has arrived.
    package func requestArrived() async { await arrival(requests: 1, bytes: 0) }

    /// Waits until so many requests have arrived.
    package func requestsArrived(_ count: Int) async { await arrival(requests: count, bytes: 0) }

    /// Waits until anything has arrived.
    package func bytesArrived() async { await arrival(requests: 0, bytes: 1) }

    private func arrival(requests: Int, bytes: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                guard state.requests.count < requests || state.bytes.count < bytes else { return true }
                state.observers.append((requests, bytes, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// Runs `body` with the port of the listening server and stops it afterwards.
    package func run<Value>(_ body: (Int) async throws -> Value) async throws -> Value {
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

    /// Closes the connections when told so from a thread that may not wait.
    package func closing() -> Closing { Closing(channels: state.withLock { $0.channels }) }

    /// The close of some connections.
    package struct Closing: Sendable {
        fileprivate let channels: [any Channel]

        /// Begins to close them, and does not wait for it.
        package func begin() {
            for channel in channels { channel.close(promise: nil) }
        }
    }

    /// Waits until no connection is open, by whichever side.
    package func connectionsClosed() async {
        for channel in state.withLock({ $0.channels }) { try? await channel.closeFuture.get() }
    }

    /// Writes a text to every connection, without having been asked.
    package func write(_ text: String) async throws {
        for channel in state.withLock({ $0.channels }) { try await channel.writeAndFlush(ByteBuffer(string: text)) }
    }

    /// Ends every connection from this side, and waits until the kernel of the other side has taken note.
    package func endConnections() async {
        for channel in state.withLock({ $0.channels }) where channel.isActive {
            try? await channel.close(mode: .output)
            // FIN_WAIT1 of tcp(7): the end is on its way, and not acknowledged. A connection that is gone has no state.
            while let info = try? await (channel as? any SocketOptionProvider)?.getTCPInfo().get(), info.tcpi_state == 4
            {
                await Task.yield()
            }
        }
    }

    /// Closes every connection that is still open.
    package func closeConnections() async {
        for channel in state.withLock({ $0.channels }) { try? await channel.close() }
    }

    private func accepted(_ channel: any Channel) -> Int {
        state.withLock { state in
            state.channels.append(channel)
            defer { state.connections += 1 }
            return state.connections
        }
    }

    fileprivate func arrived(_ bytes: [UInt8], _ request: Request?) -> [Step] {
        let satisfied = state.withLock { state in
            state.bytes += bytes
            if let request { state.requests.append(request) }
            let (requests, bytes) = (state.requests.count, state.bytes.count)
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
        private var buffered: [UInt8] = []

        init(server: LoopbackServer, connection: Int) {
            self.server = server
            self.connection = connection
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = Array(unwrapInboundIn(data).readableBytesView)
            buffered += bytes
            let steps = server.arrived(bytes, takeRequest())
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
            guard let end = buffered.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
            let head = String(decoding: buffered[..<end.lowerBound], as: UTF8.self)
            let length =
                head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
                .flatMap { Int($0.drop { $0 != ":" }.dropFirst().filter { $0 != " " }) } ?? 0
            let rest = buffered[end.upperBound...]
            guard rest.count >= length else { return nil }
            let body = Array(rest.prefix(length))
            buffered = Array(rest.dropFirst(length))
            return Request(connection: connection, head: head, bodyBytes: body)
        }
    }
}

extension LoopbackServer.Step {
    /// A whole response.
    package static func respond(_ status: Int, _ body: String = "", headers: [String] = []) -> LoopbackServer.Step {
        // A 204 has neither a body nor a length (RFC 9110, section 8.6).
        let length = status == 204 ? [] : ["Content-Length: \(body.utf8.count)"]
        let lines = ["HTTP/1.1 \(status) X"] + length + headers
        return .write(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }
}
