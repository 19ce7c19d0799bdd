import MosaicAPI
import Testing

@testable import AgentDaemon

@Suite struct HeldMemoryTests {
    @Test func `memory is given back once at the end of a flood, and not for less`() {
        let memory = HeldMemory()
        #expect(!memory.change(by: HeldMemory.flood - 1))
        #expect(!memory.change(by: 1 - HeldMemory.flood))
        #expect(!memory.change(by: HeldMemory.flood))
        #expect(!memory.change(by: -HeldMemory.flood / 2))
        #expect(memory.change(by: -HeldMemory.flood / 4))
        // Until it has been given back, and then only after another flood.
        #expect(!memory.change(by: -HeldMemory.flood / 4))
        var given = 0
        memory.giveBack { given += 1 }
        #expect(!memory.change(by: 1000) && !memory.change(by: -1000))
        #expect(!memory.change(by: HeldMemory.flood) && memory.change(by: -HeldMemory.flood))
        #expect(given == 1)
    }

    @Test func `memory is given back once more when the connections to Mosaic are closed`() {
        // They are looked at eight times in the time for which one may be idle.
        #expect(HeldMemory.delays.contains { $0 > TransportConfiguration().idleTimeout * 9 / 8 })
    }
}
