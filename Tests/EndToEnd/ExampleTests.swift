import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The programs in `examples/`, each run as it is where its language is installed.
    @Suite struct Examples {
        /// The programs that run an example: the interpreter's places, then its arguments.
        struct Language: Sendable, CustomTestStringConvertible {
            let file: String
            let interpreter: String
            let arguments: [String]
            var testDescription: String { file }

            /// Where the interpreter is, nil where it is not installed.
            var path: String? {
                let directories = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
                return directories.map { "\($0)/\(interpreter)" }
                    .first { FileManager.default.isExecutableFile(atPath: $0) }
            }
        }

        static let languages = [
            Language(file: "login.py", interpreter: "python3", arguments: []),
            Language(file: "login.mjs", interpreter: "node", arguments: []),
            Language(file: "login.go", interpreter: "go", arguments: ["run"]),
            Language(file: "login.sh", interpreter: "sh", arguments: []),
        ]

        @Test func `python and the shell are there, so that this suite tests something`() {
            #expect(Self.languages.filter { $0.path != nil }.map(\.file).contains("login.py"))
            #expect(Self.languages.filter { $0.path != nil }.map(\.file).contains("login.sh"))
        }

        private static let installed = languages.filter { $0.path != nil }

        @Test(arguments: installed)
        func `each example tells all verdicts and an outage apart`(language: Language) async throws {
            let options = AgentOptions(daemon: ["AttemptBudget=2"], hasDefaultBudgets: true)
            try await TestBed.with(agent: options) { world in
                func run(_ user: String, _ password: String, socket: String) async throws -> String {
                    try await language.run(user, password, socket: socket, in: world.scratch)
                }
                let socket = world.agent.socket
                #expect(try await run("alice", Passwords.alice, socket: socket) == "0 granted\n")
                #expect(try await run("alice", Passwords.wrong, socket: socket) == "1 denied\n")
                #expect(try await run(#"al"ice\"#, Passwords.wrong, socket: socket) == "1 denied\n")
                #expect(
                    try await run("temp", Passwords.temporary, socket: socket) == "3 password_change_required\n"
                )
                // The agent's own throttle, and then Mosaic's.
                for _ in 1...2 { #expect(try await run("nobody", Passwords.wrong, socket: socket) == "1 denied\n") }
                let throttled = try await run("nobody", Passwords.wrong, socket: socket)
                #expect(throttled == language.silence(5), "the agent asks for patience")
                try await world.sandbox.control(
                    "faults",
                    "set",
                    "E17",
                    "--action",
                    "status",
                    "--status",
                    "429",
                    "--retry-after",
                    "7"
                )
                let later = try await run("alice", Passwords.alice, socket: socket)
                #expect(later == language.silence(5), "try again later")
                let outage = try await run("alice", Passwords.alice, socket: world.scratch["nobody.sock"])
                #expect(outage == language.silence(2))
            }
        }

        @Test(arguments: installed)
        func `an answer in many pieces is read whole, and an end without one is no denial`(
            language: Language
        ) async throws {
            try await Scratch.with { scratch in
                let pieces = #"{"jsonrpc":"2.0","id":1,"result":{"verdict":"granted"}}"# + "\n"
                for (answer, outcome) in [(pieces, "0 granted\n"), (String(pieces.prefix(30)), language.silence(2))] {
                    let result = try await FakeAgent.listening { connection in
                        _ = try await connection.request()
                        for piece in answer { try await connection.send(String(piece)) }
                    } _: { socket in
                        try await language.run("alice", "secret", socket: socket, in: scratch)
                    }
                    #expect(result == outcome)
                }
            }
        }

        @Test(arguments: installed)
        func `on a terminal the password is asked for without echo`(language: Language) async throws {
            try await TestBed.with { world in
                let terminal = try Terminal(
                    try #require(language.path),
                    language.commandLine("alice"),
                    environment: language.environment(socket: world.agent.socket, in: world.scratch)
                )
                try await terminal.wait(for: "Password: ")
                // The prompt may come a moment before the terminal has become silent.
                try await waitUntil("the terminal does not echo") { !terminal.echoes }
                try terminal.type(Passwords.alice + "\n")
                let shown = await terminal.rest()
                #expect(shown.contains("granted") && !shown.contains(Passwords.alice), "\(shown)")
            }
        }
    }
}

extension EndToEnd.Examples.Language {
    func commandLine(_ user: String) -> [String] {
        arguments + ["\(Binaries.sourceTree)/examples/\(file)", user]
    }

    func environment(socket: String, in scratch: Scratch) -> [String: String] {
        var all = ["MOSAICD_SOCKET": socket, "GOCACHE": scratch["go-cache"]]
        for name in ["PATH", "HOME"] { all[name] = ProcessInfo.processInfo.environment[name] }
        return all
    }

    /// Runs the example with the password on standard input; answers its exit status and what it printed.
    func run(_ user: String, _ password: String, socket: String, in scratch: Scratch) async throws -> String {
        let outcome = try await RunningProcess.run(
            try #require(path),
            commandLine(user),
            environment: environment(socket: socket, in: scratch),
            input: password + "\n",
            label: "example",
            in: scratch
        )
        return "\(outcome.status) \(outcome.output)"
    }

    /// What ``run`` answers for an example that printed no verdict; `go run` makes every failure a status of 1.
    func silence(_ status: Int) -> String { interpreter == "go" ? "1 " : "\(status) " }
}
