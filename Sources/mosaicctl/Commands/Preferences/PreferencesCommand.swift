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
        var withheld: [String] = []
        let json = JSONText { writer in
            writer.beginObject()
            writer.key("app_id")
            writer.string(preferences.appID)
            writer.key("auth_methods")
            writer.beginObject()
            if let methods = preferences.authMethods.value.members {
                for (key, settings) in methods {
                    let name = key.string ?? ""
                    guard showTokens || Self.isShown(LoginMethod(name)) else {
                        withheld.append(name)
                        continue
                    }
                    writer.key(name)
                    writer.raw(settings.rawText)
                }
            }
            writer.endObject()
            if !preferences.omitted.isEmpty {
                writer.key("omitted")
                writer.beginArray()
                for name in preferences.omitted { writer.string(name) }
                writer.endArray()
            }
            writer.endObject()
        }
        return Report(
            text: PrettyJSON.text(json.value),
            result: json,
            withheld: withheld.sorted(),
            remark: Report.remark(omitted: preferences.omitted)
        )
    }

    /// Whether it is known that there is no secret in the settings. Their names say nothing here: `password` holds the
    /// policy for passwords.
    private static func isShown(_ method: LoginMethod) -> Bool {
        let readOnly = ["pin_authenticator", "face"].map { LoginMethod($0) }
        return readOnly.contains(method) || (LoginMethod.known.contains(method) && !method.mayHoldSecrets)
    }
}
