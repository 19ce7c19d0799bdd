import AgentProtocol
import Glibc
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import AgentDaemon

/// The server as a whole: who gets in, and how it stops.
@Suite(.longTimeLimit) struct SocketServerTests {
    typealias Reply = SocketClient.Reply

    @Test func `a call on the control socket is known as such`() async throws {
        try await SocketFixture.serving { fixture in
            try await SocketClient.connected(to: fixture.controlPath) { client in
                try await client.call("a", "echo")
                #expect(try await client.answer() == Reply("a"))
            }
            #expect(fixture.dispatcher.calls.map(\.socket) == [.control])
        }
    }

    @Test func `over the cap a connection is told so and closed; it gets in when a place is free`() async throws {
        try await SocketFixture.serving(.setting(\.caps, to: ConnectionCaps(total: 1024, perUser: 2))) { fixture in
            try await fixture.connected { first in
                try await first.call("a", "echo")
                _ = try await first.line()
                try await fixture.connected { second in
                    try await second.call("a", "echo")
                    _ = try await second.line()
                    try await fixture.connected { third in
                        let refusal = try await third.answer()
                        #expect(refusal == Reply(nil, code: 1003))
                        #expect(try await third.line() == nil)
                    }
                    let uids = fixture.server.registry.connections.map { $0.caller.uid }
                    #expect(uids == [geteuid(), geteuid()])
                    // The control socket has a lane of its own.
                    try await SocketClient.connected(to: fixture.controlPath) { client in
                        try await client.call("a", "echo")
                        #expect(try await client.answer() == Reply("a"))
                    }
                }
            }
            let statistics = fixture.server.statistics
            #expect(statistics.connectionsRefused == 1)
            #expect(statistics.connectionsAccepted == 3)
            #expect(statistics.callsReceived == 3)
        }
    }

    @Test func `the daemon's own probe gets in when its user's share is used up, others of its process do not`()
        async throws
    {
        let names = ProbeNames()
        try await SocketFixture.serving(
            .setting(\.caps, to: ConnectionCaps(total: 1024, perUser: 0)),
            .setting(\.probes, to: names)
        ) { fixture in
            let address = try #require(UnixAddress(path: fixture.path))
            let probe = SocketProbe(.main, at: address, timeout: .seconds(10), names: names)
            #expect(try await NIOThreadPool.singleton.runIfActive { probe.ask() } == .answered)
            #expect(fixture.dispatcher.calls.map(\.isProbe) == [true])
            try await fixture.connected { client in
                let answer = try await client.answer()
                #expect(answer == Reply(nil, code: 1003))
            }
        }
    }

    @Test func `a name makes a probe of one connection only`() async throws {
        let names = ProbeNames()
        try await SocketFixture.serving(.setting(\.probes, to: names)) { fixture in
            let name = names.draw()
            for isProbe in [true, false] {
                try await SocketClient.connected(to: fixture.path, from: name) { client in
                    try await client.call("a", "echo")
                    #expect(try await client.answer() == Reply("a"))
                }
                #expect(fixture.dispatcher.calls.last?.isProbe == isProbe)
            }
        }
    }

