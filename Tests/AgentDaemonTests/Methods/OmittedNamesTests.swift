import Testing

@testable import AgentDaemon

@Suite struct OmittedNamesTests {
    @Test(
        arguments: [
            (99, nil), (100, nil), (101, "and 1 more"), (5000, "and 4900 more"),
        ] as [(Int, String?)]
    )
    func `a hundred names are told, and the number of the others`(count: Int, rest: String?) {
        var names = OmittedNames()
        names.add(elements: Array(0..<40))
        for index in 40..<count { names.add(["custom_data"], of: "users", at: index) }
        #expect(names.list.count == min(count, 100) + (rest == nil ? 0 : 1))
        #expect(names.list.first == "list[0]")
        #expect(names.list[min(count, 100) - 1] == "users[\(min(count, 100) - 1)].custom_data")
        #expect((names.list.last == rest) == (rest != nil))
    }
}
