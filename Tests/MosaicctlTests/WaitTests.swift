import StrictJSON
import TestSupport
import Testing

@Suite(.longTimeLimit) struct WaitTests {
    @Test(arguments: [["wait"], ["wait", "--healthy"]])
    func `without an agent it exits with 6 when its time has passed`(command: [String]) async throws {
        try await FakeAgent.inScratchDirectory { directory in
            let path = directory + "/none.sock"
            let outcome = try await Ctl.run(command + ["--timeout", "0.3"], socket: path)
            #expect(outcome.status == 6 && outcome.output.isEmpty)
            #expect(outcome.error.contains(path))
        }
    }

    @Test func `an agent that answers is ready`() async throws {
        try await FakeAgent.answering { _ in
            #""result":{}"#
        } _: { path in
            let outcome = try await Ctl.run(["wait"], socket: path)
            #expect(outcome.status == 0 && outcome.output == "the agent answers\n")
        }
    }

    /// Answers with one health after the other, and tells of each change.
    private static func agent(
        _ levels: [String],
        _ body: (String) async throws -> Void
    ) async throws {
        try await FakeAgent.listening(
            { connection in
                var rest = levels[...]
                var watch: JSONValue?
                func tell(_ kind: String) async throws {
                    guard let watch else { return }
                    try await connection.send(
                        #"{"jsonrpc":"2.0","method":"daemon.event","params":{"watch":\#(watch.rawText.description),"#
                            + #""time":"2026-01-01T00:00:00Z","kind":"\#(kind)"}}"# + "\n"
                    )
                }
                while let request = try await connection.request() {
                    if request["method"]?.matches("daemon.watch") == true {
                        watch = request["id"]
                        try await tell("watch_started")
                    } else {
                        try await connection.answer(request, Canned.health(rest.first ?? "unhealthy"))
                        rest = rest.dropFirst()
                        if !rest.isEmpty { try await tell("health_changed") }
                    }
                }
            },
            body
        )
    }

    @Test func `it goes on at each change until the agent is healthy`() async throws {
        try await Self.agent(["unhealthy", "degraded", "healthy"]) { path in
            let outcome = try await Ctl.run(["wait", "--healthy"], socket: path)
            #expect(outcome.status == 0 && outcome.output.hasPrefix("healthy\n"), "\(outcome.error)")
        }
    }

    @Test func `an agent whose socket may not be used is not waited for`() async throws {
        try await FakeAgent.answering { _ in
            #""error":{"code":1001,"message":"no","data":{"kind":"forbidden","retryable":false}}"#
        } _: { path in
            let outcome = try await Ctl.run(["wait", "--healthy"], socket: path)
            #expect(outcome.status == 4)
        }
    }
}
