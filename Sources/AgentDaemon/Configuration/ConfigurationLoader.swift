package import ConfigurationFiles
import MosaicAPI
package import Systemd

/// Reads the configuration: main file, drop-ins, environment, the clients' secrets and authorities.
///
/// A drop-in (``ConfigurationFiles``) may set keys of sections that an earlier file has, each key anew as a whole (a list is replaced, not added to; an empty assignment
/// resets the key to its default), and begin sections of its own, whose access rules are tried after all earlier ones.
package struct ConfigurationLoader: Sendable {
    /// Where the configuration is by default.
    package static let defaultPath = ConfigurationFiles.defaultPath

    /// The main file.
    package let path: String
    private let environment: Environment
    private let names: any NameResolver
    private let catalogue: RightsCatalogue
    private let wallClock: @Sendable () -> Int64
    private let callerUnits: @Sendable () -> CallerUnitProblem?

    /// A loader.
    ///
    /// - Parameters:
    ///   - path: the main file.
    ///   - environment: overrides, and where the service credentials are.
    ///   - names: looks up the users and groups of rules.
    ///   - catalogue: what rules can allow.
    ///   - callerUnits: why the units of callers could not be found out on this system, for ``check()``.
    ///   - wallClock: seconds since 1970, for the time within which certificates are good.
    package init(
        path: String = defaultPath,
        environment: Environment = .process,
        names: any NameResolver = SystemNames(),
        catalogue: RightsCatalogue = .main,
        callerUnits: @escaping @Sendable () -> CallerUnitProblem? = { nil },
        wallClock: @escaping @Sendable () -> Int64 = WallClock.secondsSince1970
    ) {
        self.path = path
        self.environment = environment
        self.names = names
        self.catalogue = catalogue
        self.wallClock = wallClock
        self.callerUnits = callerUnits
    }

    /// Reads everything; for the start and for a reload.
    ///
    /// - Throws: ``ConfigurationError`` with all that is wrong, in all files.
    package func load() throws(ConfigurationError) -> LoadedConfiguration {
        let outcome = examine(withoutCredentials: .error)
        guard let loaded = outcome.loaded else { throw ConfigurationError(problems: outcome.problems) }
        return loaded
    }

    /// Reads everything and tells what is wrong with it, for `--check-config`.
    package func check() -> ConfigurationCheck {
        // Run by hand there are no service credentials to look at; that must not hide whether the rest is sound.
        var outcome = examine(withoutCredentials: .warning)
        if let loaded = outcome.loaded, loaded.policy.hasUnitRules, let problem = callerUnits() {
            outcome.problems.append(
                ConfigurationProblem(
                    severity: .warning,
                    file: path,
                    what: "rules with unit: or user_unit: may admit no caller here: \(problem.sentence). "
                        + problem.advice
                )
            )
        }
        return ConfigurationCheck(files: outcome.files, problems: outcome.problems, configuration: outcome.loaded)
    }

    private struct Outcome {
        var loaded: LoadedConfiguration?
        var files: [String]
        var problems: [ConfigurationProblem]
    }

    private func examine(withoutCredentials severity: ConfigurationProblem.Severity) -> Outcome {
        let read = ConfigurationFiles(reading: path)
        let parsed = read.files
        var problems = read.problems
        // Without the main file nothing else is worth saying.
        guard read.hasMainFile else { return Outcome(files: [], problems: problems.sorted()) }

        var builder = ConfigurationBuilder(catalogue: catalogue, names: names)
        let result = builder.build(parsed, overrides: EnvironmentOverride.values(in: environment))
        problems += result.problems
        var clients: [LoadedConfiguration.Client] = []
        for settings in result.configuration.clients {
            guard let section = result.clientSections[settings.name] else { continue }
            var opener = ClientFiles(
                settings: settings,
                section: section,
                environment: environment,
                withoutCredentials: severity,
                now: wallClock()
            )
            if let client = opener.open() { clients.append(client) }
            problems += opener.problems
        }
        problems.sort()
        var outcome = Outcome(files: parsed.map(\.path), problems: problems)
        if !problems.contains(where: { $0.severity == .error }) {
            outcome.loaded = LoadedConfiguration(
                configuration: result.configuration,
                clients: clients,
                policy: AccessPolicy(rules: result.configuration.access, catalogue: catalogue),
                warnings: problems,
                files: outcome.files
            )
        }
        return outcome
    }
}
