import AgentProtocol
import Glibc
import Logging
import NIOCore
import Systemd

/// Decides about new connections and sets them up.
struct ConnectionAcceptor: Sendable {
    let socket: SocketKind
    let shared: SocketContext
    let runners: [CallRunner]
    let probes: ProbeNames?
    let logger: Logger

    /// Gives a new connection its handler; called on its event loop, before it reads anything.
    func initialize(_ channel: any Channel) throws {
        let now = shared.clock.now
        let peer = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { descriptor in
            let caller = try PeerCredentials.caller(of: descriptor)
            return (caller: caller, isProbe: probes?.isProbe(caller, at: descriptor) ?? false)
        }
        guard let (caller, isProbe) = peer,
            let runner = runners.first(where: { $0.executor.eventLoop === channel.eventLoop })
        else {
            throw SocketError(.system, "a connection came in that is no Unix socket of this server")
        }
        guard isPermitted(caller) else {
            shared.counters.connectionsForbidden.increment()
            logRejection("rejected control connection: peer not permitted", caller)
            return try refuse(
                channel,
                caller,
                ProtocolError(.forbidden, "the control socket is for root and for the agent's own user")
            )
        }
        switch shared.registry.admit(caller: caller, socket: ServedSocket(socket), isProbe: isProbe, now: now) {
        case .refused:
            shared.counters.connectionsRefused.increment()
            logRejection("There are too many connections, and one was sent away", caller)
            try refuse(channel, caller, ProtocolError(.overloaded, "there are too many connections; try again later"))
        case .admitted(let number):
            shared.counters.connectionsAccepted.increment()
            var connection = ConnectionHandler.Connection(
                number: number,
                socket: socket,
                caller: caller,
                isProbe: isProbe
            )
            do {
                // The sooner the better: this takes hold of the caller's process.
                if let units = shared.units, !isProbe {
                    connection.unit = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
                        of: NIOBSDSocket.Handle.self
                    ) { units.source(socket: $0, caller: caller) }
                }
                let handler = ConnectionHandler(connection: connection, shared: shared, runner: runner)
                try channel.pipeline.syncOperations.addHandler(handler)
            } catch {
                // No handler gives the place back.
                shared.registry.remove(number)
                throw error
            }
        }
    }

    /// The mode of the control socket's file keeps others out already; this holds also if that mode is changed.
    ///
    /// The daemon's own user is let in because it owns the process anyway, and because a daemon that runs unprivileged,
    /// as in development and tests, would else have no control socket.
    private func isPermitted(_ caller: Caller) -> Bool {
        socket != .control || caller.uid == 0 || caller.uid == geteuid()
    }

    /// The loggers of the agent hold repetitions back.
    private func logRejection(_ message: Logger.Message, _ caller: Caller) {
        logger.warning(
            message,
            metadata: [
                "socket": "\(socket.rawValue)", "caller_uid": "\(caller.uid)",
                "caller_pid": "\(caller.pid, occurrence: .single)",
            ]
        )
    }

    private func refuse(_ channel: any Channel, _ caller: Caller, _ error: ProtocolError) throws {
        shared.tellRefused(caller, at: ServedSocket(socket), because: error.kind)
        try channel.pipeline.syncOperations.addHandler(RefusedConnectionHandler(line: error.line()))
    }

    /// Makes the backlog of a listening channel what ``UnixListener/backlog`` says.
    static func setBacklog(of channel: any Channel) throws {
        try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { descriptor in
            guard Glibc.listen(descriptor, UnixListener.backlog) == 0 else {
                throw SocketError.system("listen", "socket", errno: errno)
            }
        }
    }
}

/// Says one line to a connection that has no place here, and closes it.
private final class RefusedConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let line: [UInt8]

    init(line: [UInt8]) {
        self.line = line
    }

    func channelActive(context: ChannelHandlerContext) {
        var buffer = context.channel.allocator.buffer(capacity: line.count + 1)
        buffer.writeBytes(line)
        buffer.writeInteger(UInt8(ascii: "\n"))
        let channel = context.channel
        // One line always fits into an empty socket buffer, so this closes now, not when the peer likes.
        context.writeAndFlush(wrapOutboundOut(buffer)).whenComplete { _ in channel.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
