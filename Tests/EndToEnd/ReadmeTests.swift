import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Every command and program of README.md and the pages in `docs/`, executed as it stands there but for the paths.
    @Suite struct Readme {
        /// Commands that cannot run inside the tests, and why. All others must be executed below.
        private static let elsewhere = [
            "make demo": "run by its script in a test of its own",
            "make playground": "an interactive shell; the walk runs in a test of its own",
            "make test": "what runs this",
            "make deb": "`make test-systemd` runs it",
            "sudo apt install ./.build/packages/mosaicd_*.deb": "Tests/Systemd/package.test installs them",
            "make build CONFIGURATION=release": "`make deb` runs it",
            "sudo make install CONFIGURATION=release": "its script runs in a test of its own",
            "sudo systemd-sysusers": "SystemdTests run it on the file it reads",
            "sudo systemd-tmpfiles --create": "SystemdTests run it on the file it reads",
            "sudo systemctl daemon-reload": "needs systemd as PID 1",
            "sudo usermod --append --groups mosaic storefront": "changes the users of the machine",
            "sudo systemctl reload-or-restart mosaicd": "needs systemd as PID 1",
            "sudo systemctl enable mosaicd": "needs systemd as PID 1",
            "sudo systemctl start mosaicd.socket mosaicd-control.socket": "needs systemd as PID 1",
            "sudo systemctl enable mosaicd-credential.socket": "Tests/Systemd/credential.test runs it",
            "sudo systemctl restart mosaicd": "Tests/Systemd/credential.test runs it",
            "sudo mosaicctl audit --verdict throttled --since -1h":
                "needs a journal; Tests/Systemd/audit.test reads one",
        ]

        /// Blocks of the language `text`, by how they begin, and what executes them or why nothing does.
        private static let texts = [
            "programs of this host": "the picture of the flow",
            "$ make demo": "compared with what the demonstration prints",
            "$ mosaicctl throttle list": "ReadmeThrottle types it",
            "[Unit]": "Tests/Systemd/credential.test starts the unit",
            "#!/bin/sh\nprintf": "Tests/Systemd/credential.test runs it",
            "[Service]\nLoadCredential=default.key": "needs systemd as PID 1",
            "[Service]\nLoadCredential=\n": "needs systemd as PID 1",
            "mosaicctl watch": "runs until Ctrl-C; the walk of its method watches",
            " a program writes one line": "the picture of a login",
        ]

        @Test func `every block is of a language that a test executes, or named with the place that does`() throws {
            let executed: Set<String> = ["sh", "bash", "console", "python", "ini"]
            let pages = try Markdown.guide()
            for page in pages {
                for block in page.blocks where !executed.contains(block.language) {
                    #expect(block.language == "text", "\(page.page): \(block.text)")
                    #expect(Self.texts.keys.contains { block.text.hasPrefix($0) }, "\(page.page): \(block.text)")
                }
            }
            let texts = pages.blocks(in: "text")
            let unused = Self.texts.keys.filter { start in !texts.contains { $0.hasPrefix(start) } }
            #expect(unused.isEmpty, "no page has these blocks")
        }

        @Test func `every shell command works or is named with the place that runs it`() async throws {
            let access = """
                [Access tests]
                Match=uid:\(getuid())
                Clients=default
                Allow=login
                """
            let commands = try Markdown.guide().blocks(in: "sh")
                .flatMap { $0.split(separator: "\n").map(String.init) }
            try #require(commands.count > 30)
            #expect(Set(Self.elsewhere.keys).isSubset(of: commands), "a command is excused that no page has")
            try await TestBed.with(agent: AgentOptions(hasDefaultBudgets: true, access: access)) { world in
                for command in commands where Self.elsewhere[command] == nil {
                    let outcome = try await Self.shell(command, input: Passwords.alice, in: world)
                    #expect(outcome.status == 0, "\(command): \(outcome.output)\(outcome.error)")
                    #expect(!outcome.output.isEmpty, "\(command) prints nothing")
                }
            }
        }

        @Test func `the walk shows what is shown when it is typed`() async throws {
            let steps = try Markdown.guide().blocks(in: "console").flatMap { WalkStep.steps(of: $0) }
            try #require(steps.count > 8)
            var options = AgentOptions.allowing("login reset users")
            options.hasDefaultBudgets = true
            try await TestBed.with(users: "[]", agent: options) { world in
                var typist = Typist()
                for step in steps {
                    // The shell of `make playground`, in a directory that is left with it.
                    let terminal = try Terminal(
                        "/bin/bash",
                        ["-c", "cd \(world.scratch.path) && \(step.command); echo \"status $?\""],
                        environment: Self.environment(world).merging(["XDG_RUNTIME_DIR": world.scratch.path]) { $1 }
                    )
                    for prompt in step.prompts {
                        try await terminal.wait(for: prompt + " ")
                        try terminal.type(typist.answer(to: prompt) + "\n")
                    }
                    let shown = WalkStep.lines(await terminal.rest())
                    #expect(shown.last == "status 0", "\(step.command): \(shown)")
                    #expect(step.isShown(by: shown.dropLast()), "\(step.command): \(shown)")
                    typist.lastLine = shown.dropLast().last ?? ""
                }
            }
        }

        /// A command of a walk and what it shows, `…` for what differs.
        private struct WalkStep {
            let command: String
            var expected: [String] = []

            var prompts: [String] { expected.filter { $0.hasSuffix(":") } }

            static func steps(of text: String) -> [WalkStep] {
                lines(text).reduce(into: []) { steps, line in
                    if line.hasPrefix("$ ") {
                        steps.append(WalkStep(command: String(line.dropFirst(2))))
                    } else if !steps.isEmpty {
                        steps[steps.count - 1].expected.append(line)
                    }
                }
            }

            /// The lines of a text without spaces at their ends.
            static func lines(_ text: String) -> [String] {
                text.replacing("\r\n", with: "\n").split(separator: "\n").map { line in
                    String(line.reversed().drop { $0 == " " }.reversed())
                }
            }

            /// Whether the lines are those expected; a `…` at the end stands for one or more.
            func isShown(by lines: some Collection<String>) -> Bool {
                guard expected.last == "…" else { return lines.elementsEqual(expected) }
                return lines.count >= expected.count && lines.starts(with: expected.dropLast())
            }
        }

        /// Knows what to type where.
        private struct Typist {
            var lastLine = ""
            private var password = ""

            mutating func answer(to prompt: String) -> String {
                switch prompt {
                case "Password for the new user:": password = Ada.password
                case "New password:": password = Ada.newPassword
                case _ where prompt.hasPrefix("Code for "): return lastLine
                default: break
                }
                return password
            }
        }

        @Test(arguments: [(Passwords.alice, "granted"), (Passwords.wrong, "denied")])
        func `the Python client works`(password: String, verdict: String) async throws {
            let programs = try Markdown.guide().blocks(in: "python")
            try #require(programs.count == 1)
            let program = programs[0]
            try await TestBed.with { world in
                let file = try world.scratch.write(
                    "client.py",
                    program.replacing("/run/mosaicd/mosaicd.sock", with: world.agent.socket)
                )
                // Without a terminal, getpass reads the password from standard input.
                let outcome = try await RunningProcess.run(
                    "/usr/bin/setsid",
                    ["--wait", "python3", file],
                    input: password + "\n",
                    label: "python",
                    in: world.scratch
                )
                #expect(outcome.output == verdict + "\n", "\(outcome.error)")
            }
        }

        @Test func `the configurations are sound`() async throws {
            let blocks = try Markdown.guide().blocks(in: "ini")
            try #require(blocks.count >= 3)
            // The first one has the client; the others are rules, in place of that of the first.
            let first = try #require(blocks.first)
            let client = try #require(first.firstRange(of: "[Access "))
            for block in blocks {
                let text = block == first ? first : first[..<client.lowerBound] + block
                try await Scratch.with { scratch in
                    let secret = try scratch.write("secret", "s3cret")
                    let configuration = try scratch.write(
                        "mosaicd.conf",
                        String(text).replacing("user:storefront", with: "uid:\(getuid())")
                            .replacing("Authentication=", with: "ClientSecretFile=\(secret)\nAuthentication=")
                    )
                    let outcome = try await RunningProcess.run(
                        Binaries.mosaicd,
                        ["--config", configuration, "--check-config"],
                        in: scratch
                    )
                    #expect(outcome.status == 0, "\(block)\n\(outcome.output)\(outcome.error)")
                }
            }
        }

        @Test func `the demo shows a granted and a denied login, resets a password and leaves nothing behind`()
            async throws
        {
            try await Scratch.with { scratch in
                let outcome = try await RunningProcess.run(
                    "\(Binaries.sourceTree)/scripts/demo",
                    [Binaries.directory],
                    label: "demo",
                    in: scratch
                )
                #expect(outcome.status == 0, "\(outcome.output)\(outcome.error)")
                let lines = outcome.output.split(separator: "\n")
                #expect(lines.contains("granted"))
                #expect(lines.contains("denied"))
                let reset = try #require(lines.firstIndex { $0.hasPrefix("$ mosaicctl reset complete") })
                #expect(lines[reset...].contains("granted") && lines[reset...].contains("denied"))
                try Self.expectDocumented(lines.map(String.init))
                let directory = try #require(outcome.output.firstMatch(of: /\/tmp\/mosaicd-demo\.\w+/)).output
                #expect(!FileManager.default.fileExists(atPath: String(directory)))
            }
        }

        /// Checks that each line README.md shows of the demonstration is one of what it prints, in this order; a `…` at its
        /// end stands for the rest of the line, or for lines.
        private static func expectDocumented(_ printed: [String]) throws {
            let block = try Markdown(page: "README.md").blocks.first { $0.text.hasPrefix("$ make demo") }
            let shown = try #require(block).text.split(separator: "\n").dropFirst().filter { $0 != "…" }
            try #require(shown.count > 8)
            var rest = printed[...]
            for line in shown {
                let place = rest.firstIndex { printed in
                    // The titles are printed in bold.
                    let plain = printed.replacing(/\u{1b}\[\d+m/, with: "")
                    return line.hasSuffix("…") ? plain.hasPrefix(line.dropLast()) : plain == line
                }
                #expect(place != nil, "README.md shows: \(line)\nprinted: \(rest)")
                if let place { rest = rest[(place + 1)...] }
            }
        }

        @Test func `installing puts every file in its place and keeps a configuration that is there`() async throws {
            try await Scratch.with { scratch in
                let root = scratch["root"]
                func install() async throws -> RunningProcess.Outcome {
                    try await RunningProcess.run(
                        "\(Binaries.sourceTree)/scripts/install-files",
                        [Binaries.directory, root, "/usr", "/etc"],
                        label: "install",
                        in: scratch
                    )
                }
                #expect(try await install().status == 0)
                for path in [
                    "usr/bin/mosaicd", "usr/bin/mosaicctl", "usr/bin/mosaic-sandbox",
                    "usr/lib/systemd/system/mosaicd.service", "usr/lib/systemd/system/mosaicd.socket",
                    "usr/lib/systemd/system/mosaicd-control.socket", "usr/lib/sysusers.d/mosaicd.conf",
                    "usr/lib/tmpfiles.d/mosaicd.conf", "etc/mosaicd/mosaicd.conf",
                    "usr/share/man/man8/mosaicd.8", "usr/share/man/man5/mosaicd.conf.5",
                    "usr/share/man/man1/mosaicctl.1", "usr/share/man/man1/mosaic-sandbox.1",
                    "usr/share/bash-completion/completions/mosaicctl", "usr/share/zsh/site-functions/_mosaicctl",
                    "usr/share/fish/vendor_completions.d/mosaicctl.fish", "usr/share/doc/mosaicd/protocol.md",
                    "usr/share/mosaicd/openrpc.json", "usr/share/mosaicd/openrpc-control.json",
                ] {
                    #expect(FileManager.default.fileExists(atPath: "\(root)/\(path)"), "\(path)")
                }
                for page in try Markdown.guide() + ["protocol.md", "SECURITY.md"].map({ try Markdown(page: $0) }) {
                    let installed = try? String(
                        contentsOfFile: "\(root)/usr/share/doc/mosaicd/\(page.page)",
                        encoding: .utf8
                    )
                    #expect(installed == page.text, "\(page.page)")
                }
                let configuration = "\(root)/etc/mosaicd/mosaicd.conf"
                try Data("# mine\n".utf8).write(to: URL(filePath: configuration))
                #expect(try await install().status == 0)
                #expect(try String(contentsOfFile: configuration, encoding: .utf8) == "# mine\n")
            }
        }

        /// Runs a command line with the programs under test first in the path, against the agent of `world`.
        private static func shell(
            _ command: String,
            input: String,
            in world: TestBed
        ) async throws -> RunningProcess.Outcome {
            var line = command.replacing("/run/mosaicd/mosaicd.sock", with: world.agent.socket)
                .replacing("--user storefront", with: "--user root")
                // The control socket of these tests is the user's own.
                .replacing("sudo mosaicctl", with: "mosaicctl")
            // The prompt for the password needs a terminal; the tests of mosaicctl give it one.
            if line == "mosaicctl login alice" { line += " --password-stdin" }
            return try await RunningProcess.run(
                "/bin/sh",
                ["-c", line],
                environment: environment(world),
                input: input,
                label: "readme",
                in: world.scratch
            )
        }

        private static func environment(_ world: TestBed) -> [String: String] {
            [
                "PATH": "\(Binaries.directory):/usr/local/bin:/usr/bin:/bin",
                "MOSAICD_SOCKET": world.agent.socket,
                "MOSAICD_CONTROL_SOCKET": world.agent.controlSocket,
            ]
        }
    }
}
