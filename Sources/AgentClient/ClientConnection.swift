import AgentProtocol
import Glibc
import Linux
import NIOCore
import NIOPosix
import StrictJSON
import Synchronization

/// One connection: carries out what the ``CallTable`` decides.
///
/// Events come from the channel's event loop, from calling tasks and from timers. Each changes the table under the lock
/// and acts after it.
final class ClientConnection: Sendable {
    /// What waits for the ending of a call, and for what comes before it.
    private enum Waiter: Sendable {
        case call(CheckedContinuation<CallTable<Waiter>.Completion, Never>)
        case watch(EventSink)

        func end(_ ending: CallTable<Waiter>.Completion) {
            switch (self, ending) {
            case (.call(let continuation), _): continuation.resume(returning: ending)
            case (.watch(let sink), .failure(let error)): sink.end(error)
            case (.watch(let sink), .success): sink.end(AnswerLine.violation("a result of a call that has none"))
            }
        }

        func take(_ event: DaemonEvent) {
            if case .watch(let sink) = self { sink.take(event) }
        }
    }

    private struct State {
        var table = CallTable<Waiter>()
        /// Of the calls in flight; removed with them.
        var timers: [RequestID: Scheduled<Void>] = [:]
        var channel: (any Channel)?
    }

    private let state = Mutex(State())
    private let configuration: AgentClient.Configuration

    init(_ configuration: AgentClient.Configuration) { self.configuration = configuration }

    /// The channel is connected; nothing is called before.
    func attach(_ channel: any Channel) { state.withLock { $0.channel = channel } }

    /// Sends a request and waits for its ending.
    ///
    /// - Parameters:
    ///   - deadline: how long the agent was asked to take at most; nil if it was not.
    ///   - actsUpstream: whether an ending without an answer leaves the effect unknown.
    ///   - encode: writes the request's line, without LF, for an id.
    func call(
        deadline: Duration?,
        actsUpstream: Bool,
        encode: (RequestID) throws(AgentError) -> [UInt8]
    ) async throws(AgentError) -> JSONValue {
        let id = state.withLock { $0.table.reserveID() }
        let line: [UInt8]
        do {
            line = try encode(id)
        } catch {
            state.withLock { $0.table.release(id) }
            throw error
        }
        let ending = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                begin(id, .call(continuation), line, deadline, actsUpstream: actsUpstream)
            }
        } onCancel: {
            cancel(id)
        }
        return try ending.get()
    }

    /// Sends a request whose events and ending go to `sink`.
    ///
    /// - Parameter deadline: how long the agent was asked to take at most; nil if it was not.
    /// - Returns: ends the call.
    func watch(
        deadline: Duration?,
        sink: EventSink,
        encode: (RequestID) -> [UInt8]
    ) -> @Sendable () -> Void {
        let id = state.withLock { $0.table.reserveID() }
        begin(id, .watch(sink), encode(id), deadline, actsUpstream: false)
        return { self.cancel(id) }
    }

    /// Closes the connection and waits until it is closed; calls in flight end with an error.
    func close() async {
        let channel = state.withLock { $0.channel }
        // The only error is that it is closed already.
        try? await channel?.close().get()
        disconnected()
    }

    // MARK: Events

    // Sending and setting timers happen on the event loop in the order in which the table has decided them: a `$/cancel`
    // must not overtake its call. `execute` only queues, so it may be called under the lock.

    private func begin(_ id: RequestID, _ waiter: Waiter, _ line: [UInt8], _ deadline: Duration?, actsUpstream: Bool) {
        let action = state.withLock { state in
            let action = state.table.begin(id, waiter, actsUpstream: actsUpstream)
            if case .send = action, let channel = state.channel {
                channel.eventLoop.execute {
                    self.send(line, on: channel, id, wait: deadline.map { $0 + self.configuration.deadlineGrace })
                }
            }
            return action
        }
        if case .end(let waiter, let ending) = action { waiter.end(ending) }
    }

    private func cancel(_ id: RequestID) {
        state.withLock { state in
            guard state.table.cancel(id), let channel = state.channel else { return }
            channel.eventLoop.execute {
                self.send(RequestLine.cancel(id), on: channel, id, wait: self.configuration.cancellationGrace)
            }
        }
    }

    /// A line has arrived.
    func received(_ line: [UInt8]) {
        do throws(AgentError) {
            let answer = try AnswerLine(parsing: line)
            perform { $0.received(answer) }
        } catch {
            perform { $0.violated(error) }
        }
    }

    /// Something arrived that cannot be a line.
    func violated(_ what: String) {
        perform { $0.violated(AnswerLine.violation(what)) }
    }

    /// The channel is closed.
    func disconnected() { perform { $0.disconnected() } }

    private func expired(_ id: RequestID) { perform { $0.expired(id) } }

    // MARK: Actions

    /// Writes a line and lets the call end without an answer after `wait` from now, if it is given.
    private func send(_ line: [UInt8], on channel: any Channel, _ id: RequestID, wait: Duration?) {
        if let wait { setTimer(of: id, on: channel, wait) }
        // A write that fails closes the channel, which ends the call.
        var buffer = channel.allocator.buffer(capacity: line.count + 1)
        buffer.writeBytes(line)
        buffer.writeInteger(UInt8(ascii: "\n"))
        channel.writeAndFlush(buffer, promise: nil)
    }

    private func setTimer(of id: RequestID, on channel: any Channel, _ wait: Duration) {
        let timer = channel.eventLoop.scheduleTask(in: TimeAmount(wait)) { self.expired(id) }
        let superseded = state.withLock { state in
            // The call may have ended meanwhile, by a cancellation or the end of the connection.
            guard state.table.isInFlight(id) else { return Optional(timer) }
            return state.timers.updateValue(timer, forKey: id)
        }
        superseded?.cancel()
    }

    private func perform(_ event: @Sendable (inout CallTable<Waiter>) -> CallTable<Waiter>.Actions) {
        let (actions, timers, channel) = state.withLock { state in
            let actions = event(&state.table)
            let timers = actions.endings.compactMap { state.timers.removeValue(forKey: $0.id) }
            return (actions, timers, state.channel)
        }
        for timer in timers { timer.cancel() }
        if let (waiter, event) = actions.event { waiter.take(event) }
        for (_, waiter, ending) in actions.endings { waiter.end(ending) }
        if actions.closes { channel?.close(promise: nil) }
    }
}

