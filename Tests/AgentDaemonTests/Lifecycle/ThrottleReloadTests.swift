import AgentProtocol
import TestSupport
import Testing

@testable import AgentDaemon
@testable import MosaicAPI

/// One throttle for all configurations.
@Suite(.longTimeLimit) struct ThrottleReloadTests {
    private static let user = Target(kind: .username, identifier: "alice")

    /// The user with the keyed digest, which no key of the configuration changes.
    private static let target = ThrottleTarget(
        application: "app-of-token",
        digest: DispatcherFixture.digest.value(of: user)
    )

    /// Has a login fail, and says whether the throttle let it through.
    private static func login(_ fixture: ReloadFixture) async throws -> Bool {
        fixture.made.last?.become(.answer(.denied(.wrongCredentials)))
        let answer = await fixture.serving.dispatch(try fixture.login())
        return !String(decoding: answer.line, as: UTF8.self).contains(#""kind":"throttled""#)
    }

    @Test func `a reload changes the limits and forgives nothing`() async throws {
        let quick = "[Daemon]\nReleaseGrid=0\n"
        let fixture = try ReloadFixture()
        try fixture.write(quick + ReloadFixture.sound)
        _ = try await fixture.reloader.reload()
        for _ in 1...3 { #expect(try await Self.login(fixture)) }

        try fixture.write(quick + "AttemptBudget=3\n" + ReloadFixture.sound)
        #expect(try await fixture.reloader.reload().reloaded)
        #expect(!(try await Self.login(fixture)))

        try fixture.write(quick + "AttemptBudget=4\n" + ReloadFixture.sound)
        _ = try await fixture.reloader.reload()
        #expect(try await Self.login(fixture))
        #expect(!(try await Self.login(fixture)))
    }

    @Test func `a refused reload changes no limits`() async throws {
        let fixture = try ReloadFixture()
        try fixture.write("[Daemon]\nReleaseGrid=0\n" + ReloadFixture.sound)
        _ = try await fixture.reloader.reload()
        try fixture.write("[Daemon]\nAttemptBudget=1\nReleaseGrid=x\n" + ReloadFixture.sound)
        #expect(!(try await fixture.reloader.reload().reloaded))
        for _ in 1...4 { #expect(try await Self.login(fixture)) }
    }

    @Test(arguments: ["hashed", "plain"])
    func `users are told apart by their keyed digests, however audit records name them`(targets: String) async throws {
        let fixture = try ReloadFixture()
        try fixture.write("[Daemon]\nReleaseGrid=0\nAuditTargets=\(targets)\n" + ReloadFixture.sound)
        _ = try await fixture.reloader.reload()
        #expect(try await Self.login(fixture))
        let counted = fixture.throttle.report(.targets([Self.target]), limit: 1).attempts
        #expect(counted.map(\.failures) == [1])
    }
}
