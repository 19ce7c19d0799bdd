import ConfigurationFiles

/// What `mosaicd --check-config` answers.
package struct ConfigurationCheck: Sendable {
    /// 0 if the configuration can be used, 78 (`EX_CONFIG`, sysexits.h) if not.
    package let exitCode: Int32
    /// The problems, one a line and sorted; if it can be used, how each client proves itself; and a closing line. Ends with
    /// a line feed.
    package let output: String

    init(files: [String], problems: [ConfigurationProblem], configuration: LoadedConfiguration?) {
        let errors = problems.count { $0.severity == .error }
        let warnings = problems.count - errors
        var lines = problems.map(\.description)
        if let configuration {
            let clients = Dictionary(configuration.clients.map { ($0.settings.name, $0) }) { first, _ in first }
            lines += configuration.configuration.clients.map { settings in
                ClientSummary(settings: settings, client: clients[settings.name]).description
            }
            let parts = [
                Self.count(configuration.configuration.clients.count, "client"),
                Self.count(configuration.configuration.access.count, "access rule"),
                Self.count(files.count, "file"),
            ]
            let note = warnings == 0 ? "" : ", \(Self.count(warnings, "warning"))"
            lines.append("The configuration is sound: \(parts.joined(separator: ", "))\(note).")
        } else {
            let note = warnings == 0 ? "" : " and \(Self.count(warnings, "warning"))"
            lines.append("The configuration is refused: \(Self.count(errors, "error"))\(note).")
        }
        self.exitCode = configuration == nil ? 78 : 0
        self.output = lines.joined(separator: "\n") + "\n"
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }
}
