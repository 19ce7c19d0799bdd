import AgentProtocol
import Concurrency
import Logging
import MosaicAPI
import NIOCore
import Secrets
import Systemd

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
        // Reading or writing failed: the peer is gone.
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

// Lines become calls.
extension ConnectionHandler {
    /// Longer than anything runs.
    private static var unlimited: Duration { .seconds(100 * 365 * 86_400) }

    /// All lines that have come are handled.
    func drained(now: ContinuousClock.Instant) {
        guard input.isEnded else {
            return machine.inputDrained(hasPartialLine: input.hasPartialLine, now: now)
        }
        let line = input.finish()
        defer { line?.wipeInPlace() }
        guard machine.inputEnded(hasPartialLine: line != nil) == .answer, let line else { return }
        guard case .invalid(let error) = IncomingLine(unterminated: line) else { return }
        refuseLine(withoutIDInFlight(error))
    }

    /// Takes what the framer has found.
    func handle(_ event: LineFramer.Event, now: ContinuousClock.Instant) {
        switch event {
        case .line(let line):
            handle(line, now: now)
            // What the call needs of the line has been copied.
            line.wipeInPlace()
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
            let error = withoutIDInFlight(error)
            switch machine.receiveBadLine(namesCall: error.id != nil, now: now) {
            case .answer: refuseLine(error)
            case .answerLast:
                shared.counters.connectionsBroken.increment()
                refuseLine(.tooManyBadLines)
            case .ignore: break
            }
        }
    }

    /// Under an id that is in flight the error would pass for the answer to the first call, so it gets none then.
    private func withoutIDInFlight(_ error: ProtocolError) -> ProtocolError {
        let isInFlight = error.id.map { machine.isInFlight($0) } ?? false
        return isInFlight ? error.answering(nil) : error
    }

    private func receive(_ request: Request, now: ContinuousClock.Instant) {
        let timeLimit = request.timeLimit(on: connection.socket)
        let isOpenEnded = request.isOpenEnded(on: connection.socket)
        var notify: (@Sendable ([UInt8]) async -> Bool)?
        if isOpenEnded, let eventLoop {
            let handle = ConnectionHandle(self, on: eventLoop)
            notify = { lines in await handle.notify(lines) }
        }
        let call = Call(
            request: request,
            socket: connection.socket,
            caller: connection.caller,
            connection: connection.number,
            arrival: now,
            deadline: now + (timeLimit ?? Self.unlimited),
            control: CallLifecycle(),
            isOpenEnded: isOpenEnded,
            notify: notify,
            isProbe: connection.isProbe,
            unit: connection.unit
        )
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
        holdMemory(HeldMemory.perCall)
    }

    private func cancel(_ id: RequestID) {
        switch machine.receiveCancel(id) {
        case .end(let call): call.control.end(.cancelled)
        case .startEnded(let call): start(call, endedBecause: .cancelled)
        case .ignore: break
        }
    }

    /// Has a call run; what has ended already is only answered.
    func start(_ call: Call, endedBecause ending: CallLifecycle.EndReason? = nil) {
        if let ending { call.control.end(ending) }
        guard let eventLoop else { preconditionFailure("a call was read before the connection was active") }
        runner.start(call, for: ConnectionHandle(self, on: eventLoop))
    }
}

// Answers become bytes.
extension ConnectionHandler {
    /// What is known of the bytes on their way out.
    struct OutputState {
        var callsAnswered = 0
        /// What the budget of the peer's uid was told last.
        var unreadReported = 0
        /// What was written since the kernel was last offered it.
        var unoffered = 0
        var isFlushScheduled = false
        var isFlushing = false
    }

    /// Bytes of answers that wait for the end of a round of the loop, at most, before the kernel is offered them and the
    /// limits are looked at. Small answers leave together; many large ones must not heap up in one round.
    private static var mostUnoffered: Int { 65_536 }

    /// Takes the answer of a call that ``start(_:endedBecause:)`` started.
    func answered(_ call: Call, with answer: Answer) {
        shared.counters.callsInFlight.decrement()
        holdMemory(-HeldMemory.perCall)
        output.callsAnswered += 1
        switch machine.answer(to: call.request.id) {
        case .discard:
            shared.counters.answersUndelivered.increment()
            answer.audit?.submit(delivered: false)
        case .write(let next):
            write(answer.line, audit: answer.audit)
            if let next { start(next) }
            // A place is free: read on; the flush looks at that as well.
            if !output.isFlushScheduled { settle() }
        }
    }

    /// Writes notifications of a call in flight, which are no answers: they were not asked for one by one, so those that
    /// are not read do not end the connection.
    func notify(_ lines: [UInt8], _ written: OneShot<Bool>) {
        guard let context, !machine.isClosed else {
            written.tell(false)
            return
        }
        var buffer = context.channel.allocator.buffer(capacity: lines.count)
        buffer.writeBytes(lines)
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenComplete { result in
            let isWritten = if case .success = result { true } else { false }
            written.tell(isWritten)
        }
        context.write(wrapOutboundOut(buffer), promise: promise)
        scheduleFlush()
    }

    /// Answers a line that is no call.
    func refuseLine(_ error: ProtocolError) {
        shared.counters.linesRefused.increment()
        write(error.line(), audit: shared.recordLine(connection.caller, connection.socket, error.kind))
    }

