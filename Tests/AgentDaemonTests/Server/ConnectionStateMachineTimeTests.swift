import Testing

@testable import AgentDaemon

/// What time and unread answers do to a connection.
@Suite struct ConnectionStateMachineTimeTests: ConnectionTranscripts {
    @Test func `a call is ended at its deadline, once`() {
        let machine = Self.machine()
        _ = machine.call(1, deadline: Self.at(10))
        #expect(machine.timer(now: Self.at(9.9)).calls.end.isEmpty)
        #expect(machine.timer(now: Self.at(10)).calls.end == [1])
        #expect(machine.timer(now: Self.at(11)).calls.end.isEmpty)
        #expect(machine.answer(to: 1) == .write(thenStart: nil))
    }

    @Test func `a parked call is answered at its deadline although its turn has not come`() {
        let machine = Self.machine { $0.callsInFlight = 1 }
        _ = machine.call(1, deadline: Self.at(60))
        _ = machine.call(2, deadline: Self.at(10))
        _ = machine.call(3, deadline: Self.at(60))
        let actions = machine.timer(now: Self.at(10)).calls
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

    @Test func `a connection without a line is told so after 30 seconds, and closed`() {
        let machine = Self.machine()
        machine.inputDrained(hasPartialLine: false, now: Self.at(29))
        #expect(machine.timer(now: Self.at(29.9)).connection == .goOn)
        #expect(machine.timer(now: Self.at(30)).connection == .answerSilence)
        #expect(machine.isInputOver)
        machine.answerQueued(bytes: 10, now: Self.at(30))
        machine.answerWritten()
        let isDone = machine.closeIfDone()
        #expect(isDone)
    }

    @Test func `bad lines beyond 256 at once are read ten in 100 milliseconds`() {
        let machine = Self.machine()
        for _ in 1...256 { #expect(machine.receiveBadLine() == .answer) }
        #expect(machine.wantsInput)
        #expect(machine.receiveBadLine() == .answer)
        #expect(!machine.wantsInput)
        #expect(machine.timerDue == Self.start + .milliseconds(100))
        _ = machine.timer(now: Self.start + .milliseconds(99))
        #expect(!machine.wantsInput)
        let resumption = Self.start + .milliseconds(100)
        _ = machine.timer(now: resumption)
        for _ in 1...9 {
            #expect(machine.wantsInput)
            #expect(machine.receiveBadLine(now: resumption) == .answer)
        }
        #expect(machine.wantsInput)
        #expect(machine.receiveBadLine(now: resumption) == .answer)
        #expect(!machine.wantsInput)
        // What was not used comes back.
        let later = Self.start + .milliseconds(1110)
        _ = machine.timer(now: later)
        for _ in 1...100 { _ = machine.receiveBadLine(now: later) }
        #expect(machine.wantsInput)
    }

    @Test func `a bad line that names a call costs nothing`() {
        let machine = Self.machine()
        for _ in 1...3000 { #expect(machine.receiveBadLine(namesCall: true) == .answer) }
        #expect(machine.wantsInput)
    }

    @Test func `the 1024th bad line without a request between is the last`() {
        let machine = Self.machine()
        var now = Self.start
        for number in 1...2000 {
            now += .milliseconds(10)
            _ = machine.timer(now: now)
            if number == 1000 { _ = machine.call(1, deadline: nil) }
            #expect(machine.receiveBadLine(now: now) == .answer)
            if number == 2000 { #expect(machine.wantsInput) }
        }
        now += .seconds(1)
        for _ in 1...22 { #expect(machine.receiveBadLine(now: now) == .answer) }
        #expect(machine.receiveBadLine(now: now) == .answerLast)
        #expect(machine.isInputOver)
    }

    @Test func `while a MiB of answers is unread, no more is read`() {
        let machine = Self.machine()
        machine.answerQueued(bytes: (1 << 20) - 1, now: Self.start)
        #expect(machine.wantsInput)
        machine.answerQueued(bytes: 1, now: Self.start)
        #expect(!machine.wantsInput)
        machine.answerWritten()
        #expect(machine.wantsInput)
    }

    @Test func `a connection without a line closes without a word while the daemon stops`() {
        let machine = Self.machine()
        _ = machine.drain()
        #expect(machine.timer(now: Self.at(0.25)).connection == .close)
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
}
