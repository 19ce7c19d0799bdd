import AgentProtocol
import InMemoryLogging
import Logging
import Secrets
import StrictJSON
import Synchronization
import Systemd
import TestSupport
import Testing

@testable import AgentDaemon
@testable import MosaicAPI

@Suite(.longTimeLimit) struct ReloadTests {
    @Test func `without changes the client goes on as it is`() async throws {
        let fixture = try ReloadFixture()
        let result = try await fixture.steward.reload()
        #expect(result == .init(reloaded: true, problems: [], clients: [.init(client: "default", change: .kept)]))
        #expect(fixture.made.count == 1)
    }

    @Test func `another secret makes another client, without the old token`() async throws {
        let fixture = try ReloadFixture()
        try fixture.directory.write("secret", "second secret")
        let result = try await fixture.steward.reload()
        #expect(result.clients == [.init(client: "default", change: .changed)])
        #expect(fixture.made.count == 2)
        #expect(fixture.madeWith == [nil])
    }

    @Test func `a client whose credential is the same keeps its token whatever else changes`() async throws {
        let fixture = try ReloadFixture()
        try fixture.write(ReloadFixture.sound.replacing("ClientID=abc", with: "ClientID=abc\nProxy=http://p:3128"))
        #expect(try await fixture.steward.reload().clients == [.init(client: "default", change: .changed)])
        #expect(fixture.madeWith == [ReloadFixture.token])
        try fixture.write(ReloadFixture.sound.replacing("ClientID=abc", with: "ClientID=other"))
        _ = try await fixture.steward.reload()
        #expect(fixture.madeWith == [ReloadFixture.token, nil], "another client id, another token")
    }

    @Test func `clients come and go`() async throws {
        let fixture = try ReloadFixture()
        try fixture.write(
            ReloadFixture.sound.replacing("default", with: "fresh")
        )
        let result = try await fixture.steward.reload()
        #expect(
            result.clients == [
                .init(client: "fresh", change: .added), .init(client: "default", change: .removed),
            ]
        )
        #expect(fixture.serving.current.members.map(\.name) == ["fresh"])
        #expect(fixture.forgotten.withLock { $0 } == ["default"])
    }

    @Test func `a wrong configuration is refused whole, and the manager hears why`() async throws {
        let fixture = try ReloadFixture()
        try fixture.write("[Daemon]\nLogLevel=trace\n" + ReloadFixture.sound + "[Access bad]\nMatch=uid:x\n")
        let result = try await fixture.steward.reload()
        #expect(!result.reloaded)
        let problem = try #require(result.problems.first)
        #expect(problem.file == fixture.directory["mosaicd.conf"])
        #expect(problem.line != nil && problem.message.hasPrefix("\(problem.file):"))
        #expect(fixture.assembly.level.standing.level == "info", "nothing of it is in force")
        #expect(fixture.serving.current.loaded.policy.rules.count == 1)
        #expect(fixture.manager.told.count == 2)
        #expect(fixture.manager.told[0].hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
        #expect(fixture.manager.told[1].hasPrefix("READY=1\nSTATUS=degraded: configuration: "))
        #expect(fixture.manager.told[1].contains(problem.message))
        #expect(fixture.log.entries.contains { $0.level == .error && $0.metadata["problem"] != nil })

        try fixture.write("[Daemon]\nLogLevel=trace\n" + ReloadFixture.sound)
        #expect(try await fixture.steward.reload().reloaded)
        #expect(fixture.assembly.level.standing.level == "trace")
        #expect(fixture.serving.refusal == nil, "a good one makes the bad one forgotten")
    }

    @Test func `what only a restart changes is named`() async throws {
        let fixture = try ReloadFixture()
        try fixture.write(
            "[Daemon]\nAuditQueueSize=9000\nThrottleRecords=64\nSocket=/run/x.sock\nControlSocket=/run/y.sock\nCredentialSocket=/run/z.sock\n"
                + ReloadFixture.sound
        )
        let result = try await fixture.steward.reload()
        #expect(result.reloaded)
        #expect(
            result.restartNeeded == ["ControlSocket", "CredentialSocket", "AuditQueueSize", "ThrottleRecords"],
            "systemd owns the main socket here"
        )
    }

    @Test func `a call in flight keeps its client, which stops with the call`() async throws {
        let fixture = try ReloadFixture()
        let client = try #require(fixture.serving.current.members.first?.running)
        async let running: Void = client.run()
        let call = try fixture.login()
        async let answer = call.control.run(on: nil) { await fixture.serving.dispatch(call) }
        await fixture.made[0].untilHanging()

        try fixture.directory.write("secret", "second secret")
        _ = try await fixture.steward.reload()
        #expect(fixture.made[0].requests.count == 1)
        #expect(!fixture.made[0].isShutDown, "its call is in flight")

        call.control.end(.cancelled)
        let line = String(decoding: await answer.line, as: UTF8.self)
        #expect(line.contains("-32800"))
        await running
        #expect(fixture.made[0].isShutDown)
    }

    @Test func `new calls see the new rules at once`() async throws {
        let fixture = try ReloadFixture()
        try fixture.write(ReloadFixture.sound.replacing("uid:1000", with: "uid:1"))
        _ = try await fixture.steward.reload()
        let answer = await fixture.serving.dispatch(try fixture.login())
        #expect(String(decoding: answer.line, as: UTF8.self).contains("forbidden"))
    }

    @Test func `one change at a time`() async throws {
        let fixture = try ReloadFixture()
        let failure = try await fixture.steward.changing { _, _ throws(CallFailure) -> CallFailure? in
            do throws(CallFailure) {
                _ = try await fixture.steward.reload()
                return nil
            } catch {
                return error
            }
        }
        #expect(failure?.kind == .overloaded)
        #expect(try await fixture.steward.reload().reloaded, "the next one is free again")
    }

    @Test func `a rotated credential stays until its source changes`() async throws {
        let fixture = try ReloadFixture()
        let member = try #require(fixture.serving.current.members.first)
        let rotated = member.source.authenticated(by: .clientSecretPost(Secret(copying: "rotated".utf8)))
        let plan = ReloadPlan(
            from: [ManagedClient(running: member.running, source: member.source, inUse: rotated)],
            to: [member.source]
        )
        #expect(plan.changes == [.init(client: "default", change: .kept, rotatedCredential: true)])
        let next = member.source.authenticated(by: .clientSecretPost(Secret(copying: "from the source".utf8)))
        let later = ReloadPlan(
            from: [ManagedClient(running: member.running, source: member.source, inUse: rotated)],
            to: [next]
        )
        #expect(later.changes == [.init(client: "default", change: .changed)])
    }
}
