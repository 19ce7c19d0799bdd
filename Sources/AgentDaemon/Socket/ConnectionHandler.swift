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

    /// Longer than anything runs.
    private static var unlimited: Duration { .seconds(100 * 365 * 86_400) }

    /// Lines handled before other connections of the loop get their turn.
    private static var linesPerTurn: Int { 64 }

    private let connection: Connection
    private let shared: SocketContext
    private let limits: SocketContext.Limits
    private let runner: CallRunner
    private var machine: ConnectionStateMachine<RequestID, Call>
    private var framer: LineFramer
    private var context: ChannelHandlerContext?

    /// Bytes read and not yet cut into lines: more than one chunk only while the reading is stopped, and then bounded by
    /// the kernel's socket buffer, because NIO reads on at the peer's end of file only.
    private var input = ByteBuffer()
    private var isInputEnded = false
    private var isTurnScheduled = false
    private var isFlushScheduled = false
    private var isFlushing = false
    private var isReading = true
    /// Also after the channel is gone, for calls that outlive it. A handle kept here would hold this handler for ever.
    private var eventLoop: (any EventLoop)?
    private var unreadReported = 0
    private var callsAnswered = 0
    private var timer: (due: ContinuousClock.Instant, scheduled: Scheduled<Void>)?

    init(connection: Connection, shared: SocketContext, runner: CallRunner) {
        self.connection = connection
        self.shared = shared
        self.runner = runner
        limits = shared.limits
        machine = ConnectionStateMachine(limits: limits.connection, now: shared.clock.now)
        framer = LineFramer(maximumLineBytes: limits.lineBytes)
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        eventLoop = context.eventLoop
        shared.registry.attach(ConnectionHandle(self, on: context.eventLoop), to: connection.number)
        armTimer()
    }

    func channelInactive(context: ChannelHandlerContext) {
        over()
        timer?.scheduled.cancel()
        timer = nil
        connection.unit?.close()
        shared.registry.remove(connection.number)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var chunk = unwrapInboundIn(data)
        guard !machine.isInputOver else { return }
        if input.readableBytes == 0 {
            input = chunk
        } else {
            input.writeBuffer(&chunk)
        }
        takeTurn()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? ChannelEvent, event == .inputClosed else { return }
        isInputEnded = true
        takeTurn()
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
            callsAnswered: callsAnswered,
            unreadBytes: machine.unreadBytes,
            isReading: isReading && !machine.isInputOver,
            isProbe: connection.isProbe,
            unit: (connection.unit?.current ?? connection.caller.unit).name
        )
    }

    // MARK: Input

    /// Handles the lines that have come, as far as the rules let it.
    private func takeTurn() {
        guard !isTurnScheduled else { return }
        let now = shared.clock.now
        var lines = 0
        while machine.wantsInput {
            guard let event = nextEvent() else {
                drained(now: now)
                break
            }
            handle(event, now: now)
            lines += 1
            if lines == Self.linesPerTurn {
                scheduleTurn()
                break
            }
        }
        settle()
    }

    private func nextEvent() -> LineFramer.Event? {
        var position = 0
        let event = framer.next(in: input.readableBytesUInt8Span, at: &position)
        input.moveReaderIndex(forwardBy: position)
        return event
    }

    private func drained(now: ContinuousClock.Instant) {
        guard isInputEnded else {
            return machine.inputDrained(hasPartialLine: framer.hasPartialLine, now: now)
        }
        let isUnterminated = framer.finish() != nil
        guard machine.inputEnded(hasPartialLine: isUnterminated) == .answer else { return }
        refuseLine(.unterminatedLine)
    }

    private func handle(_ event: LineFramer.Event, now: ContinuousClock.Instant) {
        switch event {
        case .line(let line):
            handle(line, now: now)
        case .tooLong:
            guard machine.receiveOverlongLine() == .answer else { return }
            shared.counters.connectionsBroken.increment()
            refuseLine(.lineTooLong(limit: limits.lineBytes))
        case .unterminated:
            preconditionFailure("the framer ended a stream that has not ended")
        }
    }

    private func handle(_ line: [UInt8], now: ContinuousClock.Instant) {
        switch IncomingLine(parsing: line) {
        case .request(let request):
            receive(request, now: now)
        case .cancel(let id):
            cancel(id)
        case .invalid(let error):
            guard machine.receiveBadLine() == .answer else { return }
            // Under an id that is in flight the error would pass for the answer to the first call.
            let isInFlight = error.id.map { machine.isInFlight($0) } ?? false
            refuseLine(isInFlight ? error.answering(nil) : error)
        }
    }

    private func receive(_ request: Request, now: ContinuousClock.Instant) {
        let timeLimit = request.timeLimit(on: connection.socket)
        var call = Call(
            request: request,
            socket: connection.socket,
            caller: connection.caller,
            connection: connection.number,
            arrival: now,
            deadline: now + (timeLimit ?? Self.unlimited),
            control: CallControl()
        )
        call.isProbe = connection.isProbe
        call.unit = connection.unit
        call.isOpenEnded = request.isOpenEnded(on: connection.socket)
        if call.isOpenEnded, let eventLoop {
            let handle = ConnectionHandle(self, on: eventLoop)
            call.notify = { lines in await handle.notify(lines) }
        }
        let isServedAlways = request.method.hasPrefix("system.")
        let action = machine.receiveCall(
            request.id,
            call,
            isServedAlways: isServedAlways,
            isOpenEnded: call.isOpenEnded,
            deadline: timeLimit.map { now + $0 }
        )
        switch action {
        case .refuseDuplicate:
            return refuseLine(.idInFlight)
        case .ignore:
            return
        case .park:
            break
        case .start(let call):
            start(call)
        case .startEnded(let call, let ending):
            start(call, endedBecause: ending)
        }
        shared.counters.callsReceived.increment()
        shared.counters.callsInFlight.increment()
    }

    private func cancel(_ id: RequestID) {
        switch machine.receiveCancel(id) {
        case .end(let call): call.control.end(.cancelled)
        case .startEnded(let call): start(call, endedBecause: .cancelled)
        case .ignore: break
        }
    }

    private func start(_ call: Call, endedBecause ending: CallControl.Ending? = nil) {
        if let ending { call.control.end(ending) }
        guard let eventLoop else { preconditionFailure("a call was read before the connection was active") }
        runner.start(call, for: ConnectionHandle(self, on: eventLoop))
    }

    // MARK: Output

    /// Takes the answer of a call that ``start(_:endedBecause:)`` started.
    func answered(_ call: Call, with answer: Answer) {
        shared.counters.callsInFlight.decrement()
        callsAnswered += 1
        switch machine.answer(to: call.request.id) {
        case .discard:
            shared.counters.answersUndelivered.increment()
            answer.audit?.submit(delivered: false)
        case .write(let next):
            write(answer.line, audit: answer.audit)
            if let next { start(next) }
            // A place is free: read on.
            takeTurn()
        }
    }

    /// Writes notifications of a call in flight, which are no answers: nobody has asked for each of them, so those that
    /// are not read do not end the connection.
    func notify(_ lines: [UInt8], _ written: WrittenNotification) {
        guard let context, !machine.isClosed else { return written.end(false) }
        var buffer = context.channel.allocator.buffer(capacity: lines.count)
        buffer.writeBytes(lines)
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenComplete { result in
            guard case .success = result else { return written.end(false) }
            written.end(true)
        }
        context.write(wrapOutboundOut(buffer), promise: promise)
        scheduleFlush()
    }

    /// Answers a line that is no call; nobody audits that.
    private func refuseLine(_ error: ProtocolError) {
        shared.counters.linesRefused.increment()
        write(error.line(), audit: nil)
    }

    private func write(_ line: [UInt8], audit: (any AuditSubmission)?) {
        guard let context else {
            audit?.submit(delivered: false)
            return
        }
        var buffer = context.channel.allocator.buffer(capacity: line.count + 1)
        buffer.writeBytes(line)
        buffer.writeInteger(UInt8(ascii: "\n"))
        machine.answerQueued(bytes: buffer.readableBytes, now: shared.clock.now)
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { result in
            self.written(audit, result)
        }
        context.write(wrapOutboundOut(buffer), promise: written)
        scheduleFlush()
    }

    private func written(_ audit: (any AuditSubmission)?, _ result: Result<Void, any Error>) {
        switch result {
        case .success:
            machine.answerWritten()
            audit?.submit(delivered: true)
            // The kernel took it later than it was offered: what follows from that was not looked at yet.
            if !isFlushing { scheduleFlush() }
        case .failure:
            if let audit {
                shared.counters.answersUndelivered.increment()
                audit.submit(delivered: false)
            }
        }
    }

    /// Offers all answers of this round of the loop to the kernel at once.
    private func scheduleFlush() {
        guard !isFlushScheduled, let context else { return }
        isFlushScheduled = true
        context.eventLoop.assumeIsolated().execute {
            self.isFlushScheduled = false
            self.flush()
        }
    }

    private func flush() {
        guard let context else { return }
        isFlushing = true
        context.flush()
        isFlushing = false
        // The flush may have found that the peer is gone.
        guard !machine.isClosed else { return }
        let unread = machine.unreadBytes
        if unread != unreadReported {
            let isWithinBudget = shared.unreadBudget.change(
                uid: connection.caller.uid,
                from: unreadReported,
                to: unread
            )
            unreadReported = unread
            guard isWithinBudget, !machine.isOverUnreadLimit else { return breakOff() }
        }
        settle()
    }

    // MARK: Time and ends

    /// Looks at the clock: what is due, and when to look again.
    func timerFired() {
        timer?.scheduled.cancel()
        timer = nil
        let actions = machine.timer(now: shared.clock.now)
        for call in actions.end { call.control.end(.deadline) }
        for call in actions.startEnded { start(call, endedBecause: .deadline) }
        switch actions.connection {
        case .goOn:
            break
        case .answerSlowLine:
            shared.counters.connectionsBroken.increment()
            refuseLine(.lineTooSlow(limit: limits.connection.lineCompletion))
        case .close:
            return breakOff()
        }
        takeTurn()
    }

    /// The daemon begins to stop.
    func drain() {
        let actions = machine.drain(now: shared.clock.now)
        for call in actions.end { call.control.end(.shuttingDown) }
        for call in actions.startEnded { start(call, endedBecause: .shuttingDown) }
        takeTurn()
    }

    /// The time for draining is over.
    func expireDrain() {
        let actions = machine.expireDrain()
        for call in actions.end { call.control.end(.shuttingDown) }
        for call in actions.startEnded { start(call, endedBecause: .shuttingDown) }
        settle()
    }

    /// Closes the connection whatever is in flight.
    func closeNow() {
        over()
        context?.close(promise: nil)
    }

    /// Closes the connection because its peer does not keep to the rules.
    private func breakOff() {
        shared.counters.connectionsBroken.increment()
        closeNow()
    }

    /// The connection is over: calls that were not sent are dropped, those that were run to their end.
    private func over() {
        let actions = machine.abandon()
        for call in actions.end { call.control.end(.peerGone) }
        for call in actions.startEnded { start(call, endedBecause: .peerGone) }
        if unreadReported > 0 {
            _ = shared.unreadBudget.change(uid: connection.caller.uid, from: unreadReported, to: 0)
            unreadReported = 0
        }
        input = ByteBuffer()
    }

    /// Brings channel and timer in line with the machine, after anything has happened.
    private func settle() {
        // Lines that were read already are still handled before the connection closes.
        if !isTurnScheduled, machine.closeIfDone() {
            context?.close(promise: nil)
            return
        }
        // Not held any longer than needed: the channel then reads into the same memory again.
        if machine.isInputOver || input.readableBytes == 0 { input = ByteBuffer() }
        setReading(machine.wantsInput && input.readableBytes == 0)
        armTimer()
    }

    private func setReading(_ isReading: Bool) {
        guard isReading != self.isReading, let context else { return }
        self.isReading = isReading
        // It fails only on a closed channel, where it does not matter.
        try? context.channel.syncOptions?.setOption(.autoRead, value: isReading)
    }

    private func scheduleTurn() {
        guard !isTurnScheduled, let context else { return }
        isTurnScheduled = true
        context.eventLoop.assumeIsolated().execute {
            self.isTurnScheduled = false
            self.takeTurn()
        }
    }

    /// Sees to it that ``timerFired()`` is called when the machine's next moment comes.
    ///
    /// The loop's timer is a hint: it stands still while the machine sleeps, and only the clock decides what is due.
    private func armTimer() {
        guard let due = machine.timerDue, let context else { return }
        if let timer {
            guard due < timer.due else { return }
            timer.scheduled.cancel()
        }
        let wait = max(.zero, due - shared.clock.now)
        let scheduled = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(wait)) {
            self.timerFired()
        }
        timer = (due, scheduled)
    }
}
