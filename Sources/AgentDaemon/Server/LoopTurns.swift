import Concurrency
import MosaicAPI
import NIOCore
import NIOPosix

/// Shares one event loop among the connections that have input to be handled.
///
/// NIO runs what is put onto a loop before it looks at its sockets again, so a connection that put its own next turn there
/// would keep the input of all others unread until its own is used up. Here a round handles a few turns, of the uids in
/// turn; then the loop looks at all its sockets before the next round begins.
///
/// Everything here runs on the loop.
final class LoopTurns {
    /// What one connection may do before others get their turn.
    struct Turn {
        /// Lines that are handled.
        static let lines = 8
        /// Bytes of them after which no further line is handled.
        static let bytes = 16_384
        /// Time after which no further line is handled.
        static let time = Duration.microseconds(500)
    }

    /// Turns that are taken before the loop looks at its sockets again.
    static let turnsPerRound = 16
    /// Time after which no further turn is taken before that.
    static let timePerRound = Duration.milliseconds(2)

    private let executor: EventLoopTaskExecutor
    private let clock: any AgentClock
    private var queue = FairQueue<ConnectionHandler>()
    private var isRoundScheduled = false
    private var isInRound = false
    private var bell: (any Channel)?

    /// The turns of a loop.
    init(executor: EventLoopTaskExecutor, clock: any AgentClock) {
        self.executor = executor
        self.clock = clock
    }

    /// Has `connection` take its turn when that comes.
    func request(_ connection: ConnectionHandler, of uid: UInt32) {
        queue.append(connection, of: uid)
        guard !isRoundScheduled, !isInRound else { return }
        isRoundScheduled = true
        // What the loop has found on its sockets this time is all there before the first turn.
        executor.eventLoop.assumeIsolated().execute { self.round() }
    }

    /// Gives the loop a bell, or takes it away; without one, the next round does not wait for the loop's sockets.
    func setBell(_ bell: (any Channel)?) {
        let isRinging = self.bell != nil && isRoundScheduled
        self.bell = bell
        executor.onLeftOver = bell == nil ? nil : { self.scheduleNextRound() }
        // The bell that has been rung may not be heard any more.
        if bell == nil, isRinging { executor.eventLoop.assumeIsolated().execute { self.round() } }
    }

    /// Has the next connections take their turns.
    fileprivate func round() {
        guard !isInRound else { return }
        isRoundScheduled = false
        isInRound = true
        let end = clock.now + Self.timePerRound
        var turns = 0
        // Jobs that were left over; without any this does nothing.
        executor.run()
        while turns < Self.turnsPerRound, turns == 0 || clock.now < end, let connection = queue.popFirst() {
            connection.takeTurn()
            // The calls that were read begin at once, and what they take counts as the turn's.
            executor.run()
            turns += 1
        }
        isInRound = false
        if !queue.isEmpty { scheduleNextRound() }
    }

    /// Has the next round begin when the loop has looked at its sockets.
    private func scheduleNextRound() {
        guard !isRoundScheduled else { return }
        isRoundScheduled = true
        if let bell {
            bell.writeAndFlush(ByteBuffer(bytes: [0]), promise: nil)
        } else {
            executor.eventLoop.assumeIsolated().execute { self.round() }
        }
    }
}

/// Hears the bell of a loop, which is a socket to itself: what is written to it is read when the loop has looked at its sockets.
final class BellHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let turns: LoopTurns

    init(turns: LoopTurns) {
        self.turns = turns
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        turns.round()
    }
}
