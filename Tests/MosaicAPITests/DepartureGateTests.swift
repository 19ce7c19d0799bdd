import Testing

@testable import MosaicAPI

struct `The departure gate` {
    @Test func `departs once and then counts as sent`() {
        let gate = DepartureGate { true }
        #expect(gate.depart())
        #expect(!gate.depart())
        #expect(gate.close())
    }

    @Test func `does not depart after it was closed, and does not ask the caller then`() {
        let asked = Flag(false)
        let gate = DepartureGate {
            asked.set(true)
            return true
        }
        #expect(!gate.close())
        #expect(!gate.depart())
        #expect(!asked.value)
    }

    @Test func `does not depart when the caller says no`() {
        let gate = DepartureGate { false }
        #expect(!gate.depart())
        #expect(!gate.close())
    }
}
