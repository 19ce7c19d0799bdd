import AgentProtocol
import ArgumentParser
import CommandLineSupport
import Glibc

/// The command line of the agent.
@main
struct Mosaicctl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mosaicctl",
        abstract: "Inspect and operate mosaicd, the local authentication agent.",
        discussion: """
            Results go to standard output, messages to standard error. With --json the output is one object on one \
            line: {"schema": "mosaicctl/1", "command", "exit_status", and "result" or "error"}.

            Exit status:
            \(ExitStatus.table)

            Secrets are read from the terminal without echo, from standard input or from a file, never from the \
            command line, and are shown only with --show-tokens.
            """,
        version: "mosaicctl \(AgentVersion.current)",
        subcommands: subcommands
    )

    /// The commands, in the order in which the help text lists them.
    static let subcommands: [any ParsableCommand.Type] = [
        StatusCommand.self, HealthCommand.self, WaitCommand.self, PingCommand.self, HelloCommand.self,
        LoginCommand.self,
        UserCommand.self, PasswordCommand.self,
        PreferencesCommand.self, OTPCommand.self, LinkCommand.self, ResetCommand.self,
        BrowserCommand.self, SessionCommand.self, TokenCommand.self, ClientTokenCommand.self,
        CallCommand.self, DiscoverCommand.self, PolicyCommand.self, RefreshTokenCommand.self,
        ReloadCommand.self, CredentialCommand.self, TargetHashCommand.self, AuditCommand.self,
        ThrottleCommand.self, LogLevelCommand.self, ConnectionsCommand.self, MetricsCommand.self, WatchCommand.self,
    ]

    @OptionGroup var global: GlobalOptions

    func run() throws { throw ValidationError("a command is missing") }

    static func main() async {
        CommandLineTool.prepare()
        Glibc.exit(await Program.run())
    }
}
