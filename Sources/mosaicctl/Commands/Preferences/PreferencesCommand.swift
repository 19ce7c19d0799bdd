import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl preferences`
struct PreferencesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preferences",
        abstract: "Show and change how users of an application may log in.",
        subcommands: [PreferencesGetCommand.self, PreferencesSetCommand.self]
    )

    @OptionGroup var global: GlobalOptions

    func run() throws { throw ValidationError("a command is missing: get or set") }
}

/// Which application, and how its preferences are shown.
struct PreferencesOptions: ParsableArguments {
    @Option(
        name: .customLong("app-id"),
        help: ArgumentHelp("The application. (default: that of the agent's client)", valueName: "id")
    )
    var appID: String?

    @Flag(help: "Show also the settings of methods that can hold a provider's secret.")
    var showTokens = false

    /// The preferences for people and programs.
    func report(_ preferences: LoginPreferences) -> Report {
        let whole = JSONText { preferences.encode(to: &$0) }
        let (json, withheld) = showTokens ? (whole, []) : SensitiveNames.removed(from: whole.value)
        return Report(text: PrettyJSON.text(json.value), result: json, withheld: withheld)
    }
}
