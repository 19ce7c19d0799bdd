import Linux

/// One thing that is wrong, or dangerous, in the configuration, and where.
///
/// No part of it ever holds a secret: values of keys that could hold one by mistake are not quoted.
package struct ConfigurationProblem: Sendable, Hashable {
    /// What follows from a problem.
    package enum Severity: Sendable, Hashable {
        /// The configuration is refused.
        case error
        /// The configuration is used, but an administrator should look at this.
        case warning
    }

    /// What follows from it.
    package let severity: Severity
    /// The file's path, or the name of an environment variable with a leading `$`.
    package let file: String
    /// The line in the file, counted from 1; nil when the problem is the file itself.
    package let line: Int?
    /// The section as its header says it, without the brackets: `Client default`.
    package let section: String?
    /// The key.
    package let key: String?
    /// What is wrong, as a phrase.
    package let what: String
    /// What would be right.
    package let allowed: String?

    /// A problem at a place.
    package init(
        severity: Severity = .error,
        file: String,
        line: Int? = nil,
        section: String? = nil,
        key: String? = nil,
        what: String,
        allowed: String? = nil
    ) {
        self.severity = severity
        self.file = file
        self.line = line
        self.section = section
        self.key = key
        self.what = what
        self.allowed = allowed
    }
}

extension ConfigurationProblem: CustomStringConvertible {
    /// `FILE:LINE: [Section] Key=: what is wrong; allowed: …`, leaving out what does not apply.
    package var description: String {
        var text = PathText.printable(file)
        if let line { text += ":\(line)" }
        text += ": "
        if severity == .warning { text += "warning: " }
        if let section { text += "[\(section)] " }
        if let key { text += "\(key)=: " }
        text += what
        if let allowed { text += "; allowed: \(allowed)" }
        return text
    }
}

extension ConfigurationProblem: Comparable {
    /// By file, then line, then text.
    ///
    /// A main file comes before its drop-ins, because its path is the beginning of theirs.
    package static func < (one: Self, other: Self) -> Bool {
        (one.file, one.line ?? 0, one.key ?? "", one.what) < (other.file, other.line ?? 0, other.key ?? "", other.what)
    }
}

/// Why a configuration was refused: everything that is wrong in all of its files, not just the first find.
package struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The errors, sorted by file and line; never empty.
    package let problems: [ConfigurationProblem]

    /// An error of these problems; warnings among them are left out.
    package init(problems: some Sequence<ConfigurationProblem>) {
        self.problems = problems.filter { $0.severity == .error }.sorted()
    }

    /// The problems, one a line.
    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
