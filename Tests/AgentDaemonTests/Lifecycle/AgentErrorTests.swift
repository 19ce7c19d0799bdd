import ConfigurationFiles
import Testing

@testable import AgentDaemon

@Suite struct AgentErrorTests {
    struct Unforeseen: Error {}

    @Test func `each way to fail has its exit status`() {
        let configuration = ConfigurationError(problems: [ConfigurationProblem(file: "/f", line: 3, what: "is wrong")])
        #expect(AgentError(configuration).kind.rawValue == 78)
        #expect(AgentError(configuration).description == "/f:3: is wrong")
        #expect(AgentError(SocketError(.inUse, "socket /s: another process serves it")).kind.rawValue == 69)
        #expect(AgentError(Unforeseen()).kind.rawValue == 70)
        #expect(AgentError(AgentError(.system, "prctl")).kind.rawValue == 71)
    }
}
