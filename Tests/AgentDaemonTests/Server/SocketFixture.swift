import Glibc
import Logging
import NIOCore
import NIOPosix
import TestSupport

@testable import AgentDaemon

/// A real server on real sockets in a directory of its own, with a scripted dispatcher and a clock that stands still.
struct SocketFixture: Sendable {
    let server: SocketServer
    let dispatcher: ScriptedDispatcher
    let clock: TestClock
    let directory: String

    var path: String { directory + "/main" }
    var controlPath: String { directory + "/control" }
    var credentialPath: String { directory + "/credential" }

    /// A change of the settings that a test makes.
    struct SettingsChange {
        let apply: (inout SocketServerSettings) -> Void

        /// One setting gets another value.
        static func setting<Value>(
            _ keyPath: WritableKeyPath<SocketServerSettings, Value>,
            to value: Value
        ) -> SettingsChange {
            SettingsChange { $0[keyPath: keyPath] = value }
        }
    }

    /// Runs `body` while a server is listening; then stops the server and removes the directory.
    static func serving(
        _ changes: SettingsChange...,
        body: (SocketFixture) async throws -> Void
    ) async throws {
        try await EventLoopPulse.prepare()
        try await withTemporaryDirectory { directory in
            var settings = SocketServerSettings(
                main: .path(directory + "/main", mode: 0o660, group: nil),
                control: .path(directory + "/control", mode: 0o600, group: nil)
            )
            settings.credential = .path(directory + "/credential", mode: 0o600, group: nil)
            settings.credentialUser = geteuid()
            for change in changes { change.apply(&settings) }
            let (listening, isListening) = AsyncStream.makeStream(of: Void.self)
            let dispatcher = ScriptedDispatcher()
            let clock = TestClock()
            let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            let server = SocketServer(
                settings: settings,
                context: SocketContext(settings: settings, clock: clock, logger: logger),
                dispatcher: dispatcher,
                group: MultiThreadedEventLoopGroup.singleton,
                logger: logger,
                onListening: { isListening.yield() }
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { isListening.finish() }
                    try await server.run()
                }
                guard await listening.first(where: { _ in true }) != nil else { return try await group.waitForAll() }
                let fixture = SocketFixture(
                    server: server,
                    dispatcher: dispatcher,
                    clock: clock,
                    directory: directory
                )
                do {
                    try await body(fixture)
                } catch {
                    group.cancelAll()
                    throw error
                }
                group.cancelAll()
            }
        }
    }

    /// Runs `body` with a connection to the main socket.
    func connected<Result>(_ body: (SocketClient) async throws -> Result) async throws -> Result {
        try await SocketClient.connected(to: path, body)
    }

    /// Runs `body` with a connection to the credential socket from the address of that name; nil for no address.
    func connectedForCredential<Result>(
        as name: String?,
        _ body: (SocketClient) async throws -> Result
    ) async throws -> Result {
        try await SocketClient.connected(to: credentialPath, from: name.map { Array($0.utf8) }, body)
    }

    /// Returns when nobody listens at a path any more.
    func untilClosed(_ path: String) async throws {
        try await barrier { UnixListenerTests.status(path) == nil }
    }

    /// Returns when the server knows a connection: its time limits run from then.
    func untilAccepted() async throws {
        try await barrier { !server.registry.handles.isEmpty }
    }

    /// Moves the clock and has the connections look at it.
    func advance(by duration: Duration) {
        clock.advance(by: duration)
        server.recheckTimers()
    }
}

/// A new directory under /tmp that only we may enter; short, because a socket's path has room for 107 bytes only.
func withTemporaryDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    var template = Array("/tmp/mosaicd-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else {
        throw SocketError.system("mkdtemp", "/tmp", errno: errno)
    }
    let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
        for name in ["main", "main.lock", "control", "control.lock", "credential", "credential.lock", "file"] {
            unsafe unlink(directory + "/" + name)
        }
        unsafe rmdir(directory)
    }
    return try await body(directory)
}

extension SocketFixture {
    /// Returns when everything that was sent before has reached the server and every event loop has had some rounds.
    func barrier(rounds: Int = 6) async throws {
        for _ in 0..<rounds { try await EventLoopPulse.beat() }
    }

    /// Gives the event loops rounds until a condition holds.
    func barrier(until condition: () -> Bool) async throws {
        while !condition() {
            try Task.checkCancellation()
            try await barrier(rounds: 1)
        }
    }
}

/// The user of this process.
func geteuidForTests() -> UInt32 { geteuid() }
