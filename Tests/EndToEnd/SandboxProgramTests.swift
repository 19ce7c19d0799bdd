import Foundation
import Testing

extension EndToEnd {
    /// The emulator as a program: its files, its end, its refusals.
    @Suite struct SandboxProgram {
        @Test(arguments: [SIGTERM, SIGINT])
        func `a signal ends it with 0, even in the middle of a slow request, and takes sandbox.json away`(
            signal: Int32
        ) async throws {
            try await TestBed.with { world in
                try await world.sandbox.control("faults", "set", "E17", "--action", "latency", "--latency-ms", "60000")
                let connection = try LineSocket(world.agent.socket)
                try connection.sendLine(
                    #"{"jsonrpc":"2.0","id":1,"method":"password.authenticate","params":"#
                        + #"{"username":"alice","password":"\#(Passwords.alice)"}}"#
                )
                try await waitUntil("the login reaches the sandbox") { try await world.sandbox.count("E17") == 1 }
                kill(world.sandbox.process.identifier, signal)
                let started = ContinuousClock.now
                let outcome = try await world.sandbox.process.outcome()
                #expect(outcome.status == 0)
                #expect(ContinuousClock.now - started < .seconds(20))
                #expect(!FileManager.default.fileExists(atPath: "\(world.sandbox.state)/sandbox.json"))
            }
        }

        @Test func `a second one on the same state directory is refused with a sentence`() async throws {
            try await TestBed.with { world in
                let second = try await RunningProcess.run(
                    Binaries.mosaicSandbox,
                    ["serve", "--port", "0", "--state", world.sandbox.state],
                    in: world.scratch
                )
                #expect(second.status == 1)
                #expect(second.error.contains("already uses \(world.sandbox.state)"), "\(second.error)")
                // The first one serves on.
                let login = try world.agent.authenticate("alice", Passwords.alice)
                #expect(login["result"]?["verdict"] == "granted", "\(login)")
            }
        }

        @Test(arguments: [
            ["serve", "--host", "0.0.0.0"], ["serve", "--port", "65536"], ["serve", "--hash-cost", "3"],
            ["serve", "--log-level", "loud"], ["clock", "advance", "15"],
            ["faults", "set", "E99", "--action", "reset"],
            ["serve", "--redirect-uri", "/callback"], ["serve", "--redirect-uri", "https://app.example/#x"],
            ["requests", "--count", "E99"], ["frobnicate"],
        ])
        func `wrong usage ends with 64 and says what is wrong`(arguments: [String]) async throws {
            try await Scratch.with { scratch in
                let outcome = try await RunningProcess.run(Binaries.mosaicSandbox, arguments, in: scratch)
                #expect(outcome.status == 64)
                #expect(outcome.error.contains("Error"))
                #expect(outcome.output.isEmpty)
            }
        }

        @Test func `it is started with redirect URIs, and reset to how it began`() async throws {
            try await TestBed.with(
                sandbox: ["--redirect-uri", "http://localhost:3000/done", "--redirect-uri", "app.example:/done"]
            ) { world in
                let settings = try JSONTree(try await world.sandbox.control("client"))
                #expect(settings["redirect_uris"] == ["http://localhost:3000/done", "app.example:/done"])
                try await world.sandbox.control("clock", "advance", "20m")
                try await world.sandbox.control("users", "set-status", "alice", "Disabled")
                #expect(try world.agent.authenticate("alice", Passwords.alice)["result"]?["verdict"] == "denied")
                #expect(try JSONTree(try await world.sandbox.control("reset"))["users"]?.integer == 3)
                #expect(try world.agent.authenticate("alice", Passwords.alice)["result"]?["verdict"] == "granted")
                #expect(try await world.sandbox.count("E17") == 1)
            }
        }

        @Test func `a command without a running sandbox fails with 1 and names the file it missed`() async throws {
            try await Scratch.with { scratch in
                let outcome = try await RunningProcess.run(
                    Binaries.mosaicSandbox,
                    ["status", "--state", scratch["nothing"]],
                    in: scratch
                )
                #expect(outcome.status == 1)
                #expect(outcome.error.contains("sandbox.json"))
            }
        }
    }
}
