import ConfigurationFiles

/// Where something stands: a file and a line, or an environment variable.
struct Place: Sendable, Hashable {
    let file: String
    let line: Int?
}

/// One section as all files together make it: the main file's lines, then those of each drop-in.
struct MergedSection: Sendable {
    let kind: SectionKind
    /// The header without brackets: `Client default`.
    let title: String
    /// The name in the header; empty for `[Daemon]`.
    let name: String
    /// Where it is first begun.
    let place: Place
    /// Every assignment of every file, in reading order: the last one of a key counts.
    var assignments: [(place: Place, key: String, value: String)]

    /// Puts the files' sections together, in the order of their first headers.
    ///
    /// Headers that mean nothing are reported and their assignments left aside.
    static func merge(_ files: [SectionFile], problems: inout [ConfigurationProblem]) -> [MergedSection] {
        var sections: [MergedSection] = []
        var indices: [String: Int] = [:]
        for file in files {
            for section in file.sections {
                let place = Place(file: file.path, line: section.line)
                if let problem = problem(of: section, file: file.path) { problems.append(problem) }
                guard let kind = SectionKind(rawValue: section.kind) else { continue }
                let index = indices[section.title] ?? sections.count
                if index == sections.count {
                    indices[section.title] = index
                    sections.append(
                        MergedSection(
                            kind: kind,
                            title: section.title,
                            name: section.name ?? "",
                            place: place,
                            assignments: []
                        )
                    )
                }
                sections[index].assignments += section.assignments.map {
                    (Place(file: file.path, line: $0.line), $0.key, $0.value)
                }
            }
        }
        return sections
    }

    private static func problem(of section: SectionFile.Section, file: String) -> ConfigurationProblem? {
        let headers = SectionKind.allCases.map(\.header).joined(separator: " ")
        func problem(_ what: String, allowed: String) -> ConfigurationProblem {
            ConfigurationProblem(
                file: file,
                line: section.line,
                section: section.title.printable,
                what: what,
                allowed: allowed
            )
        }
        guard let kind = SectionKind(rawValue: section.kind) else {
            return problem("is not a section of this file", allowed: headers)
        }
        guard kind.isNamed else {
            return section.name == nil ? nil : problem("has a name but takes none", allowed: kind.header)
        }
        guard let name = section.name else {
            return problem("has no name", allowed: "\(kind.header) with a name of \(SectionKind.nameSyntax)")
        }
        return SectionKind.isName(name) ? nil : problem("has a bad name", allowed: SectionKind.nameSyntax)
    }
}
