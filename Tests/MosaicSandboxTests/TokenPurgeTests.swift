import Foundation
import HTTPTypes
import HummingbirdTesting
import MosaicSandbox
import Synchronization
import TestSupport
import Testing

/// A time of day that a test moves, as opposed to the sandbox's offset from it.
private final class MovableDate: Sendable {
    let date = Mutex(SandboxHarness.start)

    func advance(by seconds: TimeInterval) { date.withLock { $0 += seconds } }
}

@Suite(.longTimeLimit)
struct `Purging old tokens` {
    @Test func `rows go a day after their end, and not because the clock was moved`() async throws {
        let world = MovableDate()
        let clock = SandboxClock { world.date.withLock { $0 } }
        let sandbox = try await Sandbox(SandboxHarness.configuration(), clock: clock)
        try await sandbox.application(logger: SandboxHarness.logger).test(.router) { client in
            let harness = SandboxHarness(sandbox: sandbox, client: client)
            try await harness.createUser()
            let session = try await harness.session()
            clock.advance(by: 100 * 86_400)
            #expect(try await sandbox.purge() == 0)
            clock.advance(by: -100 * 86_400)
            #expect(try await harness.resume(session["session_id"]).status == 200)
            world.advance(by: 3600 + 86_400)
            #expect(try await sandbox.purge() == 0)
            world.advance(by: 1)
            // Access tokens only: the session and its refresh tokens have two weeks.
            #expect(try await sandbox.purge() > 0)
            #expect(try await harness.resume(session["session_id"]).status == 200)
            #expect(try await harness.refresh(session["refresh_token"]).status == 200)
            world.advance(by: 40 * 86_400)
            #expect(try await sandbox.purge() > 0)
            #expect(try await sandbox.purge() == 0)
            #expect(try await harness.resume(session["session_id"]).status == 400)
            #expect(try await harness.login().status == 200)
        }
        try sandbox.store.close()
    }
}
