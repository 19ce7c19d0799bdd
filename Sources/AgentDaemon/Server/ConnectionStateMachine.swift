import AgentProtocol

/// The order and flow rules of one connection.
///
/// A value without input or output: its driver reports what happened (a line, an answer, a moment in time) and carries
/// out what comes back. `ID` is the request's id, `Payload` whatever the driver wants to find again with it.
///
/// The driver asks for lines only while ``wantsInput`` holds, reports every write, and closes the connection when
/// ``closeIfDone()`` says so. Each id that a call was received under is answered once: either with
/// ``answer(to:)``, or never when the machine has been abandoned (the answer is then discarded).
///
/// The line timer needs no pausing: the reading stops only right behind a complete line, and the time of the line behind
/// that one starts when the driver reports its first bytes, which it does not do before the reading has resumed.
struct ConnectionStateMachine<ID: Hashable & Sendable, Payload: Sendable>: ~Copyable {
    private enum Phase {
        /// Lines are read.
        case open
        /// Nothing more is read; the connection closes when all calls are answered and all answers written.
        case finishing
        /// The connection is closed or must be; answers are discarded.
        case closed
    }

    private let limits: ConnectionLimits
    private var phase = Phase.open
    private var isDraining = false
    private var calls: InFlightCalls<ID, Payload>
    private var unread = UnreadAnswers()
    private var firstLineDue: ContinuousClock.Instant?
    private var lineDue: ContinuousClock.Instant?
    private var badLines = BadLines()

    /// When the driver should call ``timer(now:)`` at the latest; may be earlier than needed, nil if nothing is timed.
    private(set) var timerDue: ContinuousClock.Instant?

    /// The machine of a connection accepted now.
    init(limits: ConnectionLimits, now: ContinuousClock.Instant) {
        self.limits = limits
        calls = InFlightCalls(limits: limits)
        let due = now + limits.firstLine
        firstLineDue = due
        timerDue = due
    }

    /// Whether the driver should go on reading and hand over lines.
    var wantsInput: Bool {
        phase == .open && calls.hasRoom && !badLines.isPausing && unread.bytes < limits.unreadBytesWhileReading
    }

    /// Whether no more input will ever be wanted.
    var isInputOver: Bool { phase != .open }

    /// Whether the connection is over, for whatever reason.
    var isClosed: Bool { phase == .closed }

    /// Calls that have no answer yet, parked ones among them.
    var unansweredCalls: Int { calls.count }

    /// Whether a call of that id waits for its answer.
    func isInFlight(_ id: ID) -> Bool { calls.contains(id) }

    /// Calls that wait for a place.
    var parkedCalls: Int { calls.parkedCount }

    /// Bytes of answers that are in the daemon's memory.
    var unreadBytes: Int { unread.bytes }
}

// MARK: Input

extension ConnectionStateMachine {
    /// A well-formed request was read.
    ///
    /// - Parameters:
    ///   - isServedAlways: true for `system.*`, which waits for no other call.
    ///   - isOpenEnded: true for a call that goes on until it is ended; draining ends it.
    ///   - deadline: when it is ended; nil for never.
    mutating func receiveCall(
        _ id: ID,
        _ payload: Payload,
        isServedAlways: Bool,
        isOpenEnded: Bool = false,
        deadline: ContinuousClock.Instant?
    ) -> CallAction {
        guard phase == .open else { return .ignore }
        let isFirstLine = firstLineDue != nil
        lineReceived()
        badLines.inARow = 0
        guard !calls.contains(id) else { return .refuseDuplicate }
        if isDraining, !isFirstLine || isOpenEnded {
            calls.insertEnded(id, payload)
            return .startEnded(payload, .shuttingDown)
        }
        let isStarted = calls.insert(
            id,
            payload,
            isServedAlways: isServedAlways,
            isOpenEnded: isOpenEnded,
            deadline: deadline
        )
        if let deadline { schedule(deadline) }
        return isStarted ? .start(payload) : .park
    }

