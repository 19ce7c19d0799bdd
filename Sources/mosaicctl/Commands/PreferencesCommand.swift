import AgentClient
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

/// `mosaicctl preferences get`
struct PreferencesGetCommand: AgentCommand {
    static let title = "preferences get"
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Show the login methods of an application.",
        discussion: "A method that is not shown is not set up. Exits 8 when there is no such application."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var preferences: PreferencesOptions

    func report() async throws -> Report {
        let result = try await withAgent(.main) { agent in
            try await agent.call(
                PreferencesGet.self,
                .init(appID: preferences.appID),
                metadata: call.metadata(global)
            )
        }
        return preferences.report(result)
    }
}

/// `mosaicctl preferences set`
struct PreferencesSetCommand: AgentCommand {
    static let title = "preferences set"
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change settings of one login method of an application.",
        discussion: """
            Mosaic replaces a method whole. So the present settings are fetched, the changes merged into them as in a JSON \
            merge patch (RFC 7396: null removes a setting), and all of it is sent. What another caller changes in the same \
            method at the same moment is lost. Example:

              mosaicctl preferences set password '{"passwordMinLength": 12, "requireMFA": true}'

            Settings that can hold a provider's secret are only read from standard input.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var preferences: PreferencesOptions

    @Argument(
        help: ArgumentHelp(
            "The method: \(LoginMethod.known.map(\.name).joined(separator: ", ")).",
            valueName: "method"
        )
    )
    var method: String

    @Argument(
        help: ArgumentHelp(
            "The settings to change, a JSON object, or - to read it from standard input.",
            valueName: "json"
        )
    )
    var changes: String

    @Flag(help: "Take the object for the whole settings; nothing is fetched.")
    var replace = false

    func report() async throws -> Report {
        let method = try loginMethod()
        let changes = try changesObject(of: method)
        let result = try await withAgent(.main) { agent in
            let metadata = call.metadata(global)
            var present: JSONValue?
            if !replace {
                let known = try await agent.call(
                    PreferencesGet.self,
                    .init(appID: preferences.appID),
                    metadata: metadata
                )
                guard !known.omitted.contains(method.name) else {
                    throw CommandFailure(
                        .upstream,
                        "the agent cannot read the present settings of \(method), into which the changes would be merged; "
                            + "--replace sends whole settings"
                    )
                }
                present = known[method]
            }
            return try await agent.call(
                PreferencesUpdate.self,
                .init(
                    appID: preferences.appID,
                    methods: [method: replace ? changes : MergePatch.apply(changes.value, to: present)]
                ),
                metadata: metadata
            )
        }
        return preferences.report(result)
    }

    private func loginMethod() throws(CommandFailure) -> LoginMethod {
        guard let known = LoginMethod.known.first(where: { $0.name == method }) else {
            let names = LoginMethod.known.map(\.name).joined(separator: ", ")
            throw CommandFailure(.usage, "there is no login method of that name; there are \(names)")
        }
        return known
    }

    private func changesObject(of method: LoginMethod) throws(CommandFailure) -> JSONText {
        let isFromInput = changes == "-"
        guard isFromInput || !method.mayHoldSecrets else {
            throw CommandFailure(
                .usage,
                "the settings of \(method) can hold a secret and must not be on the command line, where every user of "
                    + "this machine can read it: write them to standard input and give - instead"
            )
        }
        let bytes = isFromInput ? try InputReader.standardInput() : Array(changes.utf8)
        let json: JSONText
        do throws(JSONSyntaxError) {
            // They are the third level of the request.
            json = try JSONText(parsing: bytes, maximumDepth: ProtocolLimits.maximumDepth - 2)
        } catch {
            throw CommandFailure(.usage, "the settings are not acceptable JSON: \(error)")
        }
        guard json.value.kind == .object else { throw CommandFailure(.usage, "the settings must be a JSON object") }
        return json
    }
}
