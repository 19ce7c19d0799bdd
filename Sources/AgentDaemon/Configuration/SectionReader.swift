import ConfigurationFiles

/// Reads the typed values of one section and collects what is wrong with it.
struct SectionReader {
    /// A key's effective value and where it was set.
    struct Setting<Value: Sendable>: Sendable {
        /// The value; nil if it was not set or is wrong (which has then been reported).
        let value: Value?
        /// Where it was set, also wrongly; nil if it was not.
        let place: Place?

        var isSet: Bool { place != nil }
    }

    let section: MergedSection
    private(set) var problems: [ConfigurationProblem] = []

    /// Checks every assignment of every file, those that are overridden later as well.
    init(_ section: MergedSection) {
        self.section = section
        let keys = Dictionary(section.kind.keys.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for (place, name, value) in section.assignments {
            guard let key = keys[name] else {
                reportUnknown(name, at: place)
                continue
            }
            guard !value.isEmpty else { continue }
            do { try key.check(value) } catch { report(name, at: place, error.what, allowed: key.allowed) }
        }
    }

    /// The key's value by its last assignment; an empty one resets it.
    func setting<Value>(_ key: ConfigurationKey<Value>) -> Setting<Value> {
        guard let last = lastAssignment(ofKey: key.name) else { return Setting(value: nil, place: nil) }
        do { return Setting(value: try key.syntax.parse(last.value), place: last.place) } catch {
            return Setting(value: nil, place: last.place)
        }
    }

    /// Where the key's last assignment is; nil if it is not set.
    func place(ofKey name: String) -> Place? { lastAssignment(ofKey: name)?.place }

    private func lastAssignment(ofKey name: String) -> (place: Place, value: String)? {
        section.assignments.last { $0.key == name }.flatMap { $0.value.isEmpty ? nil : ($0.place, $0.value) }
    }

    /// The value of a key with a default.
    func value<Value>(_ key: DefaultedKey<Value>) -> Value {
        setting(key.key).value ?? key.fallback
    }

    /// The value of a key that must be set; reports if it is not.
    mutating func required<Value>(_ key: ConfigurationKey<Value>) -> Setting<Value> {
        let setting = setting(key)
        if !setting.isSet { report(key.name, at: section.place, "must be set", allowed: key.syntax.allowed) }
        return setting
    }

    /// Notes something that is wrong with a key.
    mutating func report(
        _ key: String?,
        at place: Place?,
        _ what: String,
        allowed: String? = nil,
        severity: ConfigurationProblem.Severity = .error
    ) {
        let place = place ?? section.place
        problems.append(
            ConfigurationProblem(
                severity: severity,
                file: place.file,
                line: place.line,
                section: section.title.printable,
                key: key,
                what: what,
                allowed: allowed
            )
        )
    }

    /// Never quotes the value: an unknown key may be the one that a secret was put into.
    private mutating func reportUnknown(_ name: String, at place: Place) {
        let lowered = name.asciiLowercased
        if ["secret", "password", "token", "privatekey", "assertion"].contains(where: { lowered.hasSuffix($0) }) {
            report(
                name,
                at: place,
                "is not a key: a secret has no place in this file (treat it as disclosed and replace it)",
                allowed: "\(ClientKeys.clientSecretFile.name)=/path/to/file in [Client NAME], "
                    + "or the service credential NAME.secret (LoadCredential=)"
            )
            return
        }
        let homes = SectionKind.allCases.filter { kind in
            kind != section.kind && kind.keys.contains { $0.name == name }
        }
        report(
            name,
            at: place,
            homes.isEmpty
                ? "is not a key of this section" : "belongs in \(homes.map(\.header).joined(separator: " or "))",
            allowed: section.kind.keys.map(\.name).joined(separator: " ")
        )
    }
}
