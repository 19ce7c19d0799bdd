import TestSupport
import Testing

/// Each end-to-end test starts programs of its own and mostly waits for them, so that a few run side by side.
@Suite(.longTimeLimit)
enum EndToEnd {}

/// A sandbox and an agent that talks to it, both real programs, both gone at the end of the test.
struct TestBed: Sendable {
    let scratch: Scratch
    let sandbox: SandboxFixture
    let agent: AgentFixture

    /// Starts both, runs `body` and ends both, whichever way `body` ends.
    static func with(
        users: String = SandboxFixture.users,
        sandbox sandboxOptions: [String] = [],
        agent options: AgentOptions = AgentOptions(),
        _ body: (TestBed) async throws -> Void
    ) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await SandboxFixture.start(in: scratch, users: users, options: sandboxOptions)
            defer { sandbox.process.killNow() }
            let agent = try await AgentFixture.start(for: sandbox.description, in: scratch, options: options)
            defer { agent.process.killNow() }
            try await body(TestBed(scratch: scratch, sandbox: sandbox, agent: agent))
        }
    }

    /// Starts the agent again with the same configuration file, after the first has ended.
    func restartAgent() async throws -> AgentFixture {
        try await AgentFixture.start(configuration: agent.configuration, name: "agent", in: scratch)
    }
}
