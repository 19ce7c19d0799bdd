import Testing

@testable import MosaicAPI

struct `The departure gate` {
    @Test func `departs once and then counts as sent`() {
        let gate = CommitGate { true }
        #expect(gate.depart())
        #expect(!gate.depart())
        #expect(gate.close())
    }

    @Test func `does not depart after it was closed, and does not ask the caller then`() {
        let asked = Flag(false)
        let gate = CommitGate {
            asked.set(true)
            return true
        }
        #expect(!gate.close())
        #expect(!gate.depart())
        #expect(!asked.value)
    }

    @Test func `does not depart when the caller says no`() {
        let gate = CommitGate { false }
        #expect(!gate.depart())
        #expect(!gate.close())
    }
}
