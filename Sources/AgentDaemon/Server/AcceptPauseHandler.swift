import Glibc
import Logging
import NIOCore

/// Pauses accepting when the process or the system has run out of something, instead of asking again in a loop.
///
/// SwiftNIO's own handler for this only holds back the next read; a read that failed stays pending, so the loop is told
/// again at once that a connection waits, and spins. Turning the channel's reading off stops that.
final class AcceptPauseHandler: ChannelInboundHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel

    private let pause: Duration
    private let counters: SocketCounters
    private let logger: Logger
    private var resumption: Scheduled<Void>?

    init(pause: Duration, counters: SocketCounters, logger: Logger) {
        self.pause = pause
        self.counters = counters
        self.logger = logger
    }

    /// Whether an error of accept(2) means that something has run out. Others are the matter of one connection, such as
    /// one that was gone before it was accepted.
    static func isShortage(_ error: IOError) -> Bool {
        [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errnoCode)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? IOError, Self.isShortage(error) else {
            logger.debug("connection not accepted", metadata: ["error": "\(error)"])
            return
        }
        // Counted before anything else: a shortage that is met again during the pause would mean that the loop spins.
        counters.acceptPauses.increment()
        guard resumption == nil else { return }
        logger.warning(
            "accepting paused: out of file descriptors or memory",
            metadata: ["errno": "\(error.errnoCode)"]
        )
        setReading(false, context.channel)
        let channel = context.channel
        resumption = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(pause)) {
            self.resumption = nil
            self.setReading(true, channel)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        resumption?.cancel()
        resumption = nil
        context.fireChannelInactive()
    }

    private func setReading(_ isReading: Bool, _ channel: any Channel) {
        // It fails only on a closed channel, where it does not matter.
        try? channel.syncOptions?.setOption(.autoRead, value: isReading)
    }
}
