import TestSupport
import Testing

/// The dispatcher that the tests of the socket rest on.
@Suite(.longTimeLimit) struct ScriptedDispatcherTests {
    @Test func `who waits for what does not happen is let go with its task`() async {
        let dispatcher = ScriptedDispatcher()
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await dispatcher.wait(for: .began("never")) }
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.waitForAll() }
        }
    }
}
