import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl log-level`
struct LogLevelCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "log-level",
        abstract: "Show which messages the agent logs, or have it log more or less for a while.",
        discussion: """
            A level that is set holds at once, until the agent is reloaded or restarted; configured puts the level of the \
            configuration back. Audit records are always written.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(
        help: ArgumentHelp(
            "trace, debug, info, notice, warning, error, critical, or configured. (default: only show)",
            valueName: "level"
        )
    )
    var level: Level?

    func report() async throws -> Report {
        let result = try await withAgent(.control) { agent in
            try await agent.call(DaemonLogLevel.self, .init(level: level?.name), metadata: global.metadata)
        }
        return Report(text: Self.text(result), result: JSONText { result.encode(to: &$0) })
    }

    private static func text(_ result: DaemonLogLevel.Result) -> String {
        var list = FieldList()
        list.add("level", result.level)
        list.add("source", source(result.source))
        if result.level != result.configured { list.add("configured", result.configured) }
        return list.text
    }

    private static func source(_ source: LogLevelSource) -> String {
        switch source {
        case .fallback: "nothing is configured"
        case .configuration: "LogLevel= in the configuration"
        case .environment: "the variable MOSAICD_LOG_LEVEL of the agent"
        case .control: "set on the control socket, until the next reload or restart"
        default: source.name
        }
    }

    /// What can be said of the level.
    struct Level: ExpressibleByArgument {
        static let allValueStrings = DaemonLogLevel.Parameters.levels + [DaemonLogLevel.Parameters.configured]

        let name: String

        init?(argument: String) {
            guard Self.allValueStrings.contains(argument) else { return nil }
            name = argument
        }
    }
}
