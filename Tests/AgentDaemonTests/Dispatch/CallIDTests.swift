import Testing

@testable import AgentDaemon

@Suite struct CallIDTests {
    @Test func `an id is 32 hexadecimal digits and never comes twice`() {
        let ids = (0..<1_000).map { _ in CallID().description }
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { id in id.utf8.count == 32 && id.allSatisfy { "0123456789abcdef".contains($0) } })
    }
}
