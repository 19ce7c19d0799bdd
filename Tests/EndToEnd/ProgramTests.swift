import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The programs as the system starts them: arguments, output, signals, and the files of a running agent's sockets.
    @Suite struct Programs {
        /// Runs a line of bash in which `$0` is the program.
        private static func bash(
            _ program: String,
            _ line: String,
            in scratch: Scratch
        ) async throws -> RunningProcess.Outcome {
            try await RunningProcess.run("/bin/bash", ["-c", line, program], label: "bash", in: scratch)
        }

        private static let outputs = [
            (Binaries.mosaicd, "--version", Int32(71)), (Binaries.mosaicd, "--dump-reference", 71),
            (Binaries.mosaicd, "--help", 71), (Binaries.mosaicd, "--check-config --config agent.conf", 71),
            // What is wrong with the configuration matters more.
            (Binaries.mosaicd, "--check-config --config /nonexistent", 78),
            (Binaries.mosaicSandbox, "--help", 1), (Binaries.mosaicSandbox, "outbox --state mosaic-sandbox", 1),
            (Binaries.mosaicSandbox, "outbox --url --state mosaic-sandbox", 1),
            (Binaries.mosaicSandbox, "requests --count E1 --state mosaic-sandbox", 1),
            (Binaries.mosaicSandbox, "serve --port 0 --state other", 1),
        ]

        @Test func `output that cannot be written is an error of every program`() async throws {
            try await TestBed.with { world in
                for (program, arguments, status) in Self.outputs {
                    let name = URL(filePath: program).lastPathComponent
                    for (output, reason) in [(">/dev/full", "No space left"), (">&-", "Bad file descriptor")] {
                        let outcome = try await Self.bash(program, "\"$0\" \(arguments) \(output)", in: world.scratch)
                        #expect(outcome.status == status, "\(name) \(arguments) \(output): \(outcome.error)")
                        #expect(
                            outcome.error.contains("cannot write to standard output: \(reason)"),
                            "\(name) \(arguments) \(output): \(outcome.error)"
                        )
                    }
                    guard !arguments.hasPrefix("serve"), status != 78 else { continue }
                    // The reader is gone before there is anything to read.
                    let piped = try await Self.bash(
                        program,
                        "exec 3> >(:); wait $!; \"$0\" \(arguments) >&3",
                        in: world.scratch
                    )
                    #expect(piped.status == 0, "\(name) \(arguments)")
                    #expect(piped.error.isEmpty, "\(name) \(arguments): \(piped.error)")
                }
            }
        }

        @Test func `arguments that are not UTF-8 are refused, and paths may be any bytes`() async throws {
            try await Scratch.with { scratch in
                for (program, arguments) in [
                    (Binaries.mosaicd, #"--check-config $'\xe9'"#), (Binaries.mosaicd, #"$'--\xe9'"#),
                    (Binaries.mosaicSandbox, #"users show $'caf\xe9'"#),
                    // Told again in JSON, which has no place for other bytes.
                    (Binaries.mosaicSandbox, #"status --state $'caf\xe9'"#),
                ] {
                    let outcome = try await Self.bash(program, "\"$0\" \(arguments)", in: scratch)
                    #expect(outcome.status == 64, "\(arguments): \(outcome.error)")
                    #expect(outcome.error.contains("is not valid UTF-8"), "\(outcome.error)")
                }
                let check = try await Self.bash(
                    Binaries.mosaicd,
                    #"umask 077; echo nonsense >$'caf\xe9'; "$0" --check-config --config $'caf\xe9'"#,
                    in: scratch
                )
                #expect(check.status == 78 && check.output.contains("\ncaf\\xe9:1: "), "\(check.output)\(check.error)")
                let users = try await Self.bash(
                    Binaries.mosaicSandbox,
                    #"echo '{' >$'users\xe9'; "$0" users add $'users\xe9'"#,
                    in: scratch
                )
                #expect(users.error.contains(#"users\xe9: not readable or not JSON"#), "\(users.error)")
                try FileManager.default.removeItem(atPath: scratch.path)
                try FileManager.default.createDirectory(atPath: scratch.path, withIntermediateDirectories: false)
            }
        }

        @Test(.enabled(if: geteuid() == 0, "only root can make a mount namespace"))
        func `without /proc no program starts, and each says why`() async throws {
            try await Scratch.with { scratch in
                for program in [Binaries.mosaicd, Binaries.mosaicctl, Binaries.mosaicSandbox] {
                    for _ in 1...4 {
                        let outcome = try await RunningProcess.run(
                            "/usr/bin/unshare",
                            ["-m", "sh", "-c", "mount -t tmpfs none /proc && exec \"$0\" --version", program],
                            label: "unshare",
                            in: scratch
                        )
                        #expect(outcome.status == 71, "\(outcome.error)")
                        #expect(outcome.output.isEmpty)
                        let name = URL(filePath: program).lastPathComponent
                        #expect(
                            outcome.error.hasPrefix("\(name): cannot open /proc/self/task: No such file or directory"),
                            "\(outcome.error)"
                        )
                    }
                }
            }
        }

        @Test func `SIGHUP reloads, other signals do nothing, and SIGTERM drains`() async throws {
            try await TestBed.with { world in
                let agent = world.agent.process
                for signal in [
                    SIGUSR1, SIGUSR2, SIGALRM, SIGPIPE, SIGVTALRM, SIGPROF, SIGXCPU, SIGIO, SIGSTKFLT, SIGPWR,
                ] { kill(agent.identifier, signal) }
                let text = try String(contentsOfFile: world.agent.configuration, encoding: .utf8)
                try text.replacing("[Daemon]", with: "[Daemon]\nMaximumConnections=77").write(
                    toFile: world.agent.configuration,
                    atomically: false,
                    encoding: .utf8
                )
                kill(agent.identifier, SIGHUP)
                try await waitUntil("the reload is in force") {
                    let status = try world.agent.askControl("daemon.status")
                    return status["result"]?["load"]?["maximum_connections"]?.integer == 77
                }
                #expect(world.agent.notifications.assignments().contains { $0.hasPrefix("RELOADING=1") })
                try "nonsense".write(toFile: world.agent.configuration, atomically: false, encoding: .utf8)
                kill(agent.identifier, SIGHUP)
                try await waitUntil("the refusal shows") {
                    let health = try world.agent.askControl("daemon.health")
                    return health["result"]?["checks"]?.array?.contains { $0["name"]?.string == "configuration" }
                        == true
                }
                let login = try world.agent.authenticate("alice", Passwords.alice)
                #expect(login["result"]?["verdict"] == "granted", "\(login)")
                let end = try await agent.terminate()
                #expect(end.status == 0, "\(end.error)")
            }
        }

        @Test(arguments: [SIGHUP, SIGTERM, SIGINT, SIGUSR1, SIGALRM])
        func `a signal early in the start does what it does later`(signal: Int32) async throws {
            try await Scratch.with { scratch in
                let sandbox = try await SandboxFixture.start(in: scratch)
                defer { sandbox.process.killNow() }
                let text = AgentOptions().configuration(for: sandbox.description, in: scratch, name: "agent")
                let notifications = try NotifySocket(in: scratch, name: "agent.notify")
                let agent = try RunningProcess(
                    Binaries.mosaicd,
                    ["--config", try scratch.write("agent.conf", text)],
                    environment: ["NOTIFY_SOCKET": notifications.path],
                    label: "agent",
                    in: scratch
                )
                defer { agent.killNow() }
                // From the moment at which the process has left the program that started it.
                try await waitUntil("the program has been loaded") { Self.holdsSignals(agent.identifier) }
                kill(agent.identifier, signal)
                if signal == SIGTERM || signal == SIGINT {
                    let end = try await agent.outcome()
                    #expect(end.status == 0, "\(end.error)")
                    return
                }
                try await waitUntil("it is ready") { notifications.assignments().contains("READY=1") }
                if signal == SIGHUP {
                    try await waitUntil("it has read its configuration again") {
                        notifications.assignments().contains { $0.hasPrefix("RELOADING=1") }
                    }
                }
                #expect(try await agent.terminate().status == 0)
            }
        }

        @Test func `SIGHUP is taken before the main of the program begins`() async throws {
            try await Scratch.with { scratch in
                let arguments = ["--check-config", "--config", scratch["none.conf"]]
                var startsSeenBeforeMain = 0
                // Before main is a matter of milliseconds, which not every start shows, and fewer on a busy machine: as many as it
                // takes, within the time limit. Main takes SIGINT at once after SIGHUP, too quickly to be seen between them.
                while startsSeenBeforeMain < 3 {
                    try Task.checkCancellation()
                    let agent = try RunningProcess(Binaries.mosaicd, arguments, label: "agent", in: scratch)
                    while agent.isRunning, !Self.has(SIGHUP, in: "SigCgt:", agent.identifier) { await Task.yield() }
                    let isInMain = Self.has(SIGINT, in: "SigCgt:", agent.identifier)
                    if agent.isRunning, !isInMain { startsSeenBeforeMain += 1 }
                    #expect(try await agent.outcome().status == 78)
                }
            }
        }

        /// Whether SIGUSR1 is ignored, which is among the first that the agent does.
        private static func holdsSignals(_ process: Int32) -> Bool { has(SIGUSR1, in: "SigIgn:", process) }

        /// Whether a signal is in that set of a process (proc_pid_status(5)).
        private static func has(_ signal: Int32, in set: String, _ process: Int32) -> Bool {
            let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
            let line = status.split(separator: "\n").first { $0.hasPrefix(set) }
            let mask = line.flatMap { UInt64($0.dropFirst(7).trimmingCharacters(in: .whitespaces), radix: 16) } ?? 0
            return mask & (1 << UInt64(signal - 1)) != 0
        }

        @Test func `health tells that a socket's file was removed or replaced`() async throws {
            try await TestBed.with { world in
                func check(_ socket: String) throws -> JSONTree? {
                    let health = try world.agent.askControl("daemon.health")
                    return health["result"]?["checks"]?.array?.first { $0["name"]?.string == "socket.\(socket)" }
                }
                #expect(try check("main")?["status"] == "healthy")
                #expect(try check("control")?["status"] == "healthy")
                let kept = world.agent.socket + ".kept"
                try FileManager.default.moveItem(atPath: world.agent.socket, toPath: kept)
                #expect(try check("main")?["status"] == "unhealthy")
                #expect(try check("main")?["message"]?.string?.contains("does not exist any more") == true)
                _ = try world.scratch.write("agent.sock", "")
                #expect(try check("main")?["message"]?.string?.contains("is not the agent's socket any more") == true)
                let ctl = try await world.agent.ctl("health")
                #expect(ctl.status == 7, "\(ctl.output)")
                #expect(unsafe rename(kept, world.agent.socket) == 0)
                #expect(try check("main")?["status"] == "healthy")
            }
        }

        @Test func `rotate writes only where the configuration that it reads itself says`() async throws {
            try await Scratch.with { scratch in
                let sandbox = try await SandboxFixture.start(in: scratch)
                defer { sandbox.process.killNow() }
                try FileManager.default.createDirectory(
                    atPath: scratch["keys"],
                    withIntermediateDirectories: false,
                    attributes: [.posixPermissions: 0o700]
                )
                let old = try String(contentsOfFile: sandbox.description.client_secret_file, encoding: .utf8)
                let file = try scratch.write("keys/secret", old)
                let agent = try await AgentFixture.start(
                    for: sandbox.description,
                    in: scratch,
                    options: AgentOptions(secretFile: file)
                )
                defer { agent.process.killNow() }
                func rotate(to secret: String, _ configuration: String) async throws -> RunningProcess.Outcome {
                    try await agent.ctl("credential", "rotate", "default", "--file", secret, "--config", configuration)
                }
                let bad = try scratch.write("bad.secret", "secret with a line end\r\n")
                let refused = try await rotate(to: bad, agent.configuration)
                #expect(refused.status == 64)
                #expect(refused.error.contains("\(bad) ends in a carriage return"), "\(refused.error)")

                // Where the agent itself does not write either, the command says why it does not.
                let new = try scratch.write("new.secret", "the next secret")
                try await sandbox.control("client", "--new-secret-file", new)
                #expect(unsafe chmod(scratch["keys"], 0o777) == 0)
                let open = try await rotate(to: new, agent.configuration)
                #expect(open.status == 0 && open.error.contains("its directory has mode 0777"), "\(open.error)")
                let other = try scratch.write("other.conf", "[Client default]\nClientSecretFile=/nonexistent/s\n")
                let elsewhere = try await rotate(to: new, other)
                #expect(elsewhere.error.contains("other.conf names /nonexistent/s"), "\(elsewhere.error)")
                #expect(try String(contentsOfFile: file, encoding: .utf8) == old)
                #expect(unsafe chmod(scratch["keys"], 0o700) == 0)
                let written = try await rotate(to: new, agent.configuration)
                #expect(written.status == 0, "\(written.error)")
                #expect(try String(contentsOfFile: file, encoding: .utf8) == "the next secret\n")
            }
        }

        @Test func `the daemon's word does not decide where rotate writes`() async throws {
            try await Scratch.with { scratch in
                let victim = try scratch.write("victim", "not a secret\n")
                let new = try scratch.write("new.secret", "the next secret")
                let result =
                    #""result":{"client":"default","source":{"kind":"file","name":"\#(victim)","differs":true},"#
                    + #""source_replaced":false}"#
                try await FakeAgent.answering { _ in
                    result
                } _: { path in
                    let outcome = try await RunningProcess.run(
                        Binaries.mosaicctl,
                        ["--control-socket", path, "credential", "rotate", "default", "--file", new],
                        in: scratch
                    )
                    #expect(outcome.status == 0, "\(outcome.error)")
                    #expect(
                        outcome.error.contains("a restart of the agent will use the old secret"),
                        "\(outcome.error)"
                    )
                }
                #expect(try String(contentsOfFile: victim, encoding: .utf8) == "not a secret\n")
            }
        }
    }
}
