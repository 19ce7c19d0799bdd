import AgentDaemon
import AgentProtocol
import ArgumentParser
import CommandLineSupport
import Glibc
import Linux

/// `mosaicd`: the agent.
@main
struct MosaicdCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mosaicd",
        abstract: "The local authentication agent for Transmit Security Mosaic.",
        discussion: """
            Serves two Unix sockets until SIGTERM or SIGINT, then answers the calls in flight and exits. SIGHUP has it read \
            its configuration again, as 'mosaicctl reload' does. Usually started by the service manager, which may hand over \
            the sockets and takes its readiness; see mosaicd.service.

            The environment may override the log level and the socket paths (MOSAICD_LOG_LEVEL, MOSAICD_SOCKET, \
            MOSAICD_CONTROL_SOCKET) and nothing else that the configuration says. Secrets come only from files and service \
            credentials, never from the command line or the environment.

            Exit status: 0 stopped as told, 64 wrong usage, 69 a socket cannot be served, 70 a bug, 71 a system error or \
            output that cannot be written, 78 the configuration cannot be used.
            """,
        version: "mosaicd \(AgentVersion.current)"
    )

    @Option(help: ArgumentHelp("Main configuration file; its drop-ins are FILE.d/*.conf.", valueName: "file"))
    var config = AgentMain.defaultConfigurationPath

    @Flag(
        help: "Only check the configuration: print what is wrong with it and exit with 0, or 78 if it cannot be used."
    )
    var checkConfig = false

    @Flag(help: ArgumentHelp("Print what the manual pages are made from.", visibility: .hidden))
    var dumpReference = false

    static func main() async {
        AgentMain.takeSignals()
        CommandLineTool.prepare()
        Glibc.exit(await status())
    }

    /// Runs the command line that the process was given.
    private static func status() async -> Int32 {
        do throws(ProgramArguments.NotUTF8) {
            let arguments = try CommandLineTool.arguments(of: Self.self)
            do {
                let command = try await asyncParseAsRoot(arguments)
                guard let command = command as? Self else {
                    var other = command
                    try other.run()
                    return 0
                }
                return await command.status()
            } catch {
                let ending = CommandLineTool.Exit(error, of: Self.self)
                guard ending.status == 0 else {
                    StandardOutput.complain(lines: ending.text)
                    return ending.status
                }
                return show(ending.text, 0)
            }
        } catch {
            StandardOutput.complain("mosaicd", error.description)
            return EX_USAGE
        }
    }

    private func status() async -> Int32 {
        if dumpReference { return Self.show(AgentMain.reference, 0) }
        if checkConfig {
            let (output, exitCode) = AgentMain.check(configurationPath: config)
            return Self.show(output, exitCode)
        }
        return await AgentMain.run(configurationPath: config)
    }

    /// Writes a result to standard output; that it cannot be written makes a success a failure.
    private static func show(_ text: String, _ status: Int32) -> Int32 {
        do throws(StandardOutput.Failure) {
            try StandardOutput.write(text)
            return status
        } catch {
            guard !error.isReaderGone else { return status }
            StandardOutput.complain("mosaicd", error.description)
            return status == 0 ? EX_OSERR : status
        }
    }
}
