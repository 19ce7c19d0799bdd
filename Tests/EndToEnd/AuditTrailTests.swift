import Foundation
import Testing

extension EndToEnd {
    /// What becomes of audit records and log messages where nobody takes them, and of a caller that makes too many.
    @Suite struct AuditTrail {
        /// The check of that name in the agent's health.
        private static func check(_ name: String, of agent: AgentFixture) throws -> JSONTree? {
            try agent.askControl("daemon.health")["result"]?["checks"]?.array?.first { $0["name"]?.string == name }
        }

        @Test func `records that a full disk does not take are not written: it is told, and calls are refused at last`()
            async throws
        {
            var options = AgentOptions()
            options.redirection = "2>/dev/full"
            options.daemon = ["AuditQueueSize=64", "MaximumCallsInFlightPerUser=32"]
            try await TestBed.with(agent: options) { world in
                let agent = world.agent
                #expect(try agent.authenticate("alice", Passwords.alice)["result"]?["verdict"]?.string == "granted")
                try await waitUntil("the failure shows") {
                    try agent.askControl("daemon.status")["result"]?["audit"]?["failure"] != nil
                }
                let audit = try agent.askControl("daemon.status")["result"]?["audit"]
                #expect(audit?["written"]?.integer == 0)
                #expect((audit?["queued"]?.integer ?? 0) >= 2)
                #expect(audit?["failure"]?.string?.contains("No space left on device") == true)
                let check = try Self.check("audit", of: agent)
                #expect(check?["status"]?.string == "degraded")
                #expect(check?["message"]?.string?.contains("No space left on device") == true)

                var refusal: JSONTree?
                for _ in 0..<64 where refusal == nil {
                    let answer = try agent.authenticate("alice", Passwords.alice)
                    if answer["error"] != nil { refusal = answer["error"] }
                }
                #expect(refusal?["data"]?["kind"]?.string == "overloaded")
                #expect(refusal?["data"]?["outcome"]?.string == "not_sent")
                #expect(try Self.check("audit", of: agent)?["status"]?.string == "unhealthy")
                #expect(try agent.ask("system.ping", "{}")["result"] != nil, "it can still be asked")
                #expect(try await agent.process.terminate().status == 0)
            }
        }

        @Test func `descriptors that are closed at the start are opened before anything else is`() async throws {
            var options = AgentOptions()
            options.redirection = "<&- >&- 2>&-"
            try await TestBed.with(agent: options) { world in
                let agent = world.agent
                #expect(try agent.authenticate("alice", Passwords.alice)["result"]?["verdict"]?.string == "granted")
                for number in 0...2 {
                    let link = "/proc/\(agent.process.identifier)/fd/\(number)"
                    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "/dev/null")
                }
                try await waitUntil("the failure shows") {
                    try agent.askControl("daemon.status")["result"]?["audit"]?["failure"] != nil
                }
                let audit = try agent.askControl("daemon.status")["result"]?["audit"]
                #expect(audit?["sink"]?.string == "none")
                #expect(audit?["written"]?.integer == 0)
                #expect(audit?["failure"]?.string?.contains("standard error was closed") == true)
                #expect(try await agent.process.terminate().status == 0)
            }
        }

        @Test func `a pipe that nobody reads holds up no call, no reload and no stop`() async throws {
            try await Scratch.with { scratch in
                let fifo = try Fifo(scratch["fifo"])
                let sandbox = try await SandboxFixture.start(in: scratch, users: SandboxFixture.users, options: [])
                defer { sandbox.process.killNow() }
                var options = AgentOptions()
                options.redirection = "2>\(fifo.path)"
                try fifo.fill()
                let agent = try await AgentFixture.start(for: sandbox.description, in: scratch, options: options)
                defer { agent.process.killNow() }
                for _ in 0..<3 {
                    #expect(try agent.ask("system.ping", "{}")["result"] != nil)
                    #expect(try agent.askControl("daemon.reload")["result"]?["reloaded"]?.boolean == true)
                    #expect(try agent.authenticate("alice", Passwords.alice)["result"]?["verdict"]?.string == "granted")
                }
                try await waitUntil("it is told") { try Self.check("log", of: agent)?["status"]?.string == "degraded" }
                try await waitUntil("and of the audit records") {
                    try Self.check("audit", of: agent)?["status"]?.string == "degraded"
                }
                let start = ContinuousClock.now
                #expect(try await agent.process.terminate().status == 0)
                #expect(ContinuousClock.now - start < .seconds(60))
            }
        }