    @Test func `on stop idle connections close, new ones are not taken, running calls are answered`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { idle in
                try await fixture.connected { busy in
                    try await idle.call("a", "echo")
                    _ = try await idle.line()
                    try await busy.call("held", "hold")
                    try await fixture.dispatcher.wait(for: .began(#""held""#))
                    fixture.server.stop()
                    #expect(try await idle.line() == nil)
                    try await busy.call("late", "echo")
                    #expect(try await busy.answer() == Reply("late", code: 1005, outcome: "not_sent"))
                    #expect(UnixListenerTests.status(fixture.path) == nil)
                    fixture.dispatcher.release(#""held""#)
                    #expect(try await busy.answer() == Reply("held"))
                    #expect(try await busy.line() == nil)
                }
            }
            try await fixture.dispatcher.wait(for: .audited(#""held""#, delivered: true))
            try await fixture.dispatcher.wait(for: .audited(#""late""#, delivered: true))
        }
    }

    @Test func `when the time for draining is over, what runs is ended and answered`() async throws {
        try await SocketFixture.serving(.setting(\.drainTime, to: .seconds(15))) { fixture in
            try await fixture.connected { client in
                // A deadline of its own that is further away, else that might be noticed first once the clock has moved.
                try await client.call("sent", "send", params: #"{"meta":{"deadline_ms":600000}}"#)
                try await fixture.dispatcher.wait(for: .began(#""sent""#))
                try await fixture.barrier()
                fixture.server.stop()
                let due = await fixture.clock.nextTimerScheduled()
                #expect(due == fixture.clock.now + .seconds(15))
                fixture.clock.advance(to: due)
                #expect(try await client.answer() == Reply("sent", code: 1005, outcome: "unknown"))
                #expect(try await client.line() == nil)
            }
        }
    }

    @Test func `when the time for draining is over, calls end whose callers have left`() async throws {
        try await SocketFixture.serving(.setting(\.drainTime, to: .seconds(15))) { fixture in
            try await fixture.connected { client in
                try await client.call("sent", "send")
                try await fixture.dispatcher.wait(for: .began(#""sent""#))
            }
            try await fixture.barrier { fixture.server.registry.count == 0 }
            fixture.server.stop()
            let due = await fixture.clock.nextTimerScheduled()
            #expect(due == fixture.clock.now + .seconds(15))
            #expect(!fixture.dispatcher.events.contains { if case .ended = $0 { true } else { false } })
            fixture.clock.advance(to: due)
            try await fixture.dispatcher.wait(for: .ended(#""sent""#, .shuttingDown))
            try await fixture.dispatcher.wait(for: .audited(#""sent""#, delivered: false))
        }
    }

    @Test func `a second server on the same sockets fails with a clear error, the first goes on`() async throws {
        try await SocketFixture.serving { fixture in
            let error = await #expect(throws: SocketError.self) {
                try await SocketFixture.serving(.setting(\.main, to: .path(fixture.path, mode: 0o660, group: nil))) {
                    _ in Issue.record("it listens")
                }
            }
            #expect(error?.code == .inUse)
            try await fixture.connected { client in
                try await client.call("a", "echo")
                #expect(try await client.answer() == Reply("a"))
            }
        }
    }

    @Test func `sockets passed by systemd are served and stay in place`() async throws {
        try await withTemporaryDirectory { directory in
            let main = try Self.listening(directory + "/main")
            let control = try Self.listening(directory + "/control")
            try await SocketFixture.serving(
                .setting(\.main, to: .inherited(main)),
                .setting(\.control, to: .inherited(control))
            ) { fixture in
                try await SocketClient.connected(to: directory + "/main") { client in
                    try await client.call("a", "echo")
                    #expect(try await client.answer() == Reply("a"))
                }
                try await SocketClient.connected(to: directory + "/control") { client in
                    try await client.call("a", "echo")
                    #expect(try await client.answer() == Reply("a"))
                }
                #expect(fixture.dispatcher.calls.map(\.socket) == [.main, .control])
            }
            #expect(UnixListenerTests.status(directory + "/main") != nil)
        }
    }

    @Test(arguments: [(EMFILE, true), (ENFILE, true), (ENOBUFS, true), (ENOMEM, true), (ECONNABORTED, false)])
    func `accepting pauses when something has run out, not when a connection was gone`(number: Int32, pauses: Bool) {
        #expect(AcceptPauseHandler.isShortage(IOError(errnoCode: number, reason: "accept")) == pauses)
    }

    @Test func `without file descriptors nothing is accepted during the pause, and nothing spins`() async {
        await #expect(processExitsWith: .success) {
            try await SocketFixture.serving(.setting(\.acceptPause, to: .seconds(3600))) { fixture in
                let waiting = try SocketServerTests.exhaustDescriptors(connectingTo: fixture.path)
                try await fixture.barrier { fixture.server.statistics.acceptPauses > 0 }
                try await fixture.barrier(rounds: 200)
                // A loop that spins fails to accept in every round.
                #expect(fixture.server.statistics.acceptPauses == 1)
                for descriptor in waiting { close(descriptor) }
            }
        }
    }

    @Test func `accepting goes on when file descriptors are free again`() async {
        await #expect(processExitsWith: .success) {
            try await SocketFixture.serving(.setting(\.acceptPause, to: .milliseconds(1))) { fixture in
                let waiting = try SocketServerTests.exhaustDescriptors(connectingTo: fixture.path)
                try await fixture.barrier { fixture.server.statistics.acceptPauses > 0 }
                for descriptor in waiting { close(descriptor) }
                try await fixture.connected { client in
                    try await client.call("a", "echo")
                    #expect(try await client.answer() == Reply("a"))
                }
            }
        }
    }

    /// Connects more sockets than this process may still have descriptors for accepting them; the sockets are made before
    /// the limit is lowered, so only the server feels it.
    static func exhaustDescriptors(connectingTo path: String) throws -> [Int32] {
        let address = try #require(UnixAddress(path: path))
        let sockets = try (0..<16).map { _ in try makeSocket(for: path).release() }
        let highest = try #require(sockets.max())
        var limit = rlimit(rlim_cur: rlim_t(highest + 2), rlim_max: rlim_t(highest + 2))
        #expect(unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
        for descriptor in sockets { #expect(unsafe address.call(connect, on: descriptor) == 0) }
        return sockets
    }

    /// A descriptor that listens on a path.
    static func listening(_ path: String) throws -> Int32 {
        let descriptor = try makeSocket(for: path)
        let address = try #require(UnixAddress(path: path))
        #expect(unsafe address.call(Glibc.bind, on: descriptor.rawValue) == 0)
        #expect(Glibc.listen(descriptor.rawValue, 16) == 0)
        return descriptor.release()
    }
}
