import Glibc
import StrictJSON
import Systemd
import TestSupport
import Testing

@testable import AgentDaemon

/// What becomes of clients that wait for an agent that cannot start.
@Suite(.longTimeLimit) struct BacklogRejecterTests {
    /// A listening socket as the service manager hands one over.
    private static func listening(at path: String) throws -> OwnedDescriptor {
        let listener = try makeSocket(for: path)
        let address = try #require(UnixAddress(path: path))
        try #require(unsafe address.call(bind, on: listener.rawValue) == 0)
        try #require(listen(listener.rawValue, 16) == 0)
        return listener
    }

    @Test(arguments: ["main", "control"])
    func `each of them is told and sent away, whatever it has said`(name: String) async throws {
        try await withTemporaryDirectory { directory in
            let listener = try Self.listening(at: directory + "/socket")
            let descriptors = ListenDescriptors([.init(name: name, number: listener.rawValue)])
            try await SocketClient.connected(to: directory + "/socket") { silent in
                try await SocketClient.connected(to: directory + "/socket") { talkative in
                    try await talkative.call("a", "system.ping")
                    BacklogRejecter.refuse(at: descriptors)
                    for client in [silent, talkative] {
                        let line = try #require(try await client.line())
                        let answer = try JSONDocument(parsing: Array(line.utf8), maximumDepth: 16).root
                        #expect(answer["id"]?.kind == .null)
                        #expect(answer["error"]?["data"]?["kind"]?.string == "shutting_down")
                        #expect(try await client.line() == nil, "the connection is closed")
                    }
                }
            }
        }
    }

    @Test func `a unit that waits for a credential gets an empty one`() async throws {
        try await withTemporaryDirectory { directory in
            let listener = try Self.listening(at: directory + "/socket")
            let descriptors = ListenDescriptors([.init(name: "credential", number: listener.rawValue)])
            try await SocketClient.connected(to: directory + "/socket") { unit in
                unit.finish()
                BacklogRejecter.refuse(at: descriptors)
                #expect(await unit.rest() == [])
            }
        }
    }

    @Test func `it does not wait for anybody, nor touch a socket of another name`() async throws {
        try await withTemporaryDirectory { directory in
            let listener = try Self.listening(at: directory + "/socket")
            BacklogRejecter.refuse(at: ListenDescriptors([.init(name: "main", number: listener.rawValue)]))
            try await SocketClient.connected(to: directory + "/socket") { _ in
                BacklogRejecter.refuse(at: ListenDescriptors([.init(name: "other", number: listener.rawValue)]))
                let connection = accept(listener.rawValue, nil, nil)
                #expect(connection >= 0, "it still waits")
                close(connection)
            }
        }
    }
}
