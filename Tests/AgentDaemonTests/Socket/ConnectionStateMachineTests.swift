import AgentProtocol
import Testing

@testable import AgentDaemon

/// Every test is a transcript: an event, and what the machine says to it. The payload of a call is its id.
@Suite struct ConnectionStateMachineTests {
    /// The moment at which all transcripts begin.
    static let start = ContinuousClock.now

    static func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    static func machine(_ change: (inout ConnectionLimits) -> Void = { _ in }) -> Machine {
        var limits = ConnectionLimits()
        change(&limits)
        return Machine(ConnectionStateMachine(limits: limits, now: start))
    }

    @Test func `a call is started and its answer written`() {
        let machine = Self.machine()
        #expect(machine.call(1) == .start(1))
        #expect(machine.unansweredCalls == 1)
        #expect(machine.answer(to: 1) == .write(thenStart: nil))
        machine.answerQueued(bytes: 10, now: Self.start)
        machine.answerWritten()
        let isDone = machine.closeIfDone()
        #expect(machine.unansweredCalls == 0)
        #expect(!isDone)
        #expect(machine.wantsInput)
    }

    @Test func `answers may come in any order`() {
        let machine = Self.machine()
        for id in 1...3 { #expect(machine.call(id) == .start(id)) }
        for id in [2, 3, 1] { #expect(machine.answer(to: id) == .write(thenStart: nil)) }
    }

    @Test func `an id in flight is refused, parked or running, and free again after its answer`() {
        let machine = Self.machine { $0.callsInFlight = 1 }
        #expect(machine.call(1) == .start(1))
        #expect(machine.call(2) == .park)
        #expect(machine.call(1) == .refuseDuplicate)
        #expect(machine.call(2) == .refuseDuplicate)
        #expect(machine.isInFlight(2))
        #expect(machine.answer(to: 1) == .write(thenStart: 2))
        #expect(!machine.isInFlight(1))
        #expect(machine.call(1) == .park)
    }

    @Test func `the 33rd call is parked, and parked calls start in the order of their arrival`() {
        let machine = Self.machine()
        for id in 1...32 { #expect(machine.call(id) == .start(id)) }
        for id in 33...64 { #expect(machine.call(id) == .park) }
        #expect(machine.wantsInput)
        for id in 1...32 { #expect(machine.answer(to: id) == .write(thenStart: id + 32)) }
        #expect(machine.answer(to: 64) == .write(thenStart: nil))
    }

    @Test func `the 65th call stops the reading until one is answered, and is not lost`() {
        let machine = Self.machine()
        for id in 1...64 { _ = machine.call(id) }
        #expect(machine.wantsInput)
        _ = machine.call(65)
        #expect(!machine.wantsInput)
        #expect(machine.answer(to: 7) == .write(thenStart: 33))
        #expect(machine.wantsInput)
        for id in 1...32 where id != 7 { _ = machine.answer(to: id) }
        for id in 33...64 { _ = machine.answer(to: id) }
        #expect(machine.answer(to: 65) == .write(thenStart: nil))
    }

    @Test func `while 64 calls are there, system calls, cancels and bad lines are still served`() {
        let machine = Self.machine()
        for id in 1...64 { _ = machine.call(id) }
        #expect(machine.call(100, isServedAlways: true) == .start(100))
        #expect(machine.receiveBadLine() == .answer)
        #expect(machine.receiveCancel(3) == .end(3))
        #expect(machine.wantsInput)
        // Its place is not one of the 32: nothing parked may take it.
        #expect(machine.answer(to: 100) == .write(thenStart: nil))
    }

    @Test func `a flood of system calls stops the reading as well`() {
        let machine = Self.machine()
        for id in 1...32 { #expect(machine.call(id, isServedAlways: true) == .start(id)) }
        #expect(!machine.wantsInput)
        #expect(machine.answer(to: 5) == .write(thenStart: nil))
        #expect(machine.wantsInput)
    }

    @Test func `a running call is told of its cancel and keeps its place until it is answered`() {
        let machine = Self.machine { $0.callsInFlight = 1 }
        _ = machine.call(1)
        _ = machine.call(2)
        #expect(machine.receiveCancel(1) == .end(1))
        #expect(machine.unansweredCalls == 2)
        #expect(machine.answer(to: 1) == .write(thenStart: 2))
    }

    @Test func `a parked call that is cancelled is answered at once and leaves the queue`() {
        let machine = Self.machine { $0.callsInFlight = 1 }
        for id in 1...3 { _ = machine.call(id) }
        #expect(machine.receiveCancel(2) == .startEnded(2))
        #expect(machine.answer(to: 2) == .write(thenStart: nil))
        #expect(machine.answer(to: 1) == .write(thenStart: 3))
    }

    @Test func `an unknown id in a cancel is ignored`() {
        let machine = Self.machine()
        _ = machine.call(1)
        #expect(machine.receiveCancel(2) == .ignore)
        _ = machine.answer(to: 1)
        #expect(machine.receiveCancel(1) == .ignore)
    }

    @Test func `a call is ended at its deadline, once`() {
        let machine = Self.machine()
        _ = machine.call(1, deadline: Self.at(10))
        #expect(machine.timer(now: Self.at(9.9)).end.isEmpty)
        #expect(machine.timer(now: Self.at(10)).end == [1])
        #expect(machine.timer(now: Self.at(11)).end.isEmpty)
        #expect(machine.answer(to: 1) == .write(thenStart: nil))
    }

    @Test func `a parked call is answered at its deadline although its turn has not come`() {
        let machine = Self.machine { $0.callsInFlight = 1 }
        _ = machine.call(1, deadline: Self.at(60))
        _ = machine.call(2, deadline: Self.at(10))
        _ = machine.call(3, deadline: Self.at(60))
        let actions = machine.timer(now: Self.at(10))
        #expect(actions.end.isEmpty)
        #expect(actions.startEnded == [2])
        #expect(machine.answer(to: 2) == .write(thenStart: nil))
        #expect(machine.answer(to: 1) == .write(thenStart: 3))
    }

    @Test func `the timer is due no later than the next deadline and runs out when nothing is timed`() {
        let machine = Self.machine()
        #expect(machine.timerDue == Self.at(30))
        _ = machine.call(1, deadline: Self.at(10))
        #expect(machine.timerDue == Self.at(10))
        _ = machine.call(2, deadline: Self.at(5))
        #expect(machine.timerDue == Self.at(5))
        _ = machine.timer(now: Self.at(5))
        #expect(machine.timerDue == Self.at(10))
        _ = machine.answer(to: 1)
        _ = machine.timer(now: Self.at(10))
        #expect(machine.timerDue == nil)
    }

    @Test func `a connection without a line is closed after 30 seconds`() {
        let machine = Self.machine()
        machine.inputDrained(hasPartialLine: false, now: Self.at(29))
        #expect(machine.timer(now: Self.at(29.9)).connection == .goOn)
        #expect(machine.timer(now: Self.at(30)).connection == .close)
    }

    @Test(arguments: ["a call", "a bad line", "a cancel"])
    func `any line that is not empty ends the wait for the first`(line: String) {
        let machine = Self.machine()
        switch line {
        case "a call": _ = machine.call(1, deadline: Self.at(600))
        case "a bad line": _ = machine.receiveBadLine()
        default: _ = machine.receiveCancel(1)
        }
        #expect(machine.timer(now: Self.at(31)).connection == .goOn)
    }

    @Test func `a line must be complete 5 seconds after its first byte`() {
        let machine = Self.machine()
        machine.inputDrained(hasPartialLine: true, now: Self.at(1))
        // More of the same line changes nothing.
        machine.inputDrained(hasPartialLine: true, now: Self.at(4))
        #expect(machine.timerDue == Self.at(6))
        #expect(machine.timer(now: Self.at(5.9)).connection == .goOn)
        #expect(machine.timer(now: Self.at(6)).connection == .answerSlowLine)
        #expect(!machine.wantsInput)
        machine.answerQueued(bytes: 10, now: Self.at(6))
        let isDoneBeforeWritten = machine.closeIfDone()
        machine.answerWritten()
        let isDone = machine.closeIfDone()
        #expect(!isDoneBeforeWritten)
        #expect(isDone)
    }

    @Test func `a complete line stops its timer, and the next line has a timer of its own`() {
        let machine = Self.machine()
        machine.inputDrained(hasPartialLine: true, now: Self.at(1))
        _ = machine.call(1, deadline: Self.at(600))
        machine.inputDrained(hasPartialLine: true, now: Self.at(4))
        #expect(machine.timer(now: Self.at(8.9)).connection == .goOn)
        #expect(machine.timer(now: Self.at(9)).connection == .answerSlowLine)
    }

    @Test func `calls in flight are answered after a line that was too slow`() {
        let machine = Self.machine()
        _ = machine.call(1, deadline: Self.at(600))
        machine.inputDrained(hasPartialLine: true, now: Self.start)
        #expect(machine.timer(now: Self.at(5)).connection == .answerSlowLine)
        let isDone = machine.closeIfDone()
        #expect(!isDone)
        #expect(machine.answer(to: 1) == .write(thenStart: nil))
    }

    @Test func `the line timer does not run while the reading is stopped`() {
        let machine = Self.machine()
        for id in 1...65 { _ = machine.call(id, deadline: Self.at(600)) }
        // A stopped driver hands over nothing, so nothing is timed but the deadlines.
        #expect(machine.timer(now: Self.at(100)).connection == .goOn)
        _ = machine.answer(to: 1)
        machine.inputDrained(hasPartialLine: true, now: Self.at(100))
        #expect(machine.timer(now: Self.at(104)).connection == .goOn)
        #expect(machine.timer(now: Self.at(105)).connection == .answerSlowLine)
    }

    @Test func `behind an over-long line nothing is read, calls in flight are answered, then it closes`() {
        let machine = Self.machine()
        _ = machine.call(1)
        #expect(machine.receiveOverlongLine() == .answer)
        #expect(!machine.wantsInput)
        #expect(machine.isInputOver)
        #expect(machine.call(2) == .ignore)
        #expect(machine.receiveBadLine() == .ignore)
        #expect(machine.receiveCancel(1) == .ignore)
        let isDoneInFlight = machine.closeIfDone()
        #expect(!isDoneInFlight)
        #expect(machine.answer(to: 1) == .write(thenStart: nil))
        machine.answerQueued(bytes: 10, now: Self.start)
        let isDoneUnwritten = machine.closeIfDone()
        #expect(!isDoneUnwritten)
        machine.answerWritten()
        let isDone = machine.closeIfDone()
        let isDoneAgain = machine.closeIfDone()
        #expect(isDone)
        #expect(!isDoneAgain)
    }

    @Test func `after the peer's last line the calls in flight are answered, then it closes`() {
        let machine = Self.machine { $0.callsInFlight = 1 }
        _ = machine.call(1)
        _ = machine.call(2)
        #expect(machine.inputEnded(hasPartialLine: false) == .ignore)
        let isDoneInFlight = machine.closeIfDone()
        #expect(!isDoneInFlight)
        #expect(machine.answer(to: 1) == .write(thenStart: 2))
        #expect(machine.answer(to: 2) == .write(thenStart: nil))
        let isDone = machine.closeIfDone()
        #expect(isDone)
    }

    @Test func `an unterminated last line is answered`() {
        let machine = Self.machine()
        #expect(machine.inputEnded(hasPartialLine: true) == .answer)
        #expect(machine.inputEnded(hasPartialLine: true) == .ignore)
    }

    @Test func `an answer that stays unread for 30 seconds closes the connection`() {
        let machine = Self.machine()
        _ = machine.receiveBadLine()
        machine.answerQueued(bytes: 10, now: Self.at(1))
        machine.answerQueued(bytes: 10, now: Self.at(20))
        #expect(machine.timer(now: Self.at(30.9)).connection == .goOn)
        machine.answerWritten()
        // The first one is gone, so the age of the second counts.
        #expect(machine.timer(now: Self.at(49.9)).connection == .goOn)
        #expect(machine.timer(now: Self.at(50)).connection == .close)
    }

    @Test func `4 MiB of unread answers are allowed, one byte more is not`() {
        let machine = Self.machine()
        machine.answerQueued(bytes: 4 << 20, now: Self.start)
        #expect(!machine.isOverUnreadLimit)
        machine.answerQueued(bytes: 1, now: Self.start)
        #expect(machine.isOverUnreadLimit)
        machine.answerWritten()
        #expect(machine.unreadBytes == 1)
    }

    @Test func `when the peer is gone running calls are told, parked ones answered, and all answers discarded`() {
        let machine = Self.machine { $0.callsInFlight = 1 }
        for id in 1...3 { _ = machine.call(id) }
        let actions = machine.abandon()
        #expect(actions.end == [1])
        #expect(actions.startEnded == [2, 3])
        #expect(machine.timerDue == nil)
        for id in [3, 1, 2] { #expect(machine.answer(to: id) == .discard) }
        let again = machine.abandon()
        #expect(again.end.isEmpty && again.startEnded.isEmpty)
    }

    @Test func `an idle connection closes as soon as the daemon drains`() {
        let machine = Self.machine()
        _ = machine.call(1)
        _ = machine.answer(to: 1)
        #expect(machine.drain().startEnded.isEmpty)
        let isDone = machine.closeIfDone()
        #expect(isDone)
    }

    @Test func `a connection that has just come may say one thing while the daemon drains`() {
        let machine = Self.machine()
        _ = machine.drain(now: Self.at(1))
        let isDoneAtOnce = machine.closeIfDone()
        #expect(!isDoneAtOnce)
        #expect(machine.call(1) == .start(1))
        #expect(machine.call(2) == .startEnded(2, .shuttingDown))
        for id in [1, 2] { #expect(machine.answer(to: id) == .write(thenStart: nil)) }
        let isDone = machine.closeIfDone()
        #expect(isDone)
    }

    @Test func `one that says nothing is closed after a moment`() {
        let machine = Self.machine { $0.firstLineWhileDraining = .seconds(2) }
        _ = machine.drain(now: Self.at(1))
        #expect(machine.timerDue == Self.at(3))
        #expect(machine.timer(now: Self.at(2.9)).connection == .goOn)
        #expect(machine.timer(now: Self.at(3)).connection == .close)
    }

    @Test func `while draining, running calls end, parked and new ones are answered as shutting down`() {
        let machine = Self.machine { $0.callsInFlight = 1 }
        _ = machine.call(1)
        _ = machine.call(2)
        let actions = machine.drain()
        #expect(actions.end.isEmpty)
        #expect(actions.startEnded == [2])
        #expect(machine.call(3) == .startEnded(3, .shuttingDown))
        for id in [2, 3] { #expect(machine.answer(to: id) == .write(thenStart: nil)) }
        let isDoneInFlight = machine.closeIfDone()
        #expect(!isDoneInFlight)
        #expect(machine.answer(to: 1) == .write(thenStart: nil))
        let isDone = machine.closeIfDone()
        #expect(isDone)
    }

    @Test func `an open-ended call has no deadline unless it is given one, and ends when the draining begins`() {
        let machine = Self.machine { $0.callsInFlight = 2 }
        #expect(machine.call(1, isOpenEnded: true, deadline: nil) == .start(1))
        machine.inputDrained(hasPartialLine: false, now: Self.at(1))
        #expect(machine.timer(now: Self.at(1_000_000)).end.isEmpty)
        #expect(machine.timerDue == nil)
        #expect(machine.call(2, isOpenEnded: true, deadline: Self.at(5)) == .start(2))
        #expect(machine.timer(now: Self.at(5)).end == [2])
        #expect(machine.call(3, isOpenEnded: true, deadline: nil) == .park)
        let actions = machine.drain()
        #expect(actions.end.sorted() == [1, 2])
        #expect(actions.startEnded == [3])
    }

    @Test func `a watch that begins while the daemon drains ends at once`() {
        let machine = Self.machine()
        _ = machine.drain(now: Self.at(1))
        #expect(machine.call(1, isOpenEnded: true, deadline: nil) == .startEnded(1, .shuttingDown))
    }

    @Test func `when the time for draining is over the running calls are ended`() {
        let machine = Self.machine()
        _ = machine.call(1)
        _ = machine.drain()
        #expect(machine.expireDrain().end == [1])
        #expect(!machine.wantsInput)
        #expect(machine.answer(to: 1) == .write(thenStart: nil))
        let isDone = machine.closeIfDone()
        #expect(isDone)
    }

    @Test func `answering a call twice traps`() async {
        await #expect(processExitsWith: .failure) {
            var machine = ConnectionStateMachine<Int, Int>(limits: ConnectionLimits(), now: .now)
            _ = machine.receiveCall(1, 1, isServedAlways: false, deadline: .now)
            _ = machine.answer(to: 1)
            _ = machine.answer(to: 1)
        }
    }
}

extension ConnectionStateMachineTests {
    /// The machine in a box: `#expect` cannot look into a value that cannot be copied.
    final class Machine {
        typealias Inner = ConnectionStateMachine<Int, Int>

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
        func receiveBadLine() -> Inner.LineAction { inner.receiveBadLine() }
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
        func drain(now: ContinuousClock.Instant = ConnectionStateMachineTests.start) -> Inner.EndActions {
            inner.drain(now: now)
        }
        func expireDrain() -> Inner.EndActions { inner.expireDrain() }
    }
}