    /// A line was read that is no well-formed request; the error is answered whatever else is going on.
    ///
    /// Such lines cost their sender: beyond ``ConnectionLimits/badLinesAtOnce`` the reading pauses, and in the end the
    /// connection closes.
    ///
    /// - Parameter namesCall: whether the error is the answer to a call, as with a text that breaks behind its id. What the
    ///   users of an application type may do that, so it costs no more than a call does.
    mutating func receiveBadLine(namesCall: Bool, now: ContinuousClock.Instant) -> LineAction {
        guard phase == .open else { return .ignore }
        lineReceived()
        guard !namesCall else { return .answer }
        guard !badLines.receive(limits, now: now) else {
            finishInput()
            return .answerLast
        }
        if let resumption = badLines.pausedUntil { schedule(resumption) }
        return .answer
    }

    /// A line that is too long was met: answered, then nothing behind it is read.
    mutating func receiveOverlongLine() -> LineAction {
        guard phase == .open else { return .ignore }
        finishInput()
        return .answer
    }

    /// A well-formed `$/cancel` was read.
    mutating func receiveCancel(_ id: ID) -> CancelAction {
        guard phase == .open else { return .ignore }
        lineReceived()
        return switch calls.end(id) {
        case .running(let payload): .end(payload)
        case .parked(let payload): .startEnded(payload)
        case nil: .ignore
        }
    }

    /// The driver has handed over every complete line it has.
    ///
    /// - Parameter hasPartialLine: whether bytes of an unfinished line remain.
    mutating func inputDrained(hasPartialLine: Bool, now: ContinuousClock.Instant) {
        guard phase == .open else { return }
        guard hasPartialLine else {
            lineDue = nil
            return
        }
        guard lineDue == nil else { return }
        let due = now + limits.lineCompletion
        lineDue = due
        schedule(due)
    }

    /// The peer will send no more, and all lines have been handed over.
    ///
    /// - Parameter hasPartialLine: whether the last line has no LF: that is answered `-32700`.
    mutating func inputEnded(hasPartialLine: Bool) -> LineAction {
        guard phase == .open else { return .ignore }
        finishInput()
        return hasPartialLine ? .answer : .ignore
    }

    private mutating func lineReceived() {
        firstLineDue = nil
        lineDue = nil
    }

    private mutating func finishInput() {
        phase = .finishing
        lineReceived()
    }
}

// MARK: Output

extension ConnectionStateMachine {
    /// A call's answer is ready.
    ///
    /// - Precondition: the call is in flight; a second answer is a bug of the driver.
    mutating func answer(to id: ID) -> AnswerAction {
        calls.remove(id)
        guard phase != .closed else { return .discard }
        return .write(thenStart: calls.startNext())
    }

    /// An answer of so many bytes went to the connection's output.
    mutating func answerQueued(bytes: Int, now: ContinuousClock.Instant) {
        unread.append(bytes: bytes, at: now)
        schedule(now + limits.unreadAge)
    }

    /// The kernel took the oldest queued answer in full.
    mutating func answerWritten() {
        unread.removeFirst()
    }

    /// Whether more is unread than a connection may leave; asked after the kernel was offered everything.
    var isOverUnreadLimit: Bool { unread.bytes > limits.unreadBytes }

    /// Closes the machine if nothing is left to do: the driver then closes the connection.
    mutating func closeIfDone() -> Bool {
        guard phase == .finishing || (phase == .open && isDraining && firstLineDue == nil) else { return false }
        guard calls.isEmpty, unread.isEmpty else { return false }
        phase = .closed
        return true
    }
}

// MARK: Time and ends

