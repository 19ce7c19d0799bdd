import Systemd
import Testing

@testable import AgentDaemon

/// Where each socket comes from: systemd's unit, the configuration, or nowhere.
@Suite struct SocketSourceTests {
    private static func settings(credential: String? = nil) -> DaemonSettings {
        var settings = DaemonSettings.defaults
        settings.credentialSocket = credential
        return settings
    }

    @Test func `the credential socket is the one that nobody needs to have`() throws {
        let settings = Self.settings()
        let sockets = try SocketServerSettings(settings, descriptors: ListenDescriptors([]))
        #expect(sockets.credential == nil)
        #expect(sockets.credentialUser == 0)
        #expect(sockets.places(settings).map(\.socket) == [.main, .control])
    }

    @Test func `the agent makes one of its own where the configuration says so, for root alone`() throws {
        let settings = Self.settings(credential: "/run/c.sock")
        let sockets = try SocketServerSettings(settings, descriptors: ListenDescriptors([]))
        #expect(sockets.credential == .path("/run/c.sock", mode: 0o600, group: nil))
        let place = try #require(sockets.places(settings).last)
        #expect(place.socket == .credential && place.path == "/run/c.sock" && !place.isInherited)
    }

    @Test func `what systemd hands over under its name comes first`() async throws {
        try await withTemporaryDirectory { directory in
            let listener = try UnixListener.bound(to: directory + "/credential", mode: 0o600, group: nil)
            let descriptor = listener.takeDescriptor()
            let descriptors = ListenDescriptors([.init(name: "credential", number: descriptor)])
            let settings = Self.settings(credential: "/run/c.sock")
            let sockets = try SocketServerSettings(settings, descriptors: descriptors)
            #expect(sockets.credential == .inherited(descriptor))
            #expect(sockets.places(settings).last?.isInherited == true)
            _ = OwnedDescriptor(descriptor)
        }
    }
}
