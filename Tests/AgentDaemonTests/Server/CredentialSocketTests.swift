import AgentProtocol
import Glibc
import StrictJSON
import Systemd
import TestSupport
import Testing

@testable import AgentDaemon

/// The credential socket over real connections, which come from addresses as systemd makes them.
@Suite(.longTimeLimit) struct CredentialSocketTests {
    private static let unit = "report.service"

    /// Addresses are the whole machine's, so each test run needs its own.
    private static func name(_ id: String = "mosaic", unit: String = unit) -> String {
        "\(String(UInt64.random(in: 0 ... .max), radix: 16))/unit/\(unit)/\(id)"
    }

    private static func audited(delivered: Bool) -> ScriptedDispatcher.Event { .audited("1", delivered: delivered) }

    @Test func `the token comes byte for byte, and then the end`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connectedForCredential(as: Self.name()) { client in
                #expect(await client.rest() == Array(ScriptedDispatcher.token.utf8))
            }
            try await fixture.dispatcher.wait(for: Self.audited(delivered: true))
            let call = try #require(fixture.dispatcher.calls.first)
            #expect(fixture.dispatcher.calls.count == 1)
            #expect(call.request.method == "client_token.get")
            #expect(call.request.params?["min_valid_s"]?.integer == 600)
            #expect(call.request.params?["meta"] == nil)
            #expect(call.socket == .main && call.entrance == .credential)
            #expect(call.refusal == nil)
            #expect(call.caller.unit.name == Self.unit && call.caller.isManager)
            #expect(call.caller.uid == geteuidForTests() && call.caller.pid == getpid())
            #expect(call.deadline == call.arrival + .seconds(10))
        }
    }

    @Test func `the ID may name a client`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connectedForCredential(as: Self.name("mosaic.risk")) { client in
                #expect(await client.rest() == Array(ScriptedDispatcher.token.utf8))
            }
            #expect(fixture.dispatcher.calls.first?.request.params?["meta"]?["client"]?.string == "risk")
        }
    }

    @Test(
        arguments: [
            (name("other"), "unknown_credential", unit), (name(unit: "report"), "peer_address", nil),
            ("foo", "peer_address", nil),
            (nil, "peer_address", nil),
        ] as [(String?, String, String?)]
    )
    func `who asks for nothing that there is gets nothing, and is recorded`(
        name: String?,
        reason: String,
        unit: String?
    ) async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connectedForCredential(as: name) { client in
                #expect(await client.rest() == [])
            }
            try await fixture.dispatcher.wait(for: Self.audited(delivered: true))
            let call = try #require(fixture.dispatcher.calls.first)
            #expect(call.refusal?.kind == .forbidden && call.refusal?.reason == reason)
            #expect(call.caller.unit.name == unit)
        }
    }

    @Test func `who is not the service manager gets nothing, whatever its address says`() async throws {
        let user = SocketFixture.SettingsChange.setting(\.credentialUser, to: geteuidForTests() &+ 1)
        try await SocketFixture.serving(user) { fixture in
            try await fixture.connectedForCredential(as: Self.name()) { client in
                #expect(await client.rest() == [])
            }
            let call = try #require(fixture.dispatcher.calls.first)
            #expect(call.refusal?.reason == "peer_not_root")
            #expect(call.caller.unit == .unasked && !call.caller.isManager)
        }
    }

    @Test func `a peer that talks is not listened to, and gets its token`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connectedForCredential(as: Self.name("mosaic.hold")) { client in
                try await client.send(String(repeating: "GET / HTTP/1.0\r\n\r\n", count: 1000))
                client.finish()
                try await fixture.dispatcher.wait(for: .began("1"))
                fixture.dispatcher.release("1")
                #expect(await client.rest() == Array(ScriptedDispatcher.token.utf8))
            }
            try await fixture.dispatcher.wait(for: Self.audited(delivered: true))
        }
    }

    @Test func `without a token in time the connection closes empty`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connectedForCredential(as: Self.name("mosaic.hold")) { client in
                try await fixture.dispatcher.wait(for: .began("1"))
                fixture.advance(by: .seconds(10))
                #expect(await client.rest() == [])
            }
            try await fixture.dispatcher.wait(for: .ended("1", .deadline))
            try await fixture.dispatcher.wait(for: Self.audited(delivered: true))
        }
    }

    @Test func `the call of a peer that goes away ends with it`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connectedForCredential(as: Self.name("mosaic.hold")) { client in
                client.finish()
                try await fixture.dispatcher.wait(for: .began("1"))
            }
            try await fixture.dispatcher.wait(for: .ended("1", .peerGone))
            try await fixture.dispatcher.wait(for: Self.audited(delivered: false))
            #expect(fixture.server.statistics.answersUndelivered == 1)
        }
    }

    @Test func `a peer that does not read holds nothing for long`() async throws {
        try await SocketFixture.serving { fixture in
            let client = OwnedDescriptor(
                try SocketClient.connect(to: fixture.credentialPath, from: Array(Self.name("mosaic.big").utf8))
            )
            try await fixture.dispatcher.wait(for: .ended("1", nil))
            try await fixture.barrier()
            #expect(fixture.server.registry.count == 1)
            try await fixture.dispatcher.wait(for: Self.audited(delivered: true))
            fixture.advance(by: .seconds(30))
            try await fixture.dispatcher.wait(for: .lost("1"))
            _ = consume client
            #expect(fixture.server.statistics.connectionsBroken == 1)
        }
    }

    @Test func `a long token comes whole to a peer that reads`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connectedForCredential(as: Self.name("mosaic.big")) { client in
                #expect(await client.rest().count == ScriptedDispatcher.bigTokenBytes)
            }
            try await fixture.dispatcher.wait(for: Self.audited(delivered: true))
        }
    }

    @Test func `over the cap connections are closed, and the other sockets go on`() async throws {
        let caps = ConnectionCaps(total: 32)
        try #require(caps.credentialLane == 2)
        try await SocketFixture.serving(.setting(\.caps, to: caps)) { fixture in
            let first = OwnedDescriptor(
                try SocketClient.connect(to: fixture.credentialPath, from: Array(Self.name("mosaic.big").utf8))
            )
            let second = OwnedDescriptor(
                try SocketClient.connect(to: fixture.credentialPath, from: Array(Self.name("mosaic.big").utf8))
            )
            try await fixture.dispatcher.wait { $0.count { $0 == .ended("1", nil) } == 2 }
            try await fixture.connectedForCredential(as: Self.name()) { client in
                #expect(await client.rest() == [])
            }
            try await fixture.connected { client in
                try await client.call("a", "echo")
                #expect(try await client.answer() == SocketClient.Reply("a"))
            }
            #expect(fixture.server.statistics.connectionsRefused == 1)
            #expect(fixture.dispatcher.calls.count == 3)
            _ = consume first
            _ = consume second
        }
    }

    @Test func `on stop what was asked for is still given, and nothing new`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connectedForCredential(as: Self.name("mosaic.hold")) { client in
                try await fixture.dispatcher.wait(for: .began("1"))
                fixture.server.stop()
                try await fixture.untilClosed(fixture.credentialPath)
                fixture.dispatcher.release("1")
                #expect(await client.rest() == Array(ScriptedDispatcher.token.utf8))
            }
        }
    }

    @Test func `when the time to stop is over, what is left ends empty`() async throws {
        try await SocketFixture.serving(.setting(\.drainTime, to: .zero)) { fixture in
            try await fixture.connectedForCredential(as: Self.name("mosaic.hold")) { client in
                try await fixture.dispatcher.wait(for: .began("1"))
                fixture.server.stop()
                try await fixture.dispatcher.wait(for: .ended("1", .shuttingDown))
                #expect(await client.rest() == [])
            }
        }
    }

    @Test func `without the setting there is no such socket`() async throws {
        try await SocketFixture.serving(.setting(\.credential, to: nil)) { fixture in
            #expect(UnixListenerTests.status(fixture.credentialPath) == nil)
            #expect(UnixListenerTests.status(fixture.path) != nil)
        }
    }

    @Test func `the socket is for its owner alone`() async throws {
        try await SocketFixture.serving { fixture in
            #expect(UnixListenerTests.status(fixture.credentialPath)?.permissions == 0o600)
        }
    }
}