extension ConnectionStateMachine {
    /// Looks at the time. May be called at any moment; early calls change nothing.
    mutating func timer(now: ContinuousClock.Instant) -> TimerActions {
        var actions = TimerActions()
        guard phase != .closed else { return actions }
        let overdue = calls.endOverdue(now: now)
        actions.calls = EndActions(end: overdue.running, startEnded: overdue.parked)
        badLines.resume(now: now)
        if let due = lineDue, due <= now {
            finishInput()
            actions.connection = .answerSlowLine
        } else if let due = firstLineDue, due <= now {
            finishInput()
            actions.connection = isDraining ? .close : .answerSilence
        }
        if let oldest = unread.oldest, oldest + limits.unreadAge <= now { actions.connection = .close }
        reschedule()
        return actions
    }

    /// The connection is closed, by the peer or by us; answers that still come are discarded.
    mutating func abandon() -> EndActions {
        guard phase != .closed else { return EndActions() }
        phase = .closed
        timerDue = nil
        return EndActions(end: calls.started, startEnded: calls.endParked())
    }

    /// The daemon begins to stop.
    ///
    /// Calls in flight go on, but for open-ended ones, which end; parked calls, and calls read from now on, are answered
    /// `shutting_down`. The reading goes on while calls are in flight, so that a pipelining client learns what became of
    /// each of its requests. The connection closes at the first moment when no call is in flight and everything is
    /// written.
    ///
    /// A connection that has not said anything yet was perhaps accepted a moment ago, with its request on the way: it has
    /// a moment more for that, and the request is served. So a client that connects while the daemon is restarted
    /// is either served now or waits for the next daemon.
    mutating func drain(now: ContinuousClock.Instant) -> EndActions {
        guard phase != .closed else { return EndActions() }
        isDraining = true
        if let due = firstLineDue {
            let last = min(due, now + limits.firstLineWhileDraining)
            firstLineDue = last
            schedule(last)
        }
        return EndActions(end: calls.startedOpenEnded, startEnded: calls.endParked())
    }

    /// The time for draining is over: what still runs is ended too.
    mutating func expireDrain() -> EndActions {
        guard phase != .closed else { return EndActions() }
        isDraining = true
        finishInput()
        return EndActions(end: calls.started, startEnded: calls.endParked())
    }

    private mutating func schedule(_ due: ContinuousClock.Instant) {
        timerDue = timerDue.map { min($0, due) } ?? due
    }

    private mutating func reschedule() {
        timerDue = nil
        for due in calls.deadlines { schedule(due) }
        if let lineDue { schedule(lineDue) }
        if let firstLineDue { schedule(firstLineDue) }
        if let resumption = badLines.pausedUntil { schedule(resumption) }
        if let oldest = unread.oldest { schedule(oldest + limits.unreadAge) }
    }
}

/// The lines of a connection that were no requests, against the limit on their rate.
private struct BadLines {
    /// Since the last request.
    var inARow = 0
    /// Whether the reading waits.
    private(set) var isPausing = false
    /// When the reading goes on; nil while it does.
    private(set) var pausedUntil: ContinuousClock.Instant? {
        didSet { isPausing = pausedUntil != nil }
    }
    /// When all of them will be forgotten.
    private var forgotten: ContinuousClock.Instant?

    /// Counts one; true if it is one too many.
    mutating func receive(_ limits: ConnectionLimits, now: ContinuousClock.Instant) -> Bool {
        inARow += 1
        guard inARow < limits.badLinesInARow else { return true }
        let end = max(forgotten ?? now, now) + limits.badLineInterval
        forgotten = end
        let resumption = end - limits.badLineInterval * limits.badLinesAtOnce
        // Ten at a time, so that a pause is worth its timer.
        if resumption > now { pausedUntil = resumption + limits.badLineInterval * 9 }
        return false
    }

    /// Ends a pause that is over.
    mutating func resume(now: ContinuousClock.Instant) {
        if let end = pausedUntil, end <= now { pausedUntil = nil }
    }
}

// What the machine's events answer: orders to its driver.

