import AgentProtocol
import MosaicAPI
import Secrets
import Systemd
import TestSupport
import Testing

@testable import AgentDaemon

@Suite(.longTimeLimit) struct RotationTests {
    let credential = Secret(copying: "rotated".utf8)

    func rotate(_ fixture: ReloadFixture, client: String = "default") async throws -> DaemonRotateCredential.Result {
        try await fixture.reloader.rotate(client, credential, fixture.clock.now + .seconds(10))
    }

    @Test func `the new secret is tried, used and written to its file`() async throws {
        let fixture = try ReloadFixture()
        let result = try await rotate(fixture)
        let path = fixture.directory["secret"]
        #expect(
            result
                == .init(
                    client: "default",
                    source: .init(kind: "file", name: path, differs: false),
                    sourceReplaced: true
                )
        )
        #expect(fixture.made.count == 2 && fixture.made[1].refreshes == 1)
        #expect(try SecretFile.read(path: path) == credential)
        let reload = try await fixture.reloader.reload()
        #expect(reload.clients == [.init(client: "default", change: .kept)], "file and memory agree")
        #expect(fixture.made.count == 2)
    }

    @Test func `one that Mosaic refuses changes nothing`() async throws {
        let fixture = try ReloadFixture()
        fixture.refuseTokens()
        await #expect(throws: CallFailure.self) { try await rotate(fixture) }
        #expect(
            fixture.serving.current.members.first?.running.configured.service as? FakeMosaicService === fixture.made[0]
        )
        #expect(try SecretFile.read(path: fixture.directory["secret"]) == Secret(copying: "first secret".utf8))
    }

    @Test func `where the file cannot be written, the status says so, and a reload does not bring the old one back`()
        async throws
    {
        let fixture = try ReloadFixture()
        // A rotation replaces regular files only.
        try fixture.directory.write("other", "first secret")
        try fixture.replaceSecretByLink(to: "other")
        let result = try await rotate(fixture)
        #expect(!result.sourceReplaced && result.source.differs)
        let member = try #require(fixture.serving.current.members.first)
        #expect(member.credentialSource.differs)
        try fixture.replaceLinkBySecret("first secret")
        #expect(
            try await fixture.reloader.reload().clients == [
                .init(client: "default", change: .kept, rotatedCredential: true)
            ]
        )
        try fixture.directory.write("secret", "rotated")
        #expect(fixture.serving.current.members.first?.credentialSource.differs == false, "somebody has replaced it")
        #expect(try await fixture.reloader.reload().clients == [.init(client: "default", change: .kept)])
        try fixture.directory.write("secret", "a third one")
        #expect(try await fixture.reloader.reload().clients == [.init(client: "default", change: .changed)])
    }

    @Test(arguments: ["rotated\r", "rotated ", "\u{FEFF}rotated", "rotated\nagain"])
    func `a secret that cannot be one is a wrong parameter, and is not tried`(text: String) async throws {
        let fixture = try ReloadFixture()
        let failure = await #expect(throws: CallFailure.self) {
            try await fixture.reloader.rotate(
                "default",
                Secret(copying: text.utf8),
                fixture.clock.now + .seconds(10)
            )
        }
        #expect(failure?.kind == .invalidParams && failure?.parameter == "client_secret")
        #expect(failure?.message.contains("; allowed: printable ASCII") == true)
        #expect(fixture.made.count == 1)
        #expect(try SecretFile.read(path: fixture.directory["secret"]) == Secret(copying: "first secret".utf8))
    }

    @Test func `an unknown client is a wrong parameter`() async throws {
        let fixture = try ReloadFixture()
        do {
            _ = try await rotate(fixture, client: "nobody")
            Issue.record("it is not known")
        } catch let failure as CallFailure {
            #expect(failure.kind == .invalidParams && failure.parameter == "client")
        }
    }
}
