import AgentDaemon
import AgentProtocol
import ArgumentParser

/// `mosaicd`: the agent.
@main
struct MosaicdCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mosaicd",
        abstract: "The local authentication agent for Transmit Security Mosaic.",
        discussion: """
            Serves two Unix sockets until SIGTERM or SIGINT, then answers the calls in flight and exits. Usually started by \
            the service manager, which may hand over the sockets and takes its readiness; see mosaicd.service.

            The environment may override the log level and the socket paths (MOSAICD_LOG_LEVEL, MOSAICD_SOCKET, \
            MOSAICD_CONTROL_SOCKET) and nothing else that the configuration says. Secrets come only from files and service \
            credentials, never from the command line or the environment.

            Exit status: 0 stopped as told, 64 wrong usage, 69 a socket cannot be served, 70 a bug, 71 a system error, \
            78 the configuration cannot be used.
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

    func run() async throws {
        if dumpReference {
            print(AgentMain.reference, terminator: "")
            return
        }
        if checkConfig {
            let (output, exitCode) = AgentMain.check(configurationPath: config)
            print(output, terminator: "")
            throw ExitCode(exitCode)
        }
        throw ExitCode(await AgentMain.run(configurationPath: config))
    }
}
