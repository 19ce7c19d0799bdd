@testable import AgentDaemon

/// Suites in which every test is a transcript: an event, and what the machine says to it.
///
/// The payload of a call is its id.
protocol ConnectionTranscripts {}

extension ConnectionTranscripts {
    /// A moment after the beginning.
    static func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    /// The moment at which all transcripts begin.
    static var start: ContinuousClock.Instant { ConnectionMachine.start }

    /// The machine of a connection accepted at the beginning.
    static func machine(_ change: (inout ConnectionLimits) -> Void = { _ in }) -> ConnectionMachine {
        var limits = ConnectionLimits()
        change(&limits)
        return ConnectionMachine(ConnectionStateMachine(limits: limits, now: start))
    }
}

/// The machine in a box: `#expect` cannot look into a value that cannot be copied.
final class ConnectionMachine {
    typealias Inner = ConnectionStateMachine<Int, Int>

    /// The moment at which all transcripts begin.
    static let start = ContinuousClock.now

    private var inner: Inner

    init(_ inner: consuming Inner) { self.inner = inner }

    var wantsInput: Bool { inner.wantsInput }
    var isInputOver: Bool { inner.isInputOver }
    var unansweredCalls: Int { inner.unansweredCalls }
    var unreadBytes: Int { inner.unreadBytes }
    var isOverUnreadLimit: Bool { inner.isOverUnreadLimit }
    var timerDue: ContinuousClock.Instant? { inner.timerDue }

    func isInFlight(_ id: Int) -> Bool { inner.isInFlight(id) }
    func call(
        _ id: Int,
        isServedAlways: Bool = false,
        isOpenEnded: Bool = false,
        deadline: ContinuousClock.Instant? = .now + .seconds(10)
    ) -> Inner.CallAction {
        inner.receiveCall(
            id,
            id,
            isServedAlways: isServedAlways,
            isOpenEnded: isOpenEnded,
            deadline: deadline
        )
    }
    func receiveBadLine(namesCall: Bool = false, now: ContinuousClock.Instant = start) -> Inner.LineAction {
        inner.receiveBadLine(namesCall: namesCall, now: now)
    }
    func receiveOverlongLine() -> Inner.LineAction { inner.receiveOverlongLine() }
    func receiveCancel(_ id: Int) -> Inner.CancelAction { inner.receiveCancel(id) }
    func inputDrained(hasPartialLine: Bool, now: ContinuousClock.Instant) {
        inner.inputDrained(hasPartialLine: hasPartialLine, now: now)
    }
    func inputEnded(hasPartialLine: Bool) -> Inner.LineAction { inner.inputEnded(hasPartialLine: hasPartialLine) }
    func answer(to id: Int) -> Inner.AnswerAction { inner.answer(to: id) }
    func answerQueued(bytes: Int, now: ContinuousClock.Instant) { inner.answerQueued(bytes: bytes, now: now) }
    func answerWritten() { inner.answerWritten() }
    func closeIfDone() -> Bool { inner.closeIfDone() }
    func timer(now: ContinuousClock.Instant) -> Inner.TimerActions { inner.timer(now: now) }
    func abandon() -> Inner.EndActions { inner.abandon() }
    func drain(now: ContinuousClock.Instant = ConnectionMachine.start) -> Inner.EndActions {
        inner.drain(now: now)
    }
    func expireDrain() -> Inner.EndActions { inner.expireDrain() }
}
