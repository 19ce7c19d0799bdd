import NIOCore
import NIOHTTP1

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Keeps a request from being written to a pooled connection that the server has closed, or is about to close.
///
/// The close of an idle connection comes as an event of the event loop, and a request that the loop has queued may be
/// written before that event. Right before the first byte of a request is written this handler therefore asks the socket
/// itself (poll(2), `POLLRDHUP`), and looks whether the time that the server keeps idle connections, by its last
/// `Keep-Alive: timeout=` field, is almost over. If so, the request fails with ``StaleConnection`` and not a byte of it has
/// been written: it may be sent on another connection. A timer closes the connection when that time is almost over.
///
/// A close that is on its way through the network is not seen; such a request may have been acted on.
final class StaleConnectionGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias InboundOut = HTTPClientResponsePart
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    /// `POLLRDHUP` of poll(2), which glibc declares for GNU sources only. `POLLHUP` and `POLLERR` need not be asked for.
    private static let peerClosed: Int16 = 0x2000

    private var isDropping = false
    /// How long the connection may be idle and is used again: the server's time less a second, or half of it.
    private var idleTime: TimeAmount?
    /// Nil while a request is on its way.
    private var idleSince: NIODeadline?
    private var timer: Scheduled<Void>?

    /// Puts a guard into the pipeline of a connection, between the HTTP codec and async-http-client's own handler.
    static func install(on channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.submit {
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPResponseDecoder>.self)
            try pipeline.addHandler(StaleConnectionGuard(), position: .after(decoder))
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            idleTime = Self.idleTime(head.headers[canonicalForm: "Keep-Alive"])
        case .end:
            idleSince = .now()
            startTimer(context)
        case .body:
            break
        }
        context.fireChannelRead(data)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
    }

    /// Closes the connection when it has been idle for long enough; one timer serves all of its requests.
    private func startTimer(_ context: ChannelHandlerContext) {
        guard timer == nil, let idleTime, let idleSince else { return }
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: idleSince + idleTime) {
            self.timer = nil
            guard let idleTime = self.idleTime, let idleSince = self.idleSince else { return }
            if .now() >= idleSince + idleTime {
                context.close(promise: nil)
            } else {
                self.startTimer(context)
            }
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .head = unwrapOutboundIn(data), isStale(context.channel) { isDropping = true }
        guard isDropping else {
            idleSince = nil
            context.write(data, promise: promise)
            return
        }
        promise?.fail(StaleConnection())
        // The client's handler fails the request that it is about to write, and closes the connection.
        if case .head = unwrapOutboundIn(data) { context.fireErrorCaught(StaleConnection()) }
    }

    private func isStale(_ channel: any Channel) -> Bool {
        if let idleTime, let idleSince, .now() >= idleSince + idleTime { return true }
        let isClosed = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self)
        {
            Self.isClosed(byPeerOf: $0)
        }
        return isClosed ?? false
    }

    /// Whether the peer of a socket has closed it, or its sending half.
    ///
    /// - Parameter orSpoke: Whether bytes that have not been read yet count as much.
    static func isClosed(byPeerOf descriptor: Int32, orSpoke: Bool = false) -> Bool {
        var entry = pollfd(fd: descriptor, events: orSpoke ? peerClosed | Int16(POLLIN) : peerClosed, revents: 0)
        // Sound: one entry, which lives through the call; with a time-out of 0 it does not block.
        return unsafe poll(&entry, 1, 0) > 0
    }

    /// The time that `Keep-Alive: timeout=5, max=100` leaves, if there is such a field.
    private static func idleTime(_ fields: [Substring]) -> TimeAmount? {
        for field in fields {
            let parts = field.lowercased().split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0] == "timeout" else { continue }
            guard let seconds = Int64(parts[1]), (0...3600).contains(seconds) else { return nil }
            return .milliseconds(max(seconds * 1000 - 1000, seconds * 500))
        }
        return nil
    }
}

/// The server had closed the connection before the request was written.
struct StaleConnection: Error {}
