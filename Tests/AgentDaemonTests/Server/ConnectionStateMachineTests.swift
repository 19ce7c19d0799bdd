import Testing

@testable import AgentDaemon

/// Which calls run, wait and are answered, in which order.
@Suite struct ConnectionStateMachineTests: ConnectionTranscripts {
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

    @Test func `answering a call twice traps`() async {
        await #expect(processExitsWith: .failure) {
            var machine = ConnectionStateMachine<Int, Int>(limits: ConnectionLimits(), now: .now)
            _ = machine.receiveCall(1, 1, isServedAlways: false, deadline: .now)
            _ = machine.answer(to: 1)
            _ = machine.answer(to: 1)
        }
    }
}