extension ConnectionStateMachine {
    /// What to do with a call that was read.
    enum CallAction: Sendable {
        /// Run it.
        case start(Payload)
        /// Have it answered at once as ended for this reason.
        case startEnded(Payload, CallLifecycle.EndReason)
        /// It waits its turn; do nothing.
        case park
        /// Its id is in flight: `-32600` with id null; the first call goes on.
        case refuseDuplicate
        /// The connection is over; do nothing.
        case ignore
    }

    /// What to do with a line that is no call.
    enum LineAction {
        /// Write the error.
        case answer
        /// It was one too many: say so in its place; nothing more is read.
        case answerLast
        /// The connection is over; do nothing.
        case ignore
    }

    /// What `$/cancel` does.
    enum CancelAction: Sendable {
        /// End the running call; its answer will come.
        case end(Payload)
        /// It was parked: have it answered at once as cancelled.
        case startEnded(Payload)
        /// There is no such call.
        case ignore
    }

    /// What to do with an answer that the dispatcher gave.
    enum AnswerAction: Sendable {
        /// Write it, and run the call whose turn has come, if any.
        case write(thenStart: Payload?)
        /// It cannot be read any more: audit it as not delivered.
        case discard
    }

    /// What the passing of time asks for.
    struct TimerActions {
        /// What becomes of the connection.
        enum Connection {
            /// It goes on.
            case goOn
            /// A line was not complete in time: answer `-32600` with id null; nothing more is read.
            case answerSlowLine
            /// No line came in time: answer `-32600` with id null; nothing more is read.
            case answerSilence
            /// Answers stay unread, or the daemon stops and no line has come: close without a word.
            case close
        }

        /// What becomes of the calls that met their deadline.
        var calls = EndActions()
        /// What becomes of the connection.
        var connection = Connection.goOn
    }

    /// What to do with calls that end before their answer.
    struct EndActions {
        /// Running ones: end these.
        var end: [Payload] = []
        /// Parked ones: have these answered as ended.
        var startEnded: [Payload] = []
    }
}

extension ConnectionStateMachine.CallAction: Equatable where Payload: Equatable {}
extension ConnectionStateMachine.CancelAction: Equatable where Payload: Equatable {}
extension ConnectionStateMachine.AnswerAction: Equatable where Payload: Equatable {}

/// What one connection may ask of the daemon's memory and patience.
package struct ConnectionLimits: Sendable, Equatable {
    /// Calls that run at the same time.
    package var callsInFlight = ProtocolLimits.callsInFlight
    /// Calls that wait, in order, for one of those to end. One more is held back, and stops the reading.
    package var callsParked = ProtocolLimits.parkedCalls
    /// Calls beside those: `system.*`, and calls that ended before their turn and wait for their answer's text.
    /// When so many of them are unanswered the reading stops too, so that a flood of pings is bounded as well.
    package var callsExempt = 32
    /// From a line's first byte to its LF.
    package var lineCompletion = ProtocolLimits.lineTime
    /// From the connection's acceptance to its first line that is not empty.
    package var firstLine = ProtocolLimits.firstLineTime
    /// From the moment the daemon begins to stop to the first line of a connection that has had none.
    package var firstLineWhileDraining = Duration.milliseconds(250)
    /// How long one answer may wait in the daemon's memory for the peer to read.
    package var unreadAge = ProtocolLimits.unreadTime
    /// Bytes of answers that may wait in the daemon's memory.
    package var unreadBytes = ProtocolLimits.unreadBytesPerConnection
    /// While so many bytes of answers wait, nothing more is read: who reads no answers gets no further ones.
    package var unreadBytesWhileReading = 1 << 20
    /// Lines that are no requests and name no call that are answered at once.
    package var badLinesAtOnce = 256
    /// Beyond these, the reading pauses so that on the average there is one of them in this time.
    package var badLineInterval = Duration.milliseconds(10)
    /// When so many of them have come without a request between them, the connection closes.
    package var badLinesInARow = 1024

    /// The protocol's own limits.
    package init() {}
}
