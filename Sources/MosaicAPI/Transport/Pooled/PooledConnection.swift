import NIOCore
import NIOSSL
import NIOTLS
import Secrets

/// One connection to a host, which carries one exchange at a time. Confined to its event loop.
final class PooledConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        /// TLS is being negotiated.
        case negotiating
        /// Nothing is on its way.
        case idle(since: NIODeadline)
        /// A request was written.
        case busy(Exchange)
        /// The caller has given up; the response is still to come, and is not waited for longer than this.
        case draining(until: ContinuousClock.Instant)
        /// The connection is over, or about to be.
        case closed
    }

    private let pool: HostPool
    private let isSecure: Bool
    private var state = State.negotiating
    private var reader: HTTP1ResponseReader
    private var context: ChannelHandlerContext?
    private var descriptor: CInt?
    /// How long the server keeps the connection, by its last answer.
    private var idleTime: TimeAmount?
    private var timer: Scheduled<Void>?
    /// Whose exchange is on the connection.
    private var uid: UInt32 = 0
    /// Whether a request was ever written.
    private var hasCarried = false

    init(pool: HostPool, isSecure: Bool) {
        self.pool = pool
        self.isSecure = isSecure
        reader = HTTP1ResponseReader(limits: pool.limits)
    }

    // MARK: For the pool

    /// The exchange whose response is waited for by its caller.
    var exchange: Exchange? { if case .busy(let exchange) = state { exchange } else { nil } }

    /// Until when the response of an exchange that was given up is waited for; nil if there is none.
    var drainsUntil: ContinuousClock.Instant? { if case .draining(let until) = state { until } else { nil } }

    /// Whether a request can be written: neither has the server closed the connection, nor is it about to by what it has
    /// said of its idle connections.
    func isFresh() -> Bool {
        guard case .idle(let since) = state, let context, context.channel.isActive else { return false }
        if let idleTime, .now() >= since + idleTime { return false }
        // The close of an idle connection comes as an event, perhaps later in this turn of the loop. So do bytes that no
        // request asked for, which would be taken for the answer. Before its first request a connection may have something to
        // say: the tickets of TLS 1.3, which come ahead of the first answer.
        return descriptor.map { !StaleConnectionGuard.isClosed(byPeerOf: $0, orSpoke: hasCarried) } ?? true
    }

    /// Whether the connection has been idle for so long, or for as long as its server keeps one.
    func isIdle(for limit: TimeAmount, now: NIODeadline) -> Bool {
        guard case .idle(let since) = state else { return false }
        return now >= since + min(limit, idleTime ?? limit)
    }

    /// Writes a request, which has departed.
    func write(_ request: ByteBuffer, of exchange: Exchange) {
        state = .busy(exchange)
        hasCarried = true
        uid = exchange.call.uid
        reader = HTTP1ResponseReader(limits: pool.limits)
        guard let context else { return }
        guard !isSecure else {
            context.writeAndFlush(wrapOutboundOut(request), promise: nil)
            // Past the handshake, TLS has encrypted all of it before the flush returns.
            return request.wipeInPlace()
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenComplete { _ in request.wipeInPlace() }
        context.writeAndFlush(wrapOutboundOut(request), promise: written)
    }

    /// The caller of the exchange has given up.
    ///
    /// - Parameter until: How long its response may still be waited for; nil closes the connection.
    func abandon(until: ContinuousClock.Instant?) {
        guard case .busy = state else { return }
        if let until {
            state = .draining(until: until)
        } else {
            close()
        }
    }

    /// Closes the connection, whatever it does.
    func close() {
        guard let context else { return leave(.failure(TransportFailure(.shutDown, mayHaveBeenSent: true))) }
        leave(.failure(TransportFailure(.reset, mayHaveBeenSent: true)))
        context.close(promise: nil)
    }

    // MARK: Events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let transport = context.channel.pipeline.syncOperations
        descriptor = try? transport.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { $0 }
        if !isSecure, context.channel.isActive { becomeIdle() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        self.context = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .negotiating = state, let event = event as? TLSUserEvent, case .handshakeCompleted = event {
            becomeIdle()
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        switch state {
        case .busy, .draining:
            break
        case .negotiating, .idle:
            // No request asked for it: it must never be taken for the answer to the next request.
            return close()
        case .closed:
            return
        }
        do throws(HTTP1Error) {
            guard let response = try reader.read(&buffer) else { return }
            // More bytes than the response has: whose they are cannot be told.
            complete(response, isClean: buffer.readableBytes == 0)
        } catch {
            fail(TransportFailure(error))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        switch state {
        case .busy, .draining:
            do throws(HTTP1Error) {
                complete(try reader.readEnd(), isClean: false)
            } catch {
                fail(TransportFailure(error))
            }
        case .negotiating:
            fail(TransportFailure(isSecure ? .tls : .connect, mayHaveBeenSent: false))
        case .idle, .closed:
            close()
        }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let isNegotiating = if case .negotiating = state { true } else { false }
        fail(TransportFailure(error, hasDeparted: !isNegotiating, hasBody: true))
    }

    /// The time for setting up the connection is over.
    func negotiationTimedOut() {
        guard case .negotiating = state else { return }
        fail(TransportFailure(.tls, mayHaveBeenSent: false))
    }

    private func becomeIdle() {
        state = .idle(since: .now())
        pool.isReady(self)
    }

    private func complete(_ response: HTTP1ResponseReader.Complete, isClean: Bool) {
        let wasDraining = drainsUntil != nil
        let ended = exchange
        guard isClean, response.keepsAlive else {
            leave(.success(response.response))
            context?.close(promise: nil)
            return
        }
        idleTime = response.idleTime.map { TimeAmount($0) }
        state = .idle(since: .now())
        startTimer()
        ended?.end(.success(response.response))
        pool.exchangeEnded(on: self, uid: uid, wasDraining: wasDraining)
    }

    /// Closes the connection when it has been idle for almost as long as its server keeps it; one timer serves all requests.
    private func startTimer() {
        guard timer == nil, let idleTime, let context, case .idle(let since) = state else { return }
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: since + idleTime) {
            self.timer = nil
            guard let idleTime = self.idleTime, case .idle(let since) = self.state else { return }
            if .now() >= since + idleTime { self.close() } else { self.startTimer() }
        }
    }

    private func fail(_ failure: TransportFailure) {
        leave(.failure(failure))
        context?.close(promise: nil)
    }

    /// The connection is over for the pool.
    private func leave(_ outcome: Exchange.Outcome) {
        let old = state
        state = .closed
        switch old {
        case .negotiating:
            if case .failure(let failure) = outcome { pool.negotiationFailed(of: self, failure) }
        case .idle:
            pool.idleClosed(self, wasUsed: hasCarried)
        case .busy(let exchange):
            exchange.end(outcome)
            pool.busyClosed(self, uid: uid, wasDraining: false)
        case .draining:
            pool.busyClosed(self, uid: uid, wasDraining: true)
        case .closed:
            break
        }
    }
}

extension ByteBuffer {
    /// Overwrites the readable bytes of this buffer and of all copies that share its memory, none of which may be read any more.
    fileprivate func wipeInPlace() {
        // Sound: the memory is the heap's, and its former readers are done with it.
        unsafe withUnsafeReadableBytes { bytes in unsafe wipeMemory(UnsafeMutableRawBufferPointer(mutating: bytes)) }
    }
}

extension TransportFailure {
    /// The failure of a request whose response cannot be read.
    init(_ error: HTTP1Error) {
        let reason: Reason =
            switch error {
            case .headersTooLarge: .headersTooLarge
            case .bodyTooLarge: .bodyTooLarge
            case .truncated: .reset
            case .statusLine, .status, .lineEnd, .foldedField, .fieldName, .fieldValue, .contentLength,
                .transferEncoding, .chunk, .interimResponses:
                .malformed
            }
        self.init(reason, mayHaveBeenSent: true)
    }
}