        @Test(.enabled(if: getuid() == 0, "only root can be two other users"))
        func `pings that nobody reads hold up no other user's login, and each of them is accounted for`() async throws {
            let (attacker, victim) = (65_001, 65_002)
            let count = 16_384
            var options = AgentOptions()
            options.access = """
                [Access victim]
                Match=uid:\(victim)
                Clients=default
                Allow=login
                """
            try await TestBed.with(agent: options) { world in
                let (agent, scratch) = (world.agent, world.scratch)
                unsafe chmod(scratch.path, 0o711)
                unsafe chmod(agent.socket, 0o666)
                let lines = try scratch.write("pings", (1...count).map { Self.ping(id: $0) }.joined())
                unsafe chmod(lines, 0o644)
                let attack = try RunningProcess(
                    "/bin/sh",
                    ["-c", "\(Self.as(attacker)) nc -U \(agent.socket) <\(lines) | sleep 120"],
                    label: "attack",
                    in: scratch
                )
                defer { kill(-attack.identifier, SIGKILL) }
                try await waitUntil("all pings are answered") {
                    (try agent.askControl("daemon.status")["result"]?["counters"]?["calls_received"]?.integer ?? 0)
                        >= count
                }
                let login = """
                    {"jsonrpc":"2.0","id":1,"method":"password.authenticate","params":\
                    {"username":"alice","password":"\(Passwords.alice)","username_type":"username"}}

                    """
                let answer = try await RunningProcess.run(
                    "/bin/sh",
                    ["-c", "\(Self.as(victim)) nc -N -U \(agent.socket)"],
                    input: login,
                    in: scratch
                )
                #expect(answer.output.contains(#""verdict":"granted""#), "\(answer)")
                #expect(try Self.check("audit", of: agent)?["status"]?.string == "healthy")
                kill(-attack.identifier, SIGKILL)
                let end = try await agent.process.terminate()
                #expect(end.status == 0)

                let records = end.error.split(separator: "\n").filter { $0.hasPrefix("mosaicd-audit: ") }
                    .compactMap { try? JSONTree(String($0.dropFirst("mosaicd-audit: ".count))) }
                    .filter { $0["MOSAIC_CALLER_UID"]?.string == "\(attacker)" && $0["MOSAIC_VERDICT"]?.string == "ok" }
                let counts = records.map { $0["MOSAIC_CALLS"]?.string.flatMap { Int($0) } ?? 1 }
                #expect(counts.reduce(0, +) == count)
                #expect(records.count >= 100 && records.count < 1000)
            }
        }

        private static func ping(id: Int) -> String { #"{"jsonrpc":"2.0","id":\#(id),"method":"system.ping"}"# + "\n" }

        /// The shell's words for running a program as another user.
        private static func `as`(_ uid: Int) -> String { "setpriv --reuid=\(uid) --regid=\(uid) --clear-groups" }
    }
}

/// A named pipe that this process holds open and does not read.
private final class Fifo {
    let path: String
    private let descriptor: Int32

    init(_ path: String) throws {
        self.path = path
        guard unsafe mkfifo(path, 0o600) == 0 else { throw HarnessFailure("mkfifo: \(systemErrorText())") }
        descriptor = unsafe open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw HarnessFailure("open: \(systemErrorText())") }
    }

    deinit { close(descriptor) }

    /// Writes until not one byte more has room.
    func fill() throws {
        for size in [65_536, 1] {
            let bytes = [UInt8](repeating: UInt8(ascii: "x"), count: size)
            while unsafe write(descriptor, bytes, size) > 0 {}
            guard errno == EAGAIN else { throw HarnessFailure("write: \(systemErrorText())") }
        }
    }
}
