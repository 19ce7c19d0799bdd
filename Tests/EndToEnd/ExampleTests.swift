import Foundation
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

        @Test(arguments: languages.filter { $0.path != nil })
        func `each example tells all verdicts and an outage apart`(language: Language) async throws {
            let interpreter = try #require(language.path)
            let file = "\(Binaries.sourceTree)/examples/\(language.file)"
            try await World.with { world in
                func run(_ user: String, _ password: String, socket: String) async throws -> String {
                    let outcome = try await RunningProcess.run(
                        interpreter,
                        language.arguments + [file, user],
                        environment: ["MOSAICD_SOCKET": socket, "GOCACHE": world.scratch["go-cache"]],
                        input: password + "\n",
                        label: "example",
                        in: world.scratch
                    )
                    return "\(outcome.status) \(outcome.output)"
                }
                let socket = world.agent.socket
                #expect(try await run("alice", Passwords.alice, socket: socket) == "0 granted\n")
                #expect(try await run("alice", Passwords.wrong, socket: socket) == "1 denied\n")
                #expect(try await run(#"al"ice\"#, Passwords.wrong, socket: socket) == "1 denied\n")
                #expect(
                    try await run("temp", Passwords.temporary, socket: socket) == "3 password_change_required\n"
                )
                // `go run` makes every failure a status of 1, so only the silence on standard output counts there.
                let outage = try await run("alice", Passwords.alice, socket: world.scratch["nobody.sock"])
                #expect(outage == "2 " || (language.file == "login.go" && outage == "1 "))
            }
        }
    }
}
