import Testing

@testable import AgentDaemon

@Suite struct ConfigurationSnapshotsTests {
    @Test func `a call keeps the configuration that it began under`() {
        var generations = ConfigurationSnapshots("old")
        let early = generations.enter()
        #expect(generations.replace(with: "new") == nil)
        let late = generations.enter()
        #expect(early.content == "old" && late.content == "new" && generations.current == "new")
        #expect(generations.inUse.sorted() == ["new", "old"])
    }

    @Test func `an old configuration ends with its last call, and only once`() {
        var generations = ConfigurationSnapshots("old")
        let first = generations.enter()
        let second = generations.enter()
        #expect(generations.replace(with: "new") == nil)
        #expect(generations.leave(first.number) == nil)
        #expect(generations.leave(second.number) == "old")
        #expect(generations.leave(second.number) == nil)
        #expect(generations.inUse == ["new"])
    }

    @Test func `one without calls ends as soon as it is replaced`() {
        var generations = ConfigurationSnapshots("old")
        let call = generations.enter()
        #expect(generations.leave(call.number) == nil)
        #expect(generations.replace(with: "new") == "old")
    }

    @Test func `several old ones end in the order in which their calls do`() {
        var generations = ConfigurationSnapshots("a")
        let a = generations.enter()
        #expect(generations.replace(with: "b") == nil)
        let b = generations.enter()
        #expect(generations.replace(with: "c") == nil)
        #expect(generations.leave(b.number) == "b")
        #expect(generations.inUse.sorted() == ["a", "c"])
        #expect(generations.leave(a.number) == "a")
    }
}
