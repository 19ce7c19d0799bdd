import Testing

@testable import AgentDaemon

/// How a connection ends: by its peer, by the rules, with the daemon.
@Suite struct ConnectionStateMachineEndTests: ConnectionTranscripts {
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
        #expect(machine.timer(now: Self.at(1_000_000)).calls.end.isEmpty)
        #expect(machine.timerDue == nil)
        #expect(machine.call(2, isOpenEnded: true, deadline: Self.at(5)) == .start(2))
        #expect(machine.timer(now: Self.at(5)).calls.end == [2])
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
}
