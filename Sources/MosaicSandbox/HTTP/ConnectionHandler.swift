import Foundation
package import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// Says on each answer whether its connection goes on, ends the connection where it does not, and dates answers by the sandbox's clock.
///
/// It stands between NIO's HTTP codec and Hummingbird, which ends a connection only at a field that reads exactly `close`, never at
/// the end of an HTTP/1.0 request, and never tells the client.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// How long a client may leave a connection open whose last answer it has: closed at once, its answer could be lost to a reset
    /// (RFC 9112, section 9.6).
    static let linger = TimeAmount.milliseconds(500)

    private let clock: SandboxClock
    private var persistence = ConnectionPersistence()
    /// Whether the request being read is one that is taken.
    private var isReading = true
    private var closing: Scheduled<Void>?

    init(clock: SandboxClock) { self.clock = clock }

    func handlerRemoved(context: ChannelHandlerContext) {
        closing?.cancel()
        closing = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        closing?.cancel()
        closing = nil
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { persistence.stop() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data) else {
            if isReading { context.fireChannelRead(data) }
            return
        }
        isReading = persistence.takesRequests
        guard isReading else { return }
        persistence.requestBegins(isKeepAlive: head.isKeepAlive, isHTTP10: head.version == .http1_0)
        // What Hummingbird goes by.
        head.headers.remove(name: "Connection")
        if !persistence.takesRequests { head.headers.add(name: "Connection", value: "close") }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            context.write(wrapOutboundOut(.head(completed(head))), promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            let isLast = persistence.answerEnds()
            context.write(data, promise: promise)
            if isLast { closeLater(context) }
        }
    }

    private func completed(_ head: HTTPResponseHead) -> HTTPResponseHead {
        var head = head
        head.headers.replaceOrAdd(name: "Date", value: clock.now.httpDate)
        guard head.status.code >= 200 else { return head }
        let hasNoBody = head.status.code == 204 || head.status.code == 304
        let (announcement, needsEnd) = persistence.answerBegins(
            isDelimited: hasNoBody || head.headers.contains(name: "Content-Length")
        )
        // An answer of HTTP/1.0 is not chunked.
        if needsEnd { head.version = .http1_0 }
        switch announcement {
        case .none: break
        case .keepAlive: head.headers.replaceOrAdd(name: "Connection", value: "keep-alive")
        case .close: head.headers.replaceOrAdd(name: "Connection", value: "close")
        }
        return head
    }

    /// Hummingbird closes its own side now; this ends the rest if the client does not.
    private func closeLater(_ context: ChannelHandlerContext) {
        guard closing == nil else { return }
        let channel = context.channel
        closing = context.eventLoop.scheduleTask(in: Self.linger) { channel.close(mode: .all, promise: nil) }
    }
}

/// Hummingbird's connection of HTTP/1.1 with a ``ConnectionHandler`` in it.
struct ConnectionChannel: ServerChildChannel {
    let base: HTTP1Channel
    let clock: SandboxClock

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        base.setup(channel: channel, logger: logger).flatMapThrowing { [clock] value in
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(ConnectionHandler(clock: clock), position: .after(decoder))
            return value
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}

extension HTTPServerBuilder {
    /// The sandbox's HTTP, without TLS.
    package static func sandbox(clock: SandboxClock) -> Self {
        HTTPServerBuilder { responder in
            ConnectionChannel(base: HTTP1Channel(responder: responder), clock: clock)
        }
    }
}

/// Whether a connection goes on after an answer (RFC 9112, section 9.3), and what the answer has to say about it.
///
/// A plain value, told of each event in order. Requests are answered in the order in which they came; what follows a request after
/// which the connection ends is not taken.
package struct ConnectionPersistence: Sendable, Equatable {
    /// What `Connection` of an answer says.
    package enum Announcement: Sendable, Equatable {
        /// Nothing: both sides take HTTP/1.1 connections to go on.
        case none
        /// `keep-alive`, which a client of HTTP/1.0 that asked for it waits for.
        case keepAlive
        /// `close`: this is the last answer. A client that is not told would send its next request into a closed connection.
        case close
    }

    private struct Expected: Sendable, Equatable {
        var announcement: Announcement
        var isHTTP10: Bool
    }

    /// A new connection.
    package init() {}

    /// The requests that have no whole answer yet, oldest first.
    private var expected: [Expected] = []
    private var isStopping = false
    private var isLast = false

    /// Whether further requests are taken.
    package var takesRequests: Bool { !isLast }

    /// A request's head arrived.
    ///
    /// - Parameters:
    ///   - isKeepAlive: what its version and its `Connection` field, read as a list of tokens, amount to.
    ///   - isHTTP10: whether it speaks HTTP/1.0.
    package mutating func requestBegins(isKeepAlive: Bool, isHTTP10: Bool) {
        let announcement: Announcement = !isKeepAlive ? .close : isHTTP10 ? .keepAlive : .none
        expected.append(Expected(announcement: announcement, isHTTP10: isHTTP10))
        if announcement == .close { isLast = true }
    }

    /// The server is stopping: answers that have not begun are the last ones of their connections.
    package mutating func stop() {
        isStopping = true
        isLast = true
    }

    /// An answer begins.
    ///
    /// - Parameter isDelimited: whether its length shows without the end of the connection, for a client of HTTP/1.0 too, which
    ///   knows no chunks.
    /// - Returns: what it has to say, and whether it must do without chunks.
    package mutating func answerBegins(isDelimited: Bool) -> (announcement: Announcement, needsEnd: Bool) {
        guard var first = expected.first else { return (isStopping ? .close : .none, false) }
        let needsEnd = first.isHTTP10 && !isDelimited
        if needsEnd || isStopping && expected.count == 1 {
            first.announcement = .close
            isLast = true
            expected[0] = first
        }
        return (first.announcement, needsEnd)
    }

    /// An answer is complete; tells whether the connection ends with it.
    package mutating func answerEnds() -> Bool {
        guard !expected.isEmpty else { return isLast }
        return expected.removeFirst().announcement == .close
    }
}
