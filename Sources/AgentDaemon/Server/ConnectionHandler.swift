import AgentProtocol
import MosaicAPI
import NIOCore

/// Drives one connection: turns bytes into events of its ``ConnectionStateMachine`` and carries out what that says.
///
/// Everything here runs on the connection's event loop. Only the work on calls happens elsewhere, in the tasks that the
/// ``CallRunner`` starts; their answers come back through ``answered(_:with:)``.
final class ConnectionHandler: ChannelInboundHandler, ConnectionDriver {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What a connection is given when it is accepted.
    struct Connection {
        let number: UInt64
        let socket: SocketKind
        let caller: Caller
        var isProbe = false
        var unit: CallerUnitSource?
    }

    // What is not private here is for the other files of this type.
    let connection: Connection
    let shared: SocketContext
    let limits: SocketContext.Limits
    let runner: CallRunner
    var machine: ConnectionStateMachine<RequestID, Call>
    var context: ChannelHandlerContext?
    var input: ConnectionInput
    var output = OutputState()
    private var isTurnRequested = false
    private var isReading = true
    /// When ``timerFired()`` is going to be called; nil if it is not.
    var timerDue: ContinuousClock.Instant?
    var timer: Scheduled<Void>?
    /// Also after the channel is gone, for calls that outlive it. A handle kept here would hold this handler for ever.
    var eventLoop: (any EventLoop)?

    init(connection: Connection, shared: SocketContext, runner: CallRunner) {
        self.connection = connection
        self.shared = shared
        self.runner = runner
        limits = shared.limits
        machine = ConnectionStateMachine(limits: limits.connection, now: shared.clock.now)
        input = ConnectionInput(maximumLineBytes: limits.lineBytes)
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        // A connection that was accepted in the moment in which its listener closed never becomes active, nor inactive.
        guard eventLoop == nil else { return }
        connection.unit?.close()
        shared.registry.remove(connection.number)
    }

    func channelActive(context: ChannelHandlerContext) {
        eventLoop = context.eventLoop
        holdMemory(HeldMemory.perConnection)
        shared.registry.attach(ConnectionHandle(self, on: context.eventLoop), to: connection.number)
        armTimer()
    }

    func channelInactive(context: ChannelHandlerContext) {
        over()
        cancelTimer()
        connection.unit?.close()
        holdMemory(-HeldMemory.perConnection)
        shared.registry.remove(connection.number)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !machine.isInputOver else { return }
        // More than one read does not wait for a turn.
        if isTurnRequested { setReading(false) }
        input.append(unwrapInboundIn(data))
        requestTurn()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? ChannelEvent, event == .inputClosed else { return }
        input.isEnded = true
        requestTurn()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Reading or writing failed: there is nobody to talk to any more.
        closeNow()
    }

    /// What it is doing now.
    var activity: ConnectionActivity {
        ConnectionActivity(
            callsInFlight: machine.unansweredCalls - machine.parkedCalls,
            callsParked: machine.parkedCalls,
            callsAnswered: output.callsAnswered,
            unreadBytes: machine.unreadBytes,
            isReading: isReading && !machine.isInputOver,
            isProbe: connection.isProbe,
            unit: (connection.unit?.current ?? connection.caller.unit).name
        )
    }

    // MARK: Turns

    /// Handles the lines that have come, as far as the rules and the limits of a turn let it; called by ``LoopTurns``.
    func takeTurn() {
        isTurnRequested = false
        let now = shared.clock.now
        let usedBefore = input.usedBytes
        var lines = 0
        while machine.wantsInput {
            guard let event = input.next() else {
                drained(now: now)
                break
            }
            handle(event, now: now)
            lines += 1
            guard lines < LoopTurns.Turn.lines, input.usedBytes - usedBefore < LoopTurns.Turn.bytes,
                shared.clock.now - now < LoopTurns.Turn.time
            else { break }
        }
        settle()
    }

    private func requestTurn() {
        guard !isTurnRequested, context != nil else { return }
        isTurnRequested = true
        runner.turns(clock: shared.clock).request(self, of: connection.caller.uid)
    }

    /// Brings channel and timer in line with the machine, after anything has happened.
    func settle() {
        // Lines that were read already are still handled before the connection closes.
        if machine.wantsInput, input.hasUnreadBytes || input.isEnded { requestTurn() }
        if !isTurnRequested, machine.closeIfDone() {
            context?.close(promise: nil)
            return
        }
        // Not held any longer than needed: the channel then reads into the same memory again.
        if machine.isInputOver || !input.hasUnreadBytes { input.release() }
        setReading(machine.wantsInput && !input.hasUnreadBytes)
        armTimer()
    }

    private func setReading(_ isReading: Bool) {
        guard isReading != self.isReading, let context else { return }
        self.isReading = isReading
        // It fails only on a closed channel, where it does not matter.
        try? context.channel.syncOptions?.setOption(.autoRead, value: isReading)
    }
}
