import AgentProtocol
import MosaicAPI
import NIOCore
import Secrets

/// Drives one connection to the credential socket: has its call served, writes the token as it is, and closes.
///
/// Nothing is ever read: what the peer wants, its address has said. Everything here runs on the connection's event loop.
final class CredentialHandler: ChannelInboundHandler, ConnectionDriver {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let call: Call
    private let shared: SocketContext
    private let runner: CallRunner
    private var exchange: CredentialExchange
    private var context: ChannelHandlerContext?
    private var timer: Scheduled<Void>?

    init(call: Call, shared: SocketContext, runner: CallRunner) {
        self.call = call
        self.shared = shared
        self.runner = runner
        exchange = CredentialExchange(deadline: call.deadline, unreadAge: shared.limits.connection.unreadAge)
    }

    // MARK: Channel

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        let handle = ConnectionHandle(self, on: context.eventLoop)
        shared.registry.attach(handle, to: call.connection)
        shared.counters.callsReceived.increment()
        shared.counters.callsInFlight.increment()
        runner.start(call, for: handle)
        armTimer()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // Also of a connection that never became active; a second time it does nothing.
        shared.registry.remove(call.connection)
    }

    func channelInactive(context: ChannelHandlerContext) {
        over()
        self.context = nil
        shared.registry.remove(call.connection)
    }

    /// At the peer's end of file the channel reads what there is, whether we want it or not.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    /// The peer always ends its side at once, as it has nothing to say.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {}

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        closeNow()
    }

    // MARK: The answer

    func answered(_ call: Call, with answer: Answer) {
        shared.counters.callsInFlight.decrement()
        let token = Self.token(in: answer.line)
        switch exchange.answered(hasCredential: token != nil, now: shared.clock.now) {
        case .write:
            armTimer()
            write(token, answer.audit)
        case .close:
            answer.audit?.submit(delivered: true)
            closeNow()
        case .discard:
            shared.counters.answersUndelivered.increment()
            answer.audit?.submit(delivered: false)
        }
    }

    /// The token in an answer to `client_token.get`; nil in an error.
    private static func token(in line: [UInt8]) -> Secret? {
        guard let response = try? Response(parsing: line), case .success(let json) = response.outcome else {
            return nil
        }
        return (try? ClientTokenGet.result(from: json))?.accessToken
    }

    private func write(_ token: Secret?, _ audit: (any AuditSubmission)?) {
        guard let context, let token else {
            shared.counters.answersUndelivered.increment()
            audit?.submit(delivered: false)
            return
        }
        audit?.submit(delivered: true)
        var buffer = context.channel.allocator.buffer(capacity: token.count)
        token.withBytes { bytes in
            for index in bytes.indices { buffer.writeInteger(bytes[index]) }
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { result in
            if case .failure = result {
                self.shared.counters.answersUndelivered.increment()
                audit?.answerLost()
            }
            // The end of the stream is the end of the credential.
            self.closeNow()
        }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: written)
    }

    // MARK: Time and ends

    func timerFired() {
        switch exchange.timer(now: shared.clock.now) {
        case .goOn:
            break
        case .endCall:
            call.control.end(.deadline)
        case .close:
            shared.counters.connectionsBroken.increment()
            return closeNow()
        }
        armTimer()
    }

    /// The call has a deadline that is near enough.
    func drain() {}

    func expireDrain() {
        call.control.end(.shuttingDown)
    }

    func closeNow() {
        over()
        context?.close(promise: nil)
    }

    private func over() {
        exchange.abandon()
        call.control.end(.peerGone)
        timer?.cancel()
        timer = nil
    }

    /// The loop's timer is a hint: it stands still while the machine sleeps, and only the clock decides what is due.
    private func armTimer() {
        timer?.cancel()
        guard let due = exchange.timerDue, let context else { return }
        let wait = max(.zero, due - shared.clock.now)
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(wait)) { self.timerFired() }
    }
}
