import Foundation
import Testing

extension EndToEnd {
    /// Every command and program of README.md, executed as it stands there but for the paths.
    @Suite struct Readme {
        /// Commands that cannot run inside the tests, and why. All others must be executed below.
        private static let elsewhere = [
            "make demo": "run by its script in a test of its own",
            "make test": "what runs this",
            "make build CONFIGURATION=release": "the same rule as `make build`, which `make test` runs in debug",
            "sudo make install CONFIGURATION=release": "its script runs in a test of its own",
            "sudo systemd-sysusers": "SystemdTests run it on the file it reads",
            "sudo systemd-tmpfiles --create": "SystemdTests run it on the file it reads",
            "sudoedit /etc/mosaicd/mosaicd.conf": "an editor",
            "sudo systemctl daemon-reload": "needs systemd as PID 1",
            "sudo systemctl enable --now mosaicd.socket mosaicd-control.socket": "needs systemd as PID 1",
        ]

        @Test func `every shell command works or is named with the place that runs it`() async throws {
            let access = """
                [Access tests]
                Match=uid:\(getuid())
                Clients=default
                Allow=login
                """
            let commands = try Markdown(page: "README.md").blocks.filter { $0.language == "sh" }
                .flatMap { $0.text.split(separator: "\n").map(String.init) }
            try #require(commands.count > 10)
            #expect(Set(Self.elsewhere.keys).isSubset(of: commands), "a command is excused that README.md has not")
            try await World.with(agent: AgentOptions(access: access)) { world in
                for command in commands where Self.elsewhere[command] == nil {
                    let outcome = try await Self.shell(command, input: Passwords.alice, in: world)
                    #expect(outcome.status == 0, "\(command): \(outcome.output)\(outcome.error)")
                    #expect(!outcome.output.isEmpty, "\(command) prints nothing")
                }
            }
        }

        @Test(arguments: [(Passwords.alice, "granted"), (Passwords.wrong, "denied")])
        func `the Python client works`(password: String, verdict: String) async throws {
            let blocks = try Markdown(page: "README.md").blocks.filter { $0.language == "python" }
            let program = try #require(blocks.first).text
            try await World.with { world in
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

        @Test func `the configuration is sound`() async throws {
            let blocks = try Markdown(page: "README.md").blocks.filter { $0.language == "ini" }
            let text = try #require(blocks.first).text
            try await Scratch.with { scratch in
                let secret = try scratch.write("secret", "s3cret")
                let configuration = try scratch.write(
                    "mosaicd.conf",
                    text.replacing("user:storefront", with: "uid:\(getuid())")
                        .replacing("Authentication=", with: "ClientSecretFile=\(secret)\nAuthentication=")
                )
                let outcome = try await RunningProcess.run(
                    Binaries.mosaicd,
                    ["--config", configuration, "--check-config"],
                    in: scratch
                )
                #expect(outcome.status == 0, "\(outcome.output)\(outcome.error)")
            }
        }

        @Test func `the demo shows a granted and a denied login and leaves nothing behind`() async throws {
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
                let directory = try #require(outcome.output.firstMatch(of: /\/tmp\/mosaicd-demo\.\w+/)).output
                #expect(!FileManager.default.fileExists(atPath: String(directory)))
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
                ] {
                    #expect(FileManager.default.fileExists(atPath: "\(root)/\(path)"), "\(path)")
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
            in world: World
        ) async throws -> RunningProcess.Outcome {
            var line = command.replacing("/run/mosaicd/mosaicd.sock", with: world.agent.socket)
                .replacing("--user storefront", with: "--user root")
            // The prompt for the password needs a terminal; the tests of mosaicctl give it one.
            if line == "mosaicctl login alice" { line += " --password-stdin" }
            return try await RunningProcess.run(
                "/bin/sh",
                ["-c", line],
                environment: [
                    "PATH": "\(Binaries.directory):/usr/local/bin:/usr/bin:/bin",
                    "MOSAICD_SOCKET": world.agent.socket,
                    "MOSAICD_CONTROL_SOCKET": world.agent.controlSocket,
                ],
                input: input,
                label: "readme",
                in: world.scratch
            )
        }
    }
}