    private func write(_ line: [UInt8], audit: (any AuditSubmission)?) {
        guard let context else {
            audit?.submit(delivered: false)
            return
        }
        audit?.submit(delivered: true)
        var buffer = context.channel.allocator.buffer(capacity: line.count + 1)
        buffer.writeBytes(line)
        buffer.writeInteger(UInt8(ascii: "\n"))
        let count = buffer.readableBytes
        machine.answerQueued(bytes: count, now: shared.clock.now)
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { result in
            self.written(audit, result)
        }
        context.write(wrapOutboundOut(buffer), promise: written)
        output.unoffered += count
        if output.unoffered >= Self.mostUnoffered, !output.isFlushing {
            offer()
        } else {
            scheduleFlush()
        }
    }

    private func written(_ audit: (any AuditSubmission)?, _ result: Result<Void, any Error>) {
        switch result {
        case .success:
            machine.answerWritten()
            // The kernel took it later than it was offered: what follows from that was not looked at yet.
            if !output.isFlushing { scheduleFlush() }
        case .failure:
            if let audit {
                shared.counters.answersUndelivered.increment()
                audit.answerLost()
            }
        }
    }

    /// Offers all answers of this round of the loop to the kernel at once.
    private func scheduleFlush() {
        guard !output.isFlushScheduled, context != nil else { return }
        output.isFlushScheduled = true
        runner.executor.afterJobs {
            self.output.isFlushScheduled = false
            self.flush()
        }
    }

    private func flush() {
        guard offer() else { return }
        settle()
    }

    /// Offers the kernel all answers, and holds what it leaves against the limits.
    ///
    /// - Returns: whether the connection goes on.
    @discardableResult
    private func offer() -> Bool {
        guard let context else { return false }
        output.unoffered = 0
        output.isFlushing = true
        context.flush()
        output.isFlushing = false
        // The flush may have found that the peer is gone.
        guard !machine.isClosed else { return false }
        let unread = machine.unreadBytes
        if unread != output.unreadReported {
            let isWithinBudget = shared.unreadBudget.change(
                uid: connection.caller.uid,
                from: output.unreadReported,
                to: unread
            )
            holdMemory(unread - output.unreadReported)
            output.unreadReported = unread
            guard isWithinBudget, !machine.isOverUnreadLimit else {
                breakOff()
                return false
            }
        }
        return true
    }
}

// Time passes, and connections end.
extension ConnectionHandler {
    /// Looks at the clock: what is due, and when to look again.
    func timerFired() {
        cancelTimer()
        let actions = machine.timer(now: shared.clock.now)
        end(actions.calls, because: .deadline)
        switch actions.connection {
        case .goOn:
            break
        case .answerSlowLine:
            shared.counters.connectionsBroken.increment()
            refuseLine(.lineTooSlow(limit: limits.connection.lineCompletion))
        case .answerSilence:
            shared.counters.connectionsBroken.increment()
            refuseLine(.noLine(limit: limits.connection.firstLine))
        case .close:
            return breakOff()
        }
        settle()
    }

    /// The daemon begins to stop.
    func drain() {
        end(machine.drain(now: shared.clock.now), because: .shuttingDown)
        settle()
    }

    /// The time for draining is over.
    func expireDrain() {
        end(machine.expireDrain(), because: .shuttingDown)
        settle()
    }

    /// Closes the connection whatever is in flight.
    func closeNow() {
        over()
        context?.close(promise: nil)
    }

    /// Closes the connection because its peer does not keep to the rules.
    func breakOff() {
        shared.counters.connectionsBroken.increment()
        closeNow()
    }

    /// The connection is over: calls that were not sent are dropped, those that were run to their end.
    func over() {
        let calls = machine.abandon()
        for call in calls.end where !call.control.end(.peerGone) { runner.leaveUnattended(call.control) }
        for call in calls.startEnded { start(call, endedBecause: .peerGone) }
        if output.unreadReported > 0 {
            _ = shared.unreadBudget.change(uid: connection.caller.uid, from: output.unreadReported, to: 0)
            holdMemory(-output.unreadReported)
            output.unreadReported = 0
        }
        input.abandon()
    }

    /// Tells how much more memory is held, or less, and has it given back after a flood.
    func holdMemory(_ bytes: Int) {
        guard shared.heldMemory.change(by: bytes), let eventLoop else { return }
        let (heldMemory, logger) = (shared.heldMemory, shared.logger)
        for delay in HeldMemory.delays {
            eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) {
                heldMemory.giveBack {
                    do throws(SystemCallError) {
                        try FreedMemory.giveBack()
                    } catch {
                        logger.error("memory is no longer locked", metadata: ["error": "\(error)"])
                    }
                }
            }
        }
    }

    private func end(
        _ calls: ConnectionStateMachine<RequestID, Call>.EndActions,
        because ending: CallLifecycle.EndReason
    ) {
        for call in calls.end { call.control.end(ending) }
        for call in calls.startEnded { start(call, endedBecause: ending) }
    }

    /// Sees to it that ``timerFired()`` is called when the machine's next moment comes.
    ///
    /// The loop's timer is a hint: it stands still while the machine sleeps, and only the clock decides what is due.
    func armTimer() {
        guard let due = machine.timerDue, let context else { return }
        if let timerDue {
            guard due < timerDue else { return }
            timer?.cancel()
        }
        let wait = max(.zero, due - shared.clock.now)
        let scheduled = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(wait)) {
            self.timerFired()
        }
        timerDue = due
        timer = scheduled
    }

    /// Nothing is due any more.
    func cancelTimer() {
        timer?.cancel()
        timer = nil
        timerDue = nil
    }
}
