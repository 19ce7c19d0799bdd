import ConfigurationFiles

/// Makes the typed configuration out of parsed files: everything about it that needs no file, and all its errors.
struct ConfigurationBuilder {
    private let catalogue: RightsCatalogue
    private let names: any NameResolver
    private var problems: [ConfigurationProblem] = []

    /// A builder.
    ///
    /// - Parameters:
    ///   - catalogue: what rules can allow.
    ///   - names: looks up the users and groups of rules.
    init(catalogue: RightsCatalogue, names: any NameResolver) {
        self.catalogue = catalogue
        self.names = names
    }

    /// What came of building.
    struct Result {
        /// As complete as the errors allow; only to be used when there are none.
        let configuration: Configuration
        /// Errors and warnings, unsorted.
        let problems: [ConfigurationProblem]
        /// Where each client's keys stand, for problems that only show when files are opened.
        let clientSections: [String: SectionReader]
    }

    /// Builds from the main file and its drop-ins, in this order.
    ///
    /// - Parameters:
    ///   - files: at least the main file.
    ///   - overrides: values from the environment, which win over the `[Daemon]` section of all files.
    mutating func build(_ files: [SectionFile], overrides: [EnvironmentOverride.Value] = []) -> Result {
        let sections = MergedSection.merge(files, problems: &problems)
        let mainFile = Place(file: files.first?.path ?? "", line: nil)
        let daemon = buildDaemon(sections.first { $0.kind == .daemon }, overrides: overrides, mainFile: mainFile)

        var clients: [ClientSettings] = []
        var clientSections: [String: SectionReader] = [:]
        let clientNames = sections.filter { $0.kind == .client }.map(\.name)
        for section in sections where section.kind == .client {
            var reader = SectionReader(section)
            if let client = ClientSettings(reading: &reader) { clients.append(client) }
            clientSections[section.name] = reader
            problems += reader.problems
        }
        if clientNames.isEmpty {
            report(mainFile, "has no client", allowed: "at least one \(SectionKind.client.header) section")
        }

        var rules: [AccessRule] = []
        for section in sections where section.kind == .access {
            var reader = AccessSectionReader(section, clients: clientNames, catalogue: catalogue, names: names)
            if let rule = reader.read() { rules.append(rule) }
            problems += reader.problems
        }
        if !sections.contains(where: { $0.kind == .access }) {
            report(
                mainFile,
                "has no \(SectionKind.access.header) section: every call is forbidden",
                severity: .warning
            )
        }
        return Result(
            configuration: Configuration(daemon: daemon, clients: clients, access: rules),
            problems: problems,
            clientSections: clientSections
        )
    }

    private mutating func buildDaemon(
        _ section: MergedSection?,
        overrides: [EnvironmentOverride.Value],
        mainFile: Place
    ) -> DaemonSettings {
        var section =
            section ?? MergedSection(kind: .daemon, title: "Daemon", name: "", place: mainFile, assignments: [])
        section.assignments += overrides.map { (Place(file: "$" + $0.variable, line: nil), $0.key, $0.value) }
        var reader = SectionReader(section)
        let settings = DaemonSettings(reading: &reader)
        problems += reader.problems
        return settings
    }

    private mutating func report(
        _ place: Place,
        _ what: String,
        allowed: String? = nil,
        severity: ConfigurationProblem.Severity = .error
    ) {
        problems.append(
            ConfigurationProblem(severity: severity, file: place.file, line: place.line, what: what, allowed: allowed)
        )
    }
}