extension ClientConnection {
    /// Connects to the socket at `path`.
    static func connected(
        to path: String,
        _ configuration: AgentClient.Configuration
    ) async throws(AgentError) -> ClientConnection {
        let connection = ClientConnection(configuration)
        do {
            let channel = try await ClientBootstrap(group: configuration.eventLoopGroup)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(AnswerHandler(connection))
                    }
                }
                .connect(to: address(of: path))
                .get()
            connection.attach(channel)
            return connection
        } catch {
            throw connectionError(error, path)
        }
    }

    /// The address of a path, whose bytes need not be UTF-8.
    private static func address(of path: String) throws -> SocketAddress {
        guard !PathText.isPlain(path) else { return try SocketAddress(unixDomainSocketPath: path) }
        let bytes = PathText.bytes(path)
        var address = sockaddr_un()
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw SocketAddressError.unixDomainSocketPathTooLong
        }
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        return SocketAddress(address)
    }

    private static func connectionError(_ error: any Error, _ path: String) -> AgentError {
        guard let code = (error as? IOError)?.errnoCode else {
            return AgentError(.cannotConnect, "cannot connect to \(path): \(error)", outcome: .notSent)
        }
        switch code {
        case ENOENT, ENOTDIR:
            return AgentError(.notRunning, "there is no socket at \(path)", outcome: .notSent)
        case ECONNREFUSED:
            return AgentError(.notRunning, "no process listens on \(path)", outcome: .notSent)
        case EACCES, EPERM:
            return AgentError(.permissionDenied, "this process may not connect to \(path)", outcome: .notSent)
        case EAGAIN:
            // A Unix socket does not make a client wait when its queue of connections is full.
            return AgentError(.cannotConnect, "too many connections wait at \(path)", outcome: .notSent)
        default:
            return AgentError(.cannotConnect, "cannot connect to \(path): error \(code)", outcome: .notSent)
        }
    }
}

/// Cuts what arrives on the socket into lines and reads them; everything else is the connection's business.
///
/// Runs on the channel's event loop only, and holds at most one incomplete line.
final class AnswerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connection: ClientConnection
    private var framer = LineFramer(maximumLineBytes: AnswerLine.maximumBytes)

    init(_ connection: ClientConnection) { self.connection = connection }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        var position = 0
        while let event = framer.next(in: buffer.readableBytesUInt8Span, at: &position) {
            switch event {
            case .line(let line):
                connection.received(line)
            case .tooLong:
                connection.violated("a line of more than \(AnswerLine.maximumBytes) bytes")
            case .unterminated:
                break
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.disconnected()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A failed read or write ends the connection; closing reports it to the calls as `channelInactive`.
        context.close(promise: nil)
    }
}
