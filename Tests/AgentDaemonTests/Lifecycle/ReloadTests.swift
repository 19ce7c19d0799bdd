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
        let result = try await fixture.reloader.reload()
        #expect(result == .init(reloaded: true, problems: [], clients: [.init(client: "default", change: .kept)]))
        #expect(fixture.made.count == 1)
    }

    @Test func `another secret makes another client, without the old token`() async throws {
        let fixture = try ReloadFixture()
        try fixture.directory.write("secret", "second secret")
        let result = try await fixture.reloader.reload()
        #expect(result.clients == [.init(client: "default", change: .changed)])
        #expect(fixture.made.count == 2)
        #expect(fixture.madeWith == [nil])
    }

    @Test func `a client whose credential is the same keeps its token whatever else changes`() async throws {
        let fixture = try ReloadFixture()
        try fixture.write(ReloadFixture.sound.replacing("ClientID=abc", with: "ClientID=abc\nProxy=http://p:3128"))
        #expect(try await fixture.reloader.reload().clients == [.init(client: "default", change: .changed)])
        #expect(fixture.madeWith == [ReloadFixture.token])
        try fixture.write(ReloadFixture.sound.replacing("ClientID=abc", with: "ClientID=other"))
        _ = try await fixture.reloader.reload()
        #expect(fixture.madeWith == [ReloadFixture.token, nil], "another client id, another token")
    }

    @Test func `clients come and go`() async throws {
        let fixture = try ReloadFixture()
        try fixture.write(
            ReloadFixture.sound.replacing("default", with: "fresh")
        )
        let result = try await fixture.reloader.reload()
        #expect(
            result.clients == [
                .init(client: "fresh", change: .added), .init(client: "default", change: .removed),
            ]
        )
        #expect(fixture.serving.current.members.map(\.name) == ["fresh"])
        #expect(fixture.forgotten == ["default"])
    }

    @Test func `a wrong configuration is refused whole, and the manager hears why`() async throws {
        let fixture = try ReloadFixture()
        try fixture.write("[Daemon]\nLogLevel=trace\n" + ReloadFixture.sound + "[Access bad]\nMatch=uid:x\n")
        let result = try await fixture.reloader.reload()
        #expect(!result.reloaded)
        let problem = try #require(result.problems.first)
        #expect(problem.file == fixture.directory["mosaicd.conf"])
        #expect(problem.line != nil && problem.message.hasPrefix("\(problem.file):"))
        #expect(fixture.level.standing.level == "info", "nothing of it is in force")
        #expect(fixture.serving.current.loaded.policy.rules.count == 1)
        #expect(fixture.manager.told.count == 2)
        #expect(fixture.manager.told[0].hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
        #expect(fixture.manager.told[1].hasPrefix("READY=1\nSTATUS=degraded: configuration: "))
        #expect(fixture.manager.told[1].contains(problem.message))
        #expect(fixture.log.entries.contains { $0.level == .error && $0.metadata["problem"] != nil })

        try fixture.write("[Daemon]\nLogLevel=trace\n" + ReloadFixture.sound)
        #expect(try await fixture.reloader.reload().reloaded)
        #expect(fixture.level.standing.level == "trace")
        #expect(fixture.serving.refusal == nil, "a good one makes the bad one forgotten")
    }

    @Test func `what only a restart changes is named`() async throws {
        let fixture = try ReloadFixture()
        try fixture.write(
            "[Daemon]\nAuditQueueSize=9000\nThrottleRecords=64\nSocket=/run/x.sock\nControlSocket=/run/y.sock\nCredentialSocket=/run/z.sock\n"
                + ReloadFixture.sound
        )
        let result = try await fixture.reloader.reload()
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
        _ = try await fixture.reloader.reload()
        #expect(fixture.made[0].requests.count == 1)
        #expect(!fixture.made[0].isShutDown, "its call is in flight")

        call.control.end(.cancelled)
        let line = String(decoding: await answer.line, as: UTF8.self)
        #expect(line.contains("-32800"))
        await running
        #expect(fixture.made[0].isShutDown)
    }

    @Test func `a client that no call has stops as soon as it is replaced, one that is kept goes on`() async throws {
        let fixture = try ReloadFixture()
        let client = try #require(fixture.serving.current.members.first?.running)
        async let running: Void = client.run()
        _ = try await fixture.reloader.reload()
        #expect(fixture.serving.current.members.first?.running === client)
        #expect(!client.isStopping && !fixture.made[0].isShutDown)
        try fixture.directory.write("secret", "second secret")
        _ = try await fixture.reloader.reload()
        await running
        #expect(fixture.made[0].isShutDown)
    }

    @Test func `a watch that goes on keeps no client of a configuration that is replaced`() async throws {
        let fixture = try ReloadFixture()
        let client = try #require(fixture.serving.current.members.first?.running)
        async let running: Void = client.run()
        let line = try DispatcherFixture.call(Line.method("daemon.watch"), on: .control, clock: fixture.clock)
        let (begun, begins) = AsyncStream.makeStream(of: Void.self)
        let watch = Call(
            request: line.request,
            socket: .control,
            caller: line.caller,
            connection: 1,
            arrival: line.arrival,
            deadline: line.deadline,
            control: line.control,
            isOpenEnded: true,
            notify: { _ in
                begins.yield()
                return true
            }
        )
        async let answer = watch.control.run(on: nil) { await fixture.serving.dispatch(watch) }
        for await _ in begun { break }
        try fixture.directory.write("secret", "second secret")
        _ = try await fixture.reloader.reload()
        await running
        #expect(fixture.made[0].isShutDown)
        watch.control.end(.cancelled)
        #expect(String(decoding: await answer.line, as: UTF8.self).contains("-32800"))
    }

    @Test func `several old configurations end as their last calls do`() async throws {
        let fixture = try ReloadFixture()
        var calls: [Call] = []
        var clients: [Task<Void, Never>] = []
        var answers: [Task<Answer, Never>] = []
        for number in 0..<3 {
            let client = try #require(fixture.serving.current.members.first?.running)
            clients.append(Task { await client.run() })
            let call = try fixture.login()
            calls.append(call)
            answers.append(Task { await call.control.run(on: nil) { await fixture.serving.dispatch(call) } })
            await fixture.made[number].untilHanging()
            try fixture.directory.write("secret", "secret \(number)")
            _ = try await fixture.reloader.reload()
        }
        #expect(fixture.made.map(\.isShutDown) == [false, false, false, false])
        for number in [1, 0, 2] {
            calls[number].control.end(.cancelled)
            _ = await answers[number].value
            await clients[number].value
            #expect(fixture.made[number].isShutDown)
            #expect(fixture.made.count { $0.isShutDown } == [1: 1, 0: 2, 2: 3][number])
        }
    }

    @Test func `new calls see the new rules at once`() async throws {
        let fixture = try ReloadFixture()
        try fixture.write(ReloadFixture.sound.replacing("uid:1000", with: "uid:1"))
        _ = try await fixture.reloader.reload()
        let answer = await fixture.serving.dispatch(try fixture.login())
        #expect(String(decoding: answer.line, as: UTF8.self).contains("forbidden"))
    }

    @Test func `one change at a time`() async throws {
        let fixture = try ReloadFixture()
        let failure = try await fixture.reloader.changing { () async throws(CallFailure) -> CallFailure? in
            do throws(CallFailure) {
                _ = try await fixture.reloader.reload()
                return nil
            } catch {
                return error
            }
        }
        #expect(failure?.kind == .overloaded)
        #expect(try await fixture.reloader.reload().reloaded, "the next one is free again")
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
